"""A worker that is killed at any moment of an import from the page leaves all rows or none; the page says which, and the work is taken up again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from dashboard.import_files import folder
from dashboard.import_tasks import check_import
from dashboard.models import ChangeSet, Import, ImportState
from sales.models import Order, OrderLine

pytestmark = pytest.mark.django_db(transaction=True)
BASE = Path(__file__).resolve().parent.parent.parent
ROWS = 20_000
HEADER = "number,placed_at,customer,sku,quantity,unit_price\n"


WORKER = "worker of a test"  # how the server knows its connections: those of a live test server stay


def environment() -> dict[str, str]:
    """A process's own way to the tests' database."""
    database = connection.settings_dict
    host = quote(database["HOST"], safe="")
    address = f"postgresql://{database['USER']}:{quote(database['PASSWORD'] or '', safe='')}@{host}:{database['PORT']}/{database['NAME']}"
    ours = {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "dashboard.settings", "DATA_DIR": str(configured.DATA_DIR), "PGAPPNAME": WORKER}
    return {**os.environ, **ours}


@pytest.fixture
def worker():
    """Start workers: worker() gives a process of its own; all are gone in the end."""
    started = []

    def start():
        process = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=BASE, env=environment())
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def imported(manager_client, settings):
    """An import that was checked and is now waiting for a worker."""
    rows = "".join(f"{n // 4},2026-01-{n // 4 % 28 + 1:02},{n // 4 % 500},P{n % 300},{n % 9 + 1},9.99\n" for n in range(ROWS))
    manager_client.post("/imports/", {"entity": "sales", "file": SimpleUploadedFile("sales.csv", (HEADER + rows).encode())})
    record = Import.objects.get()
    Import.objects.update(state=ImportState.CHECKING)
    check_import.func(record.pk)
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    yield record
    (folder() / record.stored_as).unlink(missing_ok=True)


def until(condition: Callable[[], object], words: str, seconds: int = 60) -> None:
    """Wait for something; `words` say what did not happen."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, words
        time.sleep(0.01)


def at_work(pattern: str) -> bool:
    """Whether another connection runs a statement like this."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'
               AND query LIKE %s)""",
            [pattern],
        )
        return cursor.fetchone()[0]


def nobody_left() -> bool:
    """Whether the server has noticed that the worker is gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s", [WORKER])
        return cursor.fetchone()[0] == 0


SLOW_COMMIT = """
CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON sales_channel DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow_commit();
"""


@pytest.fixture
def slow_commit(transactional_db):
    """Commits of new channels take two seconds: time enough to be killed in."""
    with connection.cursor() as cursor:
        cursor.execute(SLOW_COMMIT)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION slow_commit() CASCADE")


def kill(process, moment: Callable[[], object], words: str) -> None:
    """Kill a worker at a moment, and wait until the server has cleared up behind it."""
    until(moment, f"the worker never came to {words}")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    until(nobody_left, "the server keeps a connection of a killed worker")


def assert_all_or_nothing(record: Import, client) -> bool:
    """Whether all rows are there; the page must say the same."""
    record.refresh_from_db()
    lines, orders = OrderLine.objects.count(), Order.objects.count()
    assert (lines, orders) in {(0, 0), (ROWS, ROWS // 4)}
    assert ChangeSet.objects.filter(verb="import.applied").count() == bool(lines)
    if record.state == ImportState.IMPORTING:
        Import.objects.update(started_at=record.created_at.replace(year=2020))  # so that its silence means something
    page = client.get(record.get_absolute_url()).content.decode()
    said = "<h2>Imported</h2>" if lines else "Nothing of it was imported"
    assert said in page
    return bool(lines)


def assert_taken_up(record: Import, worker, client) -> None:
    """The next worker finishes what is left to do, once."""
    worker()
    until(lambda: Import.objects.get(pk=record.pk).state == ImportState.DONE, "the next worker does not finish the import")
    assert assert_all_or_nothing(record, client)


def test_killed_while_it_reads(imported, manager_client, worker):
    manager_client.post(f"/imports/{imported.pk}/apply/")
    kill(worker(), lambda: at_work("COPY import_stage%"), "reading")
    assert not assert_all_or_nothing(imported, manager_client)
    assert_taken_up(imported, worker, manager_client)


def test_killed_while_it_writes(imported, manager_client, worker):
    manager_client.post(f"/imports/{imported.pk}/apply/")
    kill(worker(), lambda: at_work("%INSERT INTO sales_orderline%"), "writing lines")
    assert not assert_all_or_nothing(imported, manager_client)
    assert_taken_up(imported, worker, manager_client)


def test_killed_while_it_commits(imported, manager_client, worker, slow_commit):
    words = {**Import.objects.get().words, "constants": {"channel": "Web shop"}}
    Import.objects.update(words=words)
    manager_client.post(f"/imports/{imported.pk}/apply/")
    kill(worker(), lambda: at_work("COMMIT"), "the commit")
    assert_all_or_nothing(imported, manager_client)  # which of the two is the server's to decide
    assert_taken_up(imported, worker, manager_client)


def test_killed_after_the_commit_before_it_tidied_up(imported, manager_client, worker):
    manager_client.post(f"/imports/{imported.pk}/apply/")
    holder = connection.copy()
    holder.set_autocommit(autocommit=False)
    try:
        with holder.cursor() as cursor:
            cursor.execute("LOCK TABLE dashboard_importproblem IN ACCESS EXCLUSIVE MODE")
        process = worker()
        until(lambda: at_work("%dashboard_importproblem%"), "the worker never came to tidying up")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    finally:
        holder.close()
    until(nobody_left, "the server keeps a connection of a killed worker")
    assert assert_all_or_nothing(imported, manager_client)
    assert_taken_up(imported, worker, manager_client)
