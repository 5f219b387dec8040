"""The data sets: databases of one cluster, made when absent, used in turn by this process, copied where something is written."""

import time
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from unittest import mock

import psycopg
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection, connections
from django.db.utils import load_backend
from django.test import Client
from django.utils import timezone

from dashboard import memory
from dashboard.changes import change_set
from dashboard.periods import Period
from jobs import demo as jobs_demo
from sales import demo, rollups
from sales.known import Known
from sales.models import OrderLine

SMALLER, BIGGER = "1M", "50M"  # the same products, customers and days as L, a tenth of the lines and five times as many
SIZES = {SMALLER: demo.Size(1_000_000, 200_000, 5_000, **demo.BIG), BIGGER: demo.Size(50_000_000, 200_000, 5_000, **demo.BIG)}
COPIES = dict.fromkeys(SIZES, 1)
NAME = "benchmark"
OURS = "bench_"  # databases that are the benchmark's own, to be changed and dropped
CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
PATIENCE = 3  # seconds; a closed connection takes a moment to go
_kept = {}


@dataclass
class Setting:
    """What a run is about: the data set that is read, how many rounds, and what it needs besides."""

    size: str
    database: str
    rounds: int
    quick: bool
    minutes: float
    pause: float = 0
    notes: list[str] = field(default_factory=list)
    _scratch: str = ""

    def client(self, database: str = "") -> Client:
        """A signed-in browser, with that data set in use."""
        use(database or self.database)
        user, _ = User.objects.get_or_create(username=NAME, defaults={"email": f"{NAME}@example.com"})
        user.groups.set(Group.objects.filter(name__in=["Managers", "Recruiters"]))
        client = Client()
        client.force_login(user, backend="dashboard.sessions.Backend")
        return client

    @cached_property
    def recorded(self) -> Period:
        """From the first to the last day of the data set that is read."""
        use(self.database)
        return Known.read().recorded

    @cached_property
    def lines(self) -> int:
        """Order lines of the data set that is read."""
        use(self.database)
        return OrderLine.objects.count()

    def smaller(self) -> str:
        """The data set with a tenth of the lines and the same products and days."""
        return ready(SMALLER, f"{OURS}{SMALLER.lower()}", last=self.recorded.last)

    def scratch(self) -> str:
        """A copy to write into, the same for the whole run; of the set M where somebody else is using the one that is read."""
        if not self._scratch:
            source = self.database
            if others(source):
                self.notes.append(f"Somebody else is connected to {source}: what writes was measured in a copy of size M.")
                source = ready("M", f"{OURS}m")
            self._scratch = ready("", copy_of(source, f"{OURS}scratch"))
        return self._scratch

    def close(self) -> None:
        """Drop the copy."""
        if self._scratch:
            drop(self._scratch)


def use(name: str) -> None:
    """Send every query of this process to a database from here on; each keeps its connection, so that turning costs nothing."""
    settings = connections.settings["default"]
    if settings["NAME"] != name or name not in _kept:
        settings["NAME"] = name  # new threads read it here
        if name not in _kept:
            _kept[name] = load_backend(settings["ENGINE"]).DatabaseWrapper(dict(settings), "default")
        connections["default"] = _kept[name]
        memory._values.clear()


def let_go(name: str) -> None:
    """Close our own connection to a database."""
    if name in _kept:
        _kept.pop(name).close()


def server() -> psycopg.Connection:
    """A connection for making and dropping databases."""
    settings = connections.settings["default"]
    return psycopg.connect(host=settings["HOST"], port=settings["PORT"], user=settings["USER"], dbname="postgres", autocommit=True)


def exists(name: str) -> bool:
    """Whether there is such a database."""
    with server() as admin:
        return bool(admin.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount)


def others(name: str) -> int:
    """Connections to a database that are not ours, once the server has let go of our own."""
    let_go(name)
    deadline = time.monotonic() + PATIENCE
    with server() as admin:
        while found := admin.execute(CONNECTED, [name]).fetchone()[0]:
            if time.monotonic() > deadline:
                break
            time.sleep(0.2)
    return found


def drop(name: str) -> None:
    """Remove a database of ours. Without force: that would stop at a vacuum of the server's, which otherwise makes way by itself."""
    let_go(name)
    with server() as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}"')


def copy_of(source: str, name: str) -> str:
    """A new copy of a database nobody is connected to."""
    drop(name)
    let_go(source)
    with server() as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY FILE_COPY')
    return name


def empty(name: str) -> str:
    """A new database with our tables and nothing in them."""
    drop(name)
    with server() as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    use(name)
    call_command("migrate", verbosity=0)
    return name


def ready(size: str, name: str, *, last: date | None = None) -> str:
    """The sample company of a size in a database, made when absent; its last day is today unless said. One of ours is brought up to date."""
    if exists(name):
        use(name)
        if name.startswith(OURS):
            call_command("migrate", verbosity=0)
    else:
        print(f"Making the data set {size} in {name} …", flush=True)
        empty(f"{name}_new")
        try:
            _fill(size, last)
        finally:
            let_go(f"{name}_new")
        with server() as admin:
            admin.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')
    use(name)
    rollups.refresh()
    return name


def _fill(size: str, last: date | None) -> None:
    now = timezone.localtime()
    if last and last != now.date():
        now = timezone.make_aware(datetime.combine(last, datetime.max.time()))
    with mock.patch.dict(demo.SIZES, SIZES), mock.patch.dict(jobs_demo.COPIES, COPIES), change_set(None, "demo.loaded", f"benchmark {size}"):
        demo.build(size=size, seed=1, now=now)
        jobs_demo.build(size=size, seed=1, now=now)
    rollups.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
