"""Taking a change set back: the log read backwards, set by set, never over what somebody did later.

Undo is itself a change set, so it is logged like any other and can be taken back in turn. Rows that cannot be restored without overwriting
somebody's later work, or without breaking a rule of the database, stay as they are and are told one by one.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import batched, groupby

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from psycopg import sql

from .changes import change_set
from .models import ChangeSet, ExactDecoder, Operation, RowChange

BATCH = 5_000
STRETCH = 20_000  # added rows that go in one statement
MANY_ROWS = 10_000  # from here on the planner needs new statistics
VERSION = "version"  # counts edits of a row; it goes on counting through an undo, so that no stale form ever fits again


class AlreadyUndoneError(Exception):
    """Somebody has taken this change set back before."""


@dataclass(frozen=True)
class Conflict:
    """A row that an undo left alone. `fields` maps each field to (before, what this change made of it, what it is now)."""

    table: str
    row_id: int
    reason: str
    fields: dict[str, tuple] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What an undo did: its own change set, the rows it restored, and those it left alone."""

    change: ChangeSet
    restored: int
    conflicts: list[Conflict]


# Tables whose added rows are taken back in a way of their own: table -> function(entries, user) -> (rows restored, conflicts).
INVERSES: dict[str, Callable] = {}


def rows_in(target: ChangeSet) -> int:
    """How many rows a set changed, counting a row again for each time."""
    return target.rows.aggregate(rows=Coalesce(Sum(F("last_id") - F("row_id") + 1), 0))["rows"]


def undo(
    target: ChangeSet, user, *, watch: Callable[[int], None] | None = None, finish: Callable[[int, list[Conflict]], None] | None = None
) -> Outcome:
    """Take `target` back as `user`: what still can be, and is not already. Raises AlreadyUndoneError when nothing is left to do.

    Two people who undo the same set at once take turns at its row; the second finds everything done. `watch` is told again and again how
    many rows were looked at; `finish` gets the rows restored and the conflicts, inside the transaction.
    """
    with change_set(user, "change.undone", f"undid “{target.sentence}”", undo_of=target) as change:
        target = ChangeSet.objects.select_for_update().get(pk=target.pk)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # so that a broken rule shows at its own statement
        restored, seen, conflicts, due = 0, 0, [], MANY_ROWS
        for entries in batches(target):
            count, refused = take_back(entries, user)
            restored += count
            conflicts += refused
            seen += sum(entry.last_id - entry.row_id + 1 for entry in entries)
            if seen >= due:
                take_stock(target)
                due = 4 * seen
            if watch:
                watch(seen)
        if not restored and not conflicts:
            raise AlreadyUndoneError
        change.count = restored
        if not conflicts:
            ChangeSet.objects.filter(pk=target.pk).update(undone=True)
            ChangeSet.objects.filter(pk=target.undo_of_id).update(undone=False)
        if finish:
            finish(restored, conflicts)
    return Outcome(change, restored, conflicts)


def take_stock(target: ChangeSet) -> None:
    """Tell the planner how much this transaction has changed: plans made for empty tables would read them whole for every row."""
    with connection.cursor() as cursor:
        for table in target.rows.order_by().values_list("table", flat=True).distinct():
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def batches(target: ChangeSet) -> Iterator[list[RowChange]]:
    """Entries newest first, in runs of the same table, operation and fields, so that each run is one statement.

    A row occurs once in a run: the statement that changed it a second time began another entry of the same fields only after its first.
    What the rows were before stays in the database, where the statements read it.
    """
    entries = target.rows.defer("before").order_by("-pk").iterator(chunk_size=BATCH)

    def shape(entry):
        return entry.table, entry.operation, tuple(sorted(entry.after or ()))

    for (_, operation, _), run in groupby(entries, key=shape):
        if operation == Operation.INSERT:
            yield from ([stretch] for entry in run for stretch in stretches(entry))
            continue
        for group in batched(run, BATCH, strict=False):
            yield from without_repeats(group)


def stretches(entry: RowChange) -> Iterator[RowChange]:
    """An entry of many added rows as several of few, the latest rows first: earlier ones may be referred to by them."""
    for last in range(entry.last_id, entry.row_id - 1, -STRETCH):
        first = max(entry.row_id, last - STRETCH + 1)
        yield entry if (first, last) == (entry.row_id, entry.last_id) else part(entry, first, last)


