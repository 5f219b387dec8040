"""All summaries at once: made from the facts, or compared with them. Two halves run side by side, each on a connection of its own.

One half reads the lines once, grouped by order, for every summary whose keys belong to the order; the other reads them by product. A half is
right on its own, so neither waits for the other.
"""
# ruff: noqa: S608 - names of tables and columns come from summaries.py; values travel as parameters

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

from dashboard.periods import Period

from . import distinct_customers
from .summaries import COLUMNS, SUMMARIES, CategorySummary, OrderSummary, ProductSummary, keys_of, ladder_of, name_of

BY_LINE = (ProductSummary, CategorySummary)  # keys of the product: an order can have several
BY_ORDER = tuple(summary for summary in SUMMARIES if summary not in BY_LINE)
HALVES = (BY_ORDER, BY_LINE)
MEMORY = "SET LOCAL work_mem = '256MB'"
LISTED = ", ".join(COLUMNS)
ADDED = ", ".join(f"sales_sum({column}) AS {column}" for column in COLUMNS)
DAY_IN = "(%(start)s::date IS NULL OR {day} >= %(start)s) AND (%(end)s::date IS NULL OR {day} < %(end)s)"


def by_order(days: str) -> str:
    """Order lines grouped by order and kind, of the days that a condition on `start` names. An order counts once: see Measured."""
    sums = ", ".join(f"sales_sum({column}) AS {column}" for column in COLUMNS if column != "orders")
    return f"""
        SELECT start, order_id, customer_id, tier_id, channel_id, salesperson_id, country, hour, status, kind, known, {sums},
            CASE kind
                WHEN 'sale' THEN 1
                WHEN 'free' THEN (NOT EXISTS (SELECT FROM sales_orderline s WHERE s.order_id = f.order_id AND s.kind = 'sale'))::int
                ELSE 0
            END::bigint AS orders
        FROM sales_fact f
        WHERE {days}
        GROUP BY start, order_id, customer_id, tier_id, channel_id, salesperson_id, country, hour, status, kind, known
    """


def days_of(summary, orders: str) -> str:
    """The day rows of a summary whose keys belong to the order, from lines grouped by order."""
    keys = ", ".join(f"coalesce({key}, 0) AS {key}" if key.endswith("_id") else key for key in keys_of(summary))
    counted = "" if issubclass(summary, OrderSummary) else "WHERE status NOT IN ('cancelled', 'test')"
    grouped = ", ".join(str(number) for number in range(1, len(keys_of(summary)) + 2))
    return f"SELECT start, {keys}, {ADDED} FROM {orders} {counted} GROUP BY {grouped}"


def rebuild(cursor, *, apart: bool) -> None:
    """Make every summary anew. The caller holds the lock of the summaries; `apart` says that its transaction holds nothing others need."""
    _both(cursor, _rebuild_half, apart=apart)


def differences(cursor, period: Period | None, *, apart: bool) -> list[tuple]:
    """Rows that are wrong: summary, width of the key, and the key with the stored and the expected figures, NULL where there is no row.

    Days are compared with the facts, except marked ones; every rung above with the sums of the one below.
    """
    snapshot = ""
    if apart:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
    return [row for half in _both(cursor, _compare_half, apart=apart, snapshot=snapshot, period=period) for row in half]


def _both(cursor, work: Callable, *, apart: bool, snapshot: str = "", **words) -> list:
    if not apart:
        return [work(cursor, half, **words) for half in HALVES]
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(_elsewhere, work, HALVES[0], snapshot, words)
        mine = work(cursor, HALVES[1], **words)
        return [other.result(), mine]


