"""How the database is asked: any number of questions in one statement, which sees one state of the data."""
# ruff: noqa: S608 - questions are made of our own words; values travel beside them

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import Protocol

import psycopg
from django.db import connection, transaction


@dataclass(frozen=True)
class Sql:
    """A statement, or a part of one, with its values."""

    text: str
    values: tuple = ()


class Question(Protocol):
    """Anything that can say itself as SQL."""

    def sql(self) -> Sql:
        """One SELECT."""


def ask(questions: Mapping[str, Question]) -> tuple[dict[str, list[dict]], float]:
    """The rows of each question, and the milliseconds it took, all in one statement.

    Dates come as ISO text, sums as int.
    """
    parts = {name: question.sql() for name, question in questions.items()}
    lists = ", ".join(f"(SELECT json_agg(found) FROM ({part.text}) found)" for part in parts.values())
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lists}", [value for part in parts.values() for value in part.values])
        found = cursor.fetchone()
    took = (time.perf_counter() - started) * 1000
    return {name: _rows(rows) for name, rows in zip(parts, found, strict=True)}, took


def each(question: Question) -> Iterator[dict]:
    """The rows of a whole list, one by one, as `ask` gives them."""
    part = question.sql()
    with connection.cursor() as cursor:
        cursor.execute(part.text, part.values)
        names = [column.name for column in cursor.description]
        while rows := cursor.fetchmany(1000):
            for row in rows:
                yield dict(zip(names, row, strict=True))


class _OneByOne(psycopg.Cursor):
    """A cursor whose rows stay on their way until each is asked for: of large rows, only one is held at a time."""

    def execute(self, query, params=None):
        """Wait for the first row."""
        self.coming = self.stream(query, params, binary=True)
        self.rows = chain(list(islice(self.coming, 1)), self.coming)
        return self


def arrays(text: str, values: Sequence) -> Iterator[tuple]:
    """The rows of a statement as the server has them, one by one: arrays of bytes come without the detour over text, at half the time."""
    connection.ensure_connection()
    bare = _OneByOne(connection.connection)
    with (connection.make_debug_cursor if connection.queries_logged else connection.make_cursor)(bare) as cursor, connection.wrap_database_errors:
        cursor.execute(text, values)
        try:
            yield from bare.rows
        finally:
            bare.coming.close()  # cancels what nobody wants to see any more; the connection waits for it


@contextmanager
def one_state() -> Iterator[None]:
    """Let the statements inside see one state of the data; within a transaction already under way, it has to do."""
    if connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    database = connection.connection
    database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ  # the BEGIN says so, without a statement of its own
    try:
        with transaction.atomic():
            yield
    finally:
        if not database.closed:
            database.isolation_level = None


def _rows(found: Sequence | str | None) -> list[dict]:
    return json.loads(found) if isinstance(found, str) else found or []