def part(entry: RowChange, first: int, last: int) -> RowChange:
    """The same entry of added rows, about some of them."""
    return RowChange(pk=entry.pk, change_set_id=entry.change_set_id, table=entry.table, operation=entry.operation, row_id=first, last_id=last)


def without_repeats(entries) -> Iterator[list[RowChange]]:
    """The same entries in the same order, cut wherever a row would come twice."""
    seen, current = set(), []
    for entry in entries:
        if entry.row_id in seen:
            yield current
            seen, current = set(), []
        seen.add(entry.row_id)
        current.append(entry)
    if current:
        yield current


def take_back(entries: list[RowChange], user) -> tuple[int, list[Conflict]]:
    """Take a run back; where a rule of the database refuses the run, in smaller parts, so that only the offending rows stay."""
    first = entries[0]
    if first.operation == Operation.INSERT and first.table in INVERSES:
        return INVERSES[first.table](entries, user)
    inverse = {Operation.INSERT: remove, Operation.UPDATE: restore, Operation.DELETE: bring_back}[first.operation]
    try:
        with transaction.atomic():
            return inverse(entries)
    except IntegrityError as error:
        if len(entries) == 1 and first.row_id == first.last_id:
            reason = getattr(getattr(error.__cause__, "diag", None), "message_detail", None) or "a rule of the database forbids it"
            return 0, [Conflict(first.table, first.row_id, reason)]
    if len(entries) == 1:
        middle = (first.row_id + first.last_id) // 2
        entries = [part(first, middle + 1, first.last_id), part(first, first.row_id, middle)]
    outcomes = [take_back([entry], user) for entry in entries]
    return sum(count for count, _ in outcomes), [conflict for _, conflicts in outcomes for conflict in conflicts]


RESTORE = """
WITH wanted AS (SELECT row_id, before, after FROM dashboard_rowchange WHERE id = ANY(%(entries)s))
UPDATE {table} t SET {assignments}
FROM wanted w WHERE t.id = w.row_id AND NOT EXISTS (
    SELECT 1 FROM jsonb_each(w.after) a WHERE a.key <> 'version' AND to_jsonb(t) -> a.key IS DISTINCT FROM a.value)
RETURNING t.id
"""


def restore(entries: list[RowChange]) -> tuple[int, list[Conflict]]:
    """Give changed rows their fields back, where these still are what the change made of them."""
    table = entries[0].table
    names = [name for name in entries[0].after if name != VERSION and name in columns(table)]
    assignments = [
        sql.SQL("{name} = (jsonb_populate_record(NULL::{table}, w.before)).{name}").format(name=sql.Identifier(name), table=sql.Identifier(table))
        for name in names
    ]
    if VERSION in columns(table):
        assignments.append(sql.SQL("version = t.version + 1"))
    done = run(RESTORE, table, entries=[entry.pk for entry in entries], assignments=sql.SQL(", ").join(assignments))
    return len(done), conflicts_of([entry for entry in entries if entry.row_id not in done])


BRING_BACK = """
INSERT INTO {table} ({columns})
SELECT {values} FROM dashboard_rowchange w CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, w.before) r
WHERE w.id = ANY(%(entries)s) ORDER BY w.id DESC
ON CONFLICT DO NOTHING RETURNING id
"""


def bring_back(entries: list[RowChange]) -> tuple[int, list[Conflict]]:
    """Insert deleted rows again, with their ids, where nothing has taken their place."""
    table = entries[0].table
    names = [sql.Identifier(name) for name in columns(table)]
    values = sql.SQL(", ").join(sql.SQL("r.{}").format(name) for name in names)
    done = run(BRING_BACK, table, entries=[entry.pk for entry in entries], columns=sql.SQL(", ").join(names), values=values)
    left = whole([entry for entry in entries if entry.row_id not in done])
    now = rows_now(table, [entry.row_id for entry in left])
    back = {entry.row_id for entry in left if same(entry.before, now.get(entry.row_id))}
    return len(done), [Conflict(table, entry.row_id, "another row has taken its place") for entry in left if entry.row_id not in back]


