"""Customers ranked over any period, from arrays: as many groups as there are customers, at nanoseconds each (ADR 10).

`sales_customer_pack` holds a rung of the customers' summary in one row: the ids and each sum as an array of big-endian numbers, in the order of
the ids. `sales_customer_unpacked` holds what refreshes added to the days since. A rung without a pack is read from the summary: no answer
needs one, it is only faster. Whoever refreshes the summaries (rollups.py) keeps both in the same transaction.
"""
# ruff: noqa: S608 - our own words alone; values travel as parameters

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date

import numpy as np

from dashboard.periods import next_step

from .asking import arrays
from .covers import RUNGS, Piece

PACKED = ("lines", "orders", "units", "gross", "discounts", "net", "cost", "costed_net")
# Ids below which grouping rows is fast enough, and above which an array with a place for each would be large.
FEWEST, MOST = 10_000, 2_000_000
MOST_RUNGS = 400  # of one question: more would be a long list of days
MOST_UNPACKED = 5_000
FEW_DAYS = 30  # what more days than these add is packed at once

LISTED = ", ".join(PACKED)
ARRAYS = f"string_agg(int4send(customer_id::int), '') AS ids, {', '.join(f"string_agg(int8send({column}), '') AS {column}" for column in PACKED)}"
ADDED = ", ".join(f"sum({column})::bigint AS {column}" for column in PACKED)
TAKEN = ", ".join(f"-{column}" for column in PACKED)
ROWS = f"SELECT grain, start, customer_id, {LISTED} FROM sales_summary_customer"
PACK = f"""
INSERT INTO sales_customer_pack AS stored (grain, start, ids, {LISTED})
SELECT grain, start, {ARRAYS} FROM ({ROWS} {{where}} ORDER BY grain, start, customer_id) listed GROUP BY grain, start
ON CONFLICT (grain, start) DO UPDATE SET (ids, {LISTED}) = (EXCLUDED.ids, {", ".join(f"EXCLUDED.{column}" for column in PACKED)})
"""
EMPTIED = """
DELETE FROM sales_customer_pack pack
WHERE NOT EXISTS (SELECT FROM sales_summary_customer s WHERE s.grain = pack.grain AND s.start = pack.start)
"""
UNPACKED_RUNGS = """
SELECT DISTINCT rung.grain, date_trunc(rung.grain, u.start)::date AS start
FROM {days} AS u (start) CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain)
"""
STATE = """
SELECT EXISTS (SELECT FROM sales_customer_pack), coalesce(max(id), 0), (SELECT count(*) FROM sales_customer_unpacked) FROM sales_customer
"""
NOTED = f"INSERT INTO sales_customer_unpacked (start, customer_id, {LISTED}) SELECT start, customer_id, {LISTED} FROM {{change}} WHERE %(noting)s"
WRONG = f"""
WITH touched AS MATERIALIZED ({UNPACKED_RUNGS.format(days="(SELECT DISTINCT start FROM sales_customer_unpacked)")}),
expected AS (
    SELECT grain, start, {ARRAYS}
    FROM ({ROWS} WHERE (grain, start) NOT IN (SELECT grain, start FROM touched) ORDER BY grain, start, customer_id) listed
    GROUP BY grain, start
    UNION ALL
    SELECT grain, start, {ARRAYS}
    FROM (
        SELECT grain, start, customer_id, {ADDED}
        FROM (
            {ROWS} WHERE (grain, start) IN (SELECT grain, start FROM touched)
            UNION ALL
            SELECT rung.grain, date_trunc(rung.grain, start)::date, customer_id, {TAKEN}
            FROM sales_customer_unpacked CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain)
        ) sides
        GROUP BY grain, start, customer_id
        HAVING sum(lines) <> 0
        ORDER BY grain, start, customer_id
    ) listed
    GROUP BY grain, start
)
SELECT grain, start FROM sales_customer_pack pack LEFT JOIN expected USING (grain, start)
WHERE (pack.ids, {", ".join(f"pack.{column}" for column in PACKED)})
    IS DISTINCT FROM (expected.ids, {", ".join(f"expected.{column}" for column in PACKED)})
ORDER BY start, grain
"""