def _elsewhere(work: Callable, half: tuple, snapshot: str, words: dict):
    """One half on a connection of its own, in the same state of the data where a snapshot says which."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if snapshot:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
            return work(cursor, half, **words)
    finally:
        connection.close()


def _fresh(cursor, half: tuple, days: str, values: dict) -> dict:
    """SELECTs of the day rows that the facts give now, by summary."""
    cursor.execute(MEMORY)
    if half is BY_LINE:
        return {
            summary: f"SELECT start, {', '.join(keys_of(summary))}, {LISTED} FROM sales_fresh_{name_of(summary)} WHERE {days}" for summary in half
        }
    cursor.execute("DROP TABLE IF EXISTS pg_temp.fresh_order")
    cursor.execute(f"CREATE TEMP TABLE fresh_order ON COMMIT DROP AS {by_order(days)}", values)
    cursor.execute("ANALYZE fresh_order")
    return {summary: days_of(summary, "fresh_order") for summary in half}


def _rebuild_half(cursor, half: tuple) -> None:
    for summary, fresh in _fresh(cursor, half, "true", {}).items():
        table, keys = f"sales_summary_{name_of(summary)}", ", ".join(keys_of(summary))
        order = f"ORDER BY 2, {keys}"  # rows of one rung lie together: it is read several times as fast
        cursor.execute(f"DELETE FROM {table}")
        cursor.execute(
            f"INSERT INTO {table} (grain, start, {keys}, {LISTED}) SELECT 'day', fresh.start, {keys}, {LISTED} FROM ({fresh}) fresh {order}"
        )
        for grain, below in ladder_of(summary):
            cursor.execute(
                f"INSERT INTO {table} (grain, start, {keys}, {LISTED}) SELECT '{grain}', sales_rung('{grain}', start), {keys}, {ADDED} "
                f"FROM {table} WHERE grain = '{below}' GROUP BY 2, {keys} {order}"
            )
        cursor.execute(f"ANALYZE {table}")
    if half is BY_ORDER:
        distinct_customers.rebuild(cursor, "fresh_order")


def _compare_half(cursor, half: tuple, *, period: Period | None) -> list[tuple]:
    values = {"start": period and period.start, "end": period and period.end}
    cursor.execute("CREATE TEMP TABLE IF NOT EXISTS marked_day (day date) ON COMMIT DROP")
    cursor.execute("DELETE FROM marked_day")
    cursor.execute("INSERT INTO marked_day SELECT day FROM sales_marked_day")
    days = f"{DAY_IN.format(day='start')} AND start NOT IN (SELECT day FROM marked_day)"
    found = []
    for summary, fresh in _fresh(cursor, half, days, values).items():
        cursor.execute(_compared(summary, fresh), values)
        found += [(name_of(summary), 2 + len(keys_of(summary)), row) for row in cursor.fetchall()]
    return found


def _compared(summary, fresh: str) -> str:
    table, keys = f"sales_summary_{name_of(summary)}", ", ".join(keys_of(summary))
    stored, expected = (", ".join(f"{side}.{column}" for column in COLUMNS) for side in ("stored", "expected"))
    rungs = " UNION ALL ".join(
        f"SELECT '{grain}', sales_rung('{grain}', start), {keys}, {ADDED} FROM {table} WHERE grain = '{below}' GROUP BY 2, {keys}"
        for grain, below in ladder_of(summary)
    )
    return f"""
        WITH stored AS (
            SELECT * FROM {table} WHERE {DAY_IN.format(day="start")} AND NOT (grain = 'day' AND start IN (SELECT day FROM marked_day))
        ),
        expected AS (
            SELECT 'day' AS grain, fresh.start, {keys}, {LISTED} FROM ({fresh}) fresh
            UNION ALL SELECT * FROM ({rungs}) AS rung (grain, start, {keys}, {LISTED}) WHERE {DAY_IN.format(day="start")}
        )
        SELECT grain, start, {keys}, {stored}, {expected}
        FROM stored FULL JOIN expected USING (grain, start, {keys})
        WHERE ({stored}) IS DISTINCT FROM ({expected})
        ORDER BY 1, 2
    """