CHANGED_SINCE = """
WITH later AS (
    SELECT c.row_id, b.key, (array_agg(b.value ORDER BY c.id))[1] AS original
    FROM dashboard_rowchange c CROSS JOIN LATERAL jsonb_each(c.before) b
    WHERE c."table" = %(name)s AND c.operation = 'U' AND c.row_id BETWEEN %(first)s AND %(last)s AND c.id > %(entry)s AND b.key <> 'version'
    GROUP BY 1, 2)
SELECT DISTINCT t.id FROM {table} t JOIN later ON later.row_id = t.id
WHERE to_jsonb(t) -> later.key IS DISTINCT FROM later.original
"""
REFERRED = "SELECT DISTINCT {column} FROM {table} WHERE {column} BETWEEN %(first)s AND %(last)s"
REMOVE = "DELETE FROM {table} WHERE id BETWEEN %(first)s AND %(last)s AND id <> ALL(%(kept)s) RETURNING id"


def remove(entries: list[RowChange]) -> tuple[int, list[Conflict]]:
    """Delete added rows again, but neither those edited since nor those that other rows have come to need."""
    removed, conflicts = 0, []
    for entry in entries:
        bounds = {"first": entry.row_id, "last": entry.last_id}
        kept = dict.fromkeys(run(CHANGED_SINCE, entry.table, name=entry.table, entry=entry.pk, **bounds), "it was changed later")
        for child, column in references(entry.table):
            kept |= dict.fromkeys(referring(child, column, **bounds), f"it is used by {child.split('_', 1)[-1]} rows")
        removed += len(run(REMOVE, entry.table, kept=list(kept), **bounds))
        conflicts += [Conflict(entry.table, row_id, reason) for row_id, reason in sorted(kept.items())]
    return removed, conflicts


def conflicts_of(entries: list[RowChange]) -> list[Conflict]:
    """Why changed rows were left alone, with before, mine and theirs for each field; rows that are already as before are no conflict."""
    entries = whole(entries)
    now = rows_now(entries[0].table, [entry.row_id for entry in entries]) if entries else {}
    conflicts = []
    for entry in entries:
        row = now.get(entry.row_id)
        if row is None:
            conflicts.append(Conflict(entry.table, entry.row_id, "it was deleted later"))
        elif not same(entry.before, row):
            fields = {name: (entry.before[name], entry.after[name], row.get(name)) for name in entry.before if name != VERSION}
            conflicts.append(Conflict(entry.table, entry.row_id, "it was changed later", fields))
    return conflicts


def whole(entries: list[RowChange]) -> list[RowChange]:
    """The same entries with what the rows were before."""
    found = RowChange.objects.in_bulk([entry.pk for entry in entries])
    return [found[entry.pk] for entry in entries]


def rows_now(table: str, ids: list[int]) -> dict[int, dict]:
    """Rows as they are, each as the log would write it."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT t.id, to_jsonb(t) FROM {} t WHERE id = ANY(%s)").format(sql.Identifier(table)), [ids])
        return {row_id: json.loads(row, cls=ExactDecoder) for row_id, row in cursor.fetchall()}


def same(before: dict, row: dict | None) -> bool:
    """Whether a row already has the values that an undo would give it."""
    return row is not None and all(row.get(name) == value for name, value in before.items() if name != VERSION)


def referring(child: str, column: str, *, first: int, last: int) -> set[int]:
    """Ids between `first` and `last` that rows of `child` point to."""
    return run(REFERRED, child, column=sql.Identifier(column), first=first, last=last)


def run(template: str, table: str, **values) -> set[int]:
    """Execute one statement whose table, and any other identifier, is composed safely; the ids that it returns."""
    parts = {name: value for name, value in values.items() if isinstance(value, sql.Composable)}
    parameters = {name: value for name, value in values.items() if name not in parts}
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(template).format(table=sql.Identifier(table), **parts), parameters)
        return {row_id for (row_id,) in cursor.fetchall()}


@cache
def columns(table: str) -> tuple[str, ...]:
    """Columns of a table that can be written, in its own order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT attname FROM pg_attribute
               WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum""",
            [table],
        )
        return tuple(name for (name,) in cursor.fetchall())


@cache
def references(table: str) -> tuple[tuple[str, str], ...]:
    """(table, column) of every foreign key that points to `table`, except from rows that the database lets go with the row they belong to."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c
               JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
               WHERE c.contype = 'f' AND c.confrelid = %s::regclass AND c.confdeltype <> 'c' ORDER BY 1, 2""",
            [table],
        )
        return tuple(cursor.fetchall())