@dataclass(frozen=True)
class Chosen:
    """The groups of a page in no particular order, how many groups there are in all, and what finding them took."""

    ids: tuple[int, ...]
    count: int
    rows_read: int
    milliseconds: float


@dataclass(frozen=True)
class Ranking:
    """Customers in the order of one figure: `terms` (side, column, sign) add up to it. `pieces` are those of each side.

    A customer counts with a line in any side; ties are settled by id.
    """

    pieces: tuple[tuple[Piece, ...], ...]
    terms: tuple[tuple[int, str, int], ...]
    descending: bool

    @property
    def rungs(self) -> list[tuple]:
        """Every rung of every piece: side, sign, grain, start and the day after."""
        return [
            (side, piece.sign, piece.grain, start, next_step(start, piece.grain))
            for side, pieces in enumerate(self.pieces)
            for piece in pieces
            for start in _starts(piece)
        ]

    @property
    def fits(self) -> bool:
        """Whether arrays can tell."""
        return {column for _, column, _ in self.terms} <= set(PACKED) and len(self.rungs) <= MOST_RUNGS

    def page(self, offset: int, limit: int) -> Chosen | None:
        """The ids of a page; None where ids are too high for an array with a place for each."""
        started = time.perf_counter()
        with closing(arrays(*self._sql())) as parts:
            added = self._added(parts)
        if not added:
            return None
        figure, lines, read = added
        who = np.flatnonzero((lines > 0).any(axis=0))
        ids = _page(who, figure[who], offset, limit, descending=self.descending)
        return Chosen(tuple(ids.tolist()), len(who), read, (time.perf_counter() - started) * 1000)

    def _added(self, parts: Iterable[tuple]) -> tuple[np.ndarray, np.ndarray, int] | None:
        """The figure of every id, its lines in each side, and the number of rows behind them."""
        figure, lines, read, columns = np.zeros(0, np.int64), np.zeros((len(self.pieces), 0), np.int64), 0, self._columns
        for side, sign, width, packed, *sums in parts:
            ids, of = np.frombuffer(packed, f">i{width}"), dict(zip(columns, sums, strict=True))
            highest = int(ids.max(initial=0))
            if highest >= MOST:
                return None
            beyond = highest + 1 - len(figure)
            if beyond > 0:
                figure, lines = np.pad(figure, (0, beyond)), np.pad(lines, ((0, 0), (0, beyond)))
            lines[side][ids] += sign * np.frombuffer(of["lines"], ">i8")
            for own, column, factor in self.terms:
                if own == side:
                    figure[ids] += sign * factor * np.frombuffer(of[column], ">i8")
            read += len(ids)
        return figure, lines, read

    @property
    def _columns(self) -> list[str]:
        return list(dict.fromkeys(["lines", *(column for _, column, _ in self.terms)]))

    def _sql(self) -> tuple[str, list]:
        """Rows of side, sign, bytes of an id, ids and arrays, in each of which an id stands once.

        These are packs, rungs without one, what refreshes added, and what is marked.
        """
        rungs, wanted = self.rungs, self._columns
        # An array that its side has no use for is not even read.
        sides = {column: ", ".join(str(side) for side, own, _ in self.terms if own == column) for column in wanted[1:]}
        packed = ", ".join(["pack.lines", *(f"CASE WHEN side IN ({own}) THEN pack.{column} END" for column, own in sides.items())])
        packing = ", ".join(["8, string_agg(int8send(customer_id), '')", *(f"string_agg(int8send({column}), '')" for column in wanted)])
        listed, signed = ", ".join(wanted), ", ".join(f"sum(sign * {column})::bigint AS {column}" for column in wanted)
        text = f"""
            WITH rung (side, sign, grain, start, after) AS (VALUES {", ".join(["(%s::int, %s::int, %s::text, %s::date, %s::date)"] * len(rungs))}),
            packed AS (SELECT rung.* FROM rung JOIN sales_customer_pack pack USING (grain, start))
            SELECT side, sign, 4, pack.ids, {packed} FROM rung JOIN sales_customer_pack pack USING (grain, start)
            UNION ALL
            SELECT side, sign, {packing}
            FROM (SELECT * FROM rung EXCEPT SELECT * FROM packed) rung
            CROSS JOIN LATERAL (
                SELECT customer_id, {listed} FROM sales_summary_customer s WHERE s.grain = rung.grain AND s.start = rung.start OFFSET 0
            ) s
            GROUP BY side, sign, rung.grain, rung.start
            UNION ALL
            SELECT side, 1, {packing}
            FROM (
                SELECT side, customer_id, {signed}
                FROM packed JOIN sales_customer_unpacked u ON u.start >= packed.start AND u.start < packed.after
                GROUP BY side, customer_id
            ) s
            GROUP BY side
            UNION ALL
            SELECT side, 1, {packing}
            FROM (
                SELECT side, customer_id, {signed} FROM rung JOIN sales_marked_customer() marked USING (grain, start) GROUP BY side, customer_id
            ) s
            GROUP BY side
        """
        return text, [value for rung in rungs for value in rung]


