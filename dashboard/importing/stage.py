"""The staging table of one import, with the problems of its rows, and the statements every entity shares. Lives as long as a transaction."""

import json
from collections.abc import Iterable
from itertools import batched

from django.db import connection
from django.db.models import GeneratedField, Model

from .copying import NULL, copy_text

MANY_ROWS = 10_000
GROWN = """
SELECT string_agg(oid::regclass::text, ', ') FROM pg_class WHERE oid = ANY(%s::text[]::regclass[]) AND pg_stat_get_xact_tuples_inserted(oid) > 0
    AND pg_stat_get_xact_tuples_inserted(oid) > least(greatest(reltuples, 0) / 10, %s)
"""
TABLE = "import_stage"
BLOCK = 500  # rows sent at once
LOCK = 7_201_405  # any number of our own: the advisory lock that lets one import run at a time


class Stage:
    """Rows of a file as typed columns, one for each field of the entity (null where the file has none), and `problems` (null: none).

    Statements name the table `import_stage`; it is a temporary table, seen by this connection alone.
    """

    def __init__(self, entity, plan):
        self.plan = plan
        self.given = plan.given
        self.fields = [item.name for item in entity.fields]
        columns = ", ".join(f"{item.name} {item.kind.sql_type}" for item in entity.fields)
        # Sorting and hashing half a million rows is worth more memory than a page's query gets; both end with the transaction.
        self.run("SET LOCAL statement_timeout = 0")
        self.run("SET LOCAL work_mem = '64MB'")
        # Two imports writing the same customers in different orders would wait for each other for ever.
        self.run("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        self.run(f"DROP TABLE IF EXISTS pg_temp.{TABLE}")
        self.run(f"CREATE TEMPORARY TABLE {TABLE} (line integer NOT NULL, problems jsonb, {columns}) ON COMMIT DROP")

    def columns(self, of_fields: dict[str, tuple[str, str]]) -> dict[str, str]:
        """Return column: expression for the fields the file has, of {field: (column, expression)}; the others stay as they are."""
        return dict(pair for name, pair in of_fields.items() if name in self.given)

    def run(self, sql: str, params: Iterable = ()) -> int:
        """Run a statement; returns how many rows it touched."""
        with connection.cursor() as cursor:
            cursor.execute(sql, list(params) or None)
            return cursor.rowcount

    def rows(self, sql: str, params: Iterable = ()) -> list[tuple]:
        """Return all rows of a query that has few."""
        with connection.cursor() as cursor:
            cursor.execute(sql, list(params) or None)
            return cursor.fetchall()

    def one(self, sql: str, params: Iterable = ()):
        """Return the single value of a query."""
        return self.rows(sql, params)[0][0]

    def copy(self, rows: Iterable[tuple]) -> None:
        """Stream rows (line, problems, COPY texts) into the table."""
        names = ", ".join(name for name, _, _ in self.plan.readers)
        lines = (
            "\t".join((str(line), NULL if problems is None else copy_text(json.dumps(problems)), *texts)) + "\n" for line, problems, texts in rows
        )
        with connection.cursor() as cursor, cursor.copy(f"COPY {TABLE} (line, problems, {names}) FROM STDIN") as copy:
            for block in batched(lines, BLOCK, strict=False):
                copy.write("".join(block))
        # Looked up by its key again and again, by plans made before the planner knows what this transaction writes.
        self.run(f"CREATE INDEX ON {TABLE} ({self.fields[0]})")
        self.run(f"ANALYZE {TABLE}")

    def fill(self, table: str, rows: Iterable[tuple]) -> None:
        """Stream rows into a temporary table of the entity's own."""
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        self.run(f"ANALYZE {table}")

    def learn(self, *tables: str) -> None:
        """Let the planner see what this transaction wrote, where that is much beside what it knew.

        It takes a table that was once seen empty for one with a single row, however it grew since, and joins such tables row by row.
        """
        grown = self.one(GROWN, [list(tables), MANY_ROWS])
        if grown:
            self.run(f"ANALYZE {grown}")

    def refuse(self, field: str, where: str, reason: str, params: Iterable = ()) -> int:
        """Add a problem to every staged row for which `where` holds. `reason` is an SQL expression; both may speak of the row as s."""
        value = f"s.{field}::text" if field else "''"
        problem = f"jsonb_build_object('field', '{field}', 'value', coalesce({value}, ''), 'reason', {reason})"
        return self.run(f"UPDATE {TABLE} s SET problems = coalesce(s.problems, '[]') || {problem} WHERE {where}", params)  # noqa: S608

    def refuse_differing_repeats(self, key: str, fields: Iterable[str]) -> None:
        """Refuse rows whose key stood in an earlier row with other values, naming that row; equal repeats stay."""
        ours = ", ".join(f"s.{name}" for name in fields)
        first = ", ".join(f"first.{name}" for name in fields)
        self.run(
            f"""
            UPDATE {TABLE} s SET problems = coalesce(s.problems, '[]') || jsonb_build_object(
                'field', '{key}', 'value', s.{key}::text, 'reason', 'stands in line ' || first.line || ' already, with other values')
            FROM (SELECT DISTINCT ON ({key}) * FROM {TABLE} WHERE {key} IS NOT NULL ORDER BY {key}, line) first
            WHERE first.{key} = s.{key} AND first.line < s.line AND ({ours}) IS DISTINCT FROM ({first})
            """  # noqa: S608
        )

    def upsert(
        self,
        model: type[Model],
        key: str,
        columns: dict[str, str],
        source: str,
        *,
        once: dict[str, str] | None = None,
        touch: dict[str, str] | None = None,
        keep: str = "",
    ) -> tuple[int, int]:
        """Create rows of `model` or bring them to what is staged; rows that are so already are not touched. Returns (created, updated).

        `columns` maps column names to SQL expressions over `source`, a FROM clause; `once` does so for new rows only. `touch` has
        expressions over t, the row as it was, for columns that change along with the others. What new rows need beyond these are
        the model's own defaults. `keep` is the name of a temporary table to be made of the ids of the created rows.
        """
        changing, touch = [name for name in columns if name != key], touch or {}
        columns, params = {**columns, **(once or {})}, []
        for item in model._meta.concrete_fields:
            if not item.primary_key and not isinstance(item, GeneratedField) and item.column not in columns and not item.null:
                columns[item.column] = "%s"
                params.append(item.get_db_prep_save(item.pre_save(model(), add=True), connection))
        table = model._meta.db_table
        ours = ", ".join(f"t.{name}" for name in changing)
        new = ", ".join(f"excluded.{name}" for name in changing)
        updating = (
            f"UPDATE SET ({', '.join([*changing, *touch])}) = ROW({', '.join([new, *touch.values()])}) WHERE ({ours}) IS DISTINCT FROM ({new})"
            if changing
            else "NOTHING"
        )
        if keep:
            self.run(f"DROP TABLE IF EXISTS pg_temp.{keep}")
            self.run(f"CREATE TEMPORARY TABLE {keep} (id bigint NOT NULL) ON COMMIT DROP")
        kept = f", kept AS (INSERT INTO {keep} SELECT id FROM written WHERE created)" if keep else ""  # noqa: S608
        counts = self.rows(
            f"""
            WITH written AS (
                INSERT INTO {table} AS t ({", ".join(columns)}) SELECT DISTINCT ON ({columns[key]}) {", ".join(columns.values())} FROM {source}
                ORDER BY {columns[key]}
                ON CONFLICT ({key}) DO {updating}
                RETURNING t.{model._meta.pk.column} AS id, t.xmax = 0 AS created
            ){kept} SELECT count(*) FILTER (WHERE created), count(*) FILTER (WHERE NOT created) FROM written
            """,  # noqa: S608
            params,
        )
        if keep:
            self.run(f"ANALYZE {keep}")
        return counts[0]
