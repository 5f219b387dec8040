"""Brings an installation up to date: what every start does before it serves, and cheap when there is nothing to do."""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from dashboard import signin

OLDEST_POSTGRESQL = 150_000
PREPARATION_LOCK = 7_305_002  # any number that nothing else locks


class Command(BaseCommand):
    """Check the server, migrate, load the sample company into an empty database, collect static files."""

    help = "Brings database and static files up to date; says on standard output only what is asked for."
    requires_system_checks = []  # they are for developers and cost a start half a second

    def add_arguments(self, parser):
        """Say what the start needs differently."""
        parser.add_argument("--empty", action="store_true", help="do not load the sample company into an empty database")
        parser.add_argument("--link", action="store_true", help="print the path of a fresh sign-in link")

    def handle(self, *, empty: bool, link: bool, **options):
        """Do what is needed, one machine at a time."""
        check_server()
        with alone():
            migrate()
            if not empty:
                call_command("demo", "--if-empty", stdout=sys.stderr)
        collect_static_files()
        if link:
            self.stdout.write(sign_in_path())


def check_server() -> None:
    """Refuse a database server that would lose or garble data."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),"
            " current_setting('fsync'), current_setting('full_page_writes')"
        )
        version, encoding, fsync, full_page_writes = cursor.fetchone()
    if version < OLDEST_POSTGRESQL:
        raise CommandError(f"The database server is PostgreSQL {version // 10_000}; Tallyboard needs 15 or newer.")
    if encoding != "UTF8":
        raise CommandError(f"The database is encoded in {encoding}; Tallyboard needs one created with ENCODING 'UTF8'.")
    if "off" in {fsync, full_page_writes}:
        raise CommandError("The database server runs with fsync or full_page_writes off and would lose data in a crash: turn both on.")


@contextmanager
def alone() -> Iterator[None]:
    """Keep other machines from preparing the same database meanwhile: a lock in a transaction of its own, which a pooler keeps together."""
    keeper = connection.copy()
    try:
        keeper.set_autocommit(autocommit=False)
        with keeper.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PREPARATION_LOCK])
        yield
    finally:
        keeper.close()


def migrate() -> None:
    """Apply pending migrations; asking first saves the work that migrate does even with none."""
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        say(f"Bringing the database up to date: {len(pending)} migrations …")
        call_command("migrate", interactive=False, verbosity=0)


def collect_static_files() -> None:
    """Collect static files when any of them, or the code that names them, changed since the last time."""
    stamp = Path(settings.STATIC_ROOT) / ".stamp"
    digest = hashlib.sha256(settings.STATIC_STORAGE.encode())
    for finder in get_finders():
        for path, storage in finder.list(ignore_patterns=None):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    if not stamp.exists() or stamp.read_text() != digest.hexdigest():
        say("Collecting static files …")
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(digest.hexdigest())


def sign_in_path() -> str:
    """A one-time link for an administrator, or the one that makes the first; the sign-in page when all of them are barred."""
    administrator = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    if administrator or signin.awaits_first_administrator():
        return signin.make_link(administrator)
    return reverse("accounts:login")


def say(sentence: str) -> None:
    """Tell a person who waits; standard output is for answers."""
    print(sentence, file=sys.stderr, flush=True)
