"""Work that goes on behind a page: how far it has come, whether somebody still does it, and whether it is to stop."""

from datetime import timedelta

from django.db import connection

from .models import Import, UndoRun

PATIENCE = timedelta(seconds=10)  # a task may wait this long for the worker before its silence means something


class StoppedError(Exception):
    """Somebody asked for the work to stop; nothing of it stays."""


class Progress:
    """Tells how far work on a record has come, on a connection of its own: the work's own transaction shows nothing before its end.

    Another connection keeps an advisory lock in an open transaction while the work lasts; a killed process loses it, and the page can say
    so. Both ways are such that a transaction pooler in between changes nothing.
    """

    def __init__(self, record: Import | UndoRun):
        self.record = record
        self.table = record._meta.db_table
        self.stop = "stop_asked" if hasattr(record, "stop_asked") else "false"
        self.teller, self.keeper = connection.copy(), connection.copy()

    def __enter__(self):
        self.keeper.set_autocommit(autocommit=False)
        with self.keeper.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s::regclass::oid::integer, %s)", [self.table, self.record.pk])
        return self

    def __exit__(self, *_):
        self.teller.close()
        self.keeper.close()

    def tell(self, **values) -> None:
        """Write columns of the record, for whoever looks. Raises StoppedError when the record says that somebody wants it to stop."""
        assignments = ", ".join(f"{name} = %s" for name in values)
        statement = f"UPDATE {self.table} SET {assignments} WHERE id = %s RETURNING {self.stop}"  # noqa: S608 - our own names
        with self.teller.cursor() as cursor:
            cursor.execute(statement, [*values.values(), self.record.pk])
            found = cursor.fetchone()
        if found and found[0]:
            raise StoppedError


def is_worked_on(record: Import | UndoRun) -> bool:
    """Whether some process holds the lock of this record right now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s::regclass AND objid = %s AND granted
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))""",
            [record._meta.db_table, record.pk],
        )
        return cursor.fetchone()[0]