def _starts(piece: Piece) -> Iterator[date]:
    start = piece.period.start
    while start < piece.period.end:
        yield start
        start = next_step(start, piece.grain)


def _page(ids: np.ndarray, figure: np.ndarray, offset: int, limit: int, *, descending: bool) -> np.ndarray:
    """The ids of a page by figure, then id; only what may be on it or before it is sorted."""
    last = offset + limit
    rank = -figure if descending else figure
    if last < len(ids):
        near = np.flatnonzero(rank <= np.partition(rank, last - 1)[last - 1])
        ids, rank = ids[near], rank[near]
    return ids[np.lexsort((ids, rank))][offset:last]


def noting(cursor, days: Sequence[date]) -> bool:
    """Whether what is added to these days is to be noted: there are packs, and the days are few."""
    cursor.execute(STATE)
    return cursor.fetchone()[0] and len(days) <= FEW_DAYS


def keep_up(cursor, days: Sequence[date] = ()) -> None:
    """Pack what waits for it once it is much, and `days`, whose changes were not noted. The caller holds the lock of the summaries."""
    cursor.execute(STATE)
    exist, highest, waiting = cursor.fetchone()
    if not FEWEST <= highest < MOST:
        if exist:
            cursor.execute("DELETE FROM sales_customer_pack")
            cursor.execute("DELETE FROM sales_customer_unpacked")
    elif not exist:
        rebuild(cursor)
    elif days or waiting > MOST_UNPACKED:
        cursor.execute("SELECT DISTINCT start FROM sales_customer_unpacked")
        _pack(cursor, {*days, *(day for (day,) in cursor.fetchall())})


def rebuild(cursor) -> None:
    """Pack everything anew, where it is worth it. The caller holds the lock of the summaries."""
    cursor.execute("DELETE FROM sales_customer_pack")
    cursor.execute("DELETE FROM sales_customer_unpacked")
    cursor.execute("SELECT coalesce(max(id), 0) FROM sales_customer")
    if FEWEST <= cursor.fetchone()[0] < MOST:
        for grain in RUNGS:
            cursor.execute(PACK.format(where="WHERE grain = %s"), [grain])
        cursor.execute("ANALYZE sales_customer_pack")


def _pack(cursor, days: set[date]) -> None:
    """Pack the rungs of some days, with those of every day that waits: nothing waits afterwards."""
    wanted = UNPACKED_RUNGS.format(days="unnest(%s::date[])")
    cursor.execute(PACK.format(where=f"WHERE (grain, start) IN ({wanted})"), [list(days)])
    cursor.execute(EMPTIED)
    cursor.execute("DELETE FROM sales_customer_unpacked")


def broken(cursor) -> list[str]:
    """Each pack holds what the summary holds, less what waits to be packed."""
    cursor.execute(WRONG)
    return [f"packed customers of the {grain} {start}: other sums than the summary" for grain, start in cursor.fetchall()]
