"""An installation in a folder of its own, started and stopped for real: processes, ports and a cluster, no mocks."""

import http.client
import http.cookiejar
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

BASE = Path(__file__).resolve().parent.parent.parent
PATIENCE = 120  # seconds; generous, for machines that do other things as well
CONFIGURATION = ("DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "TIME_ZONE", "CURRENCY", "DATA_DIR", "REPLICA_URL", "EMAIL_URL", "SECURE", "DEBUG")


def eventually(condition, patience: float = PATIENCE):
    """Wait for a condition and return what it gave."""
    deadline = time.monotonic() + patience
    while not (value := condition()):
        assert time.monotonic() < deadline, f"gave up waiting for {condition}"
        time.sleep(0.1)
    return value


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Browser:
    """Just enough of one: cookies, forms, redirects."""

    def __init__(self) -> None:
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def get(self, url: str, data: bytes | None = None):
        """Open a page and return its status, its text and the address where we ended."""
        try:
            with self.opener.open(url, data, timeout=30) as response:
                return response.status, response.read().decode(), response.url
        except urllib.error.HTTPError as response:
            return response.status, response.read().decode(), url

    def submit(self, url: str, **fields: str):
        """Fill in the form of a page and send it."""
        _, text, _ = self.get(url)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
        return self.get(url, urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode())


class Installation:
    """One DATA_DIR and the programs started on it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.log = data_dir.with_suffix(".log")
        self.server: subprocess.Popen | None = None

    def environment(self, **changes: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in CONFIGURATION and not name.startswith("DJANGO_")}
        return {**kept, "DATA_DIR": str(self.data_dir), **changes}

    def run(self, *arguments: str, patience: float = PATIENCE, **changes: str) -> subprocess.CompletedProcess:
        """Run a command to its end."""
        command = [sys.executable, str(BASE / "run.py"), *arguments]
        return subprocess.run(
            command, env=self.environment(**changes), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=patience, check=False
        )

    def start(self, *arguments: str, **changes: str) -> None:
        """Start serving and wait for both lines."""
        command = [sys.executable, str(BASE / "run.py"), "--port", str(self.port), *arguments]
        with self.log.open("w") as log:
            self.server = subprocess.Popen(
                command, env=self.environment(**changes), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        eventually(lambda: self.server.poll() is not None or self.said("Sign in"))
        assert self.server.poll() is None, self.log.read_text()

    def said(self, what: str) -> str | None:
        """What the server printed after `what: ` on a line of its own."""
        line = re.search(rf"^{what}: (\S+)$", self.log.read_text(), re.MULTILINE)
        return line and line[1]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Signal the server and wait for its end."""
        self.server.send_signal(number)
        return self.server.wait(PATIENCE)

    def processes(self) -> list[psutil.Process]:
        """Everything alive that belongs to this DATA_DIR, by its environment or its command line."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.status() == psutil.STATUS_ZOMBIE or process.pid == os.getpid():
                    continue
                if process.environ().get("DATA_DIR") == str(self.data_dir) or str(self.data_dir) in " ".join(process.cmdline()):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def status(self, path: str) -> int | None:
        """The status of a page, or None when nothing listens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None

    def postmaster(self) -> int | None:
        file = self.data_dir / "postgres" / "postmaster.pid"
        return int(file.read_text().split()[0]) if file.exists() else None

    def assert_nothing_left(self) -> None:
        """Killed processes may take a moment to go."""
        deadline = time.monotonic() + 20
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert [process.as_dict(["pid", "ppid", "status", "cmdline"]) for process in left] == []


@contextmanager
def own_folder():
    """A folder outside pytest's own, which each run of pytest closes to other accounts: as root, the cluster has another one."""
    folder = Path(tempfile.mkdtemp(prefix="tallyboard-ops-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def installation():
    """One installation for the tests of a file: each test leaves it stopped, and the data stays."""
    with own_folder() as folder:
        place = Installation(folder / "data")
        yield place
        for process in place.processes():
            process.kill()


@pytest.fixture
def served(installation):
    """The installation, serving; stopped afterwards."""
    installation.start("--empty")
    yield installation
    if installation.server.poll() is None:
        installation.stop()
