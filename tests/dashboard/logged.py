"""Reads every logged table whole, and plays the log back over it: what the log tells must be exactly what happened."""

from django.db import connection

from dashboard.models import RowChange

COUNTERS = ("version",)


def logged_tables() -> list[str]:
    """Every table that the change log watches."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'log_update' ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def computed_columns(table: str) -> list[str]:
    """Columns that the database computes: they are not logged."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attgenerated <> ''", [table])
        return [name for (name,) in cursor.fetchall()]


def everything(without: tuple[str, ...] = ()) -> dict[str, dict[int, dict]]:
    """All logged tables: {table: {id: columns}}, without columns that the database computes and those named."""
    state = {}
    with connection.cursor() as cursor:
        for table in logged_tables():
            cursor.execute(f"SELECT id, to_jsonb(t) - %s::text[] FROM {table} t", [[*computed_columns(table), *without]])
            state[table] = {key: RowChange._meta.get_field("before").from_db_value(row, None, connection) for key, row in cursor.fetchall()}
    return state


def newest_entry() -> int:
    """Id of the last entry of the log."""
    return RowChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def assert_log_tells(before: dict, after: dict, since: int) -> int:
    """Play the entries newer than `since` back from `after`: they must lead to `before`, row by row. Returns how many rows they are."""
    state, rows = {table: dict(content) for table, content in after.items()}, 0
    for entry in RowChange.objects.filter(pk__gt=since).order_by("-pk"):
        rows += entry.last_id - entry.row_id + 1
        if entry.operation == "I":
            for row_id in range(entry.row_id, entry.last_id + 1):
                del state[entry.table][row_id]
        elif entry.operation == "D":
            state[entry.table][entry.row_id] = entry.before
        else:
            now = state[entry.table][entry.row_id]
            assert all(now[name] == value for name, value in entry.after.items())
            state[entry.table][entry.row_id] = now | entry.before
    assert state == before
    return rows
