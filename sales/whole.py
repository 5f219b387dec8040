"""All summaries at once: compared with the facts, and put right. Two halves run side by side, each on a connection of its own.

One half reads the lines once, grouped by order, for every summary whose keys belong to the order; the other reads them once, grouped by
product and by category. A half is right on its own, so neither waits for the other. What is right already is not written again.
"""
# ruff: noqa: S608 - names of tables and columns come from summaries.py; values travel as parameters

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

from dashboard.periods import Period

from . import customer_packs, distinct_customers, stored_totals
from .summaries import COLUMNS, SUMMARIES, CategorySummary, OrderSummary, ProductSummary, Summary, keys_of, ladder_of, name_of

BY_LINE = (ProductSummary, CategorySummary)  # keys of the product: an order can have several
BY_ORDER = tuple(summary for summary in SUMMARIES if summary not in BY_LINE)
SMALL = tuple(summary for summary in BY_ORDER if issubclass(summary, OrderSummary))  # few rows a day, whatever is sold
SMALL_KEYS = tuple(dict.fromkeys(key for summary in SMALL for key in keys_of(summary)))
HALVES = (BY_ORDER, BY_LINE)
# Millions of groups at once: an eighth of what the server keeps of its pages, between 64 MB and 1 GB.
MEMORY = """
SELECT set_config('work_mem', least(1024, greatest(64, pg_size_bytes(current_setting('shared_buffers')) / 1024 / 1024 / 8)) || 'MB', true)
"""
LISTED = ", ".join(COLUMNS)
ADDED = ", ".join(f"sales_sum({column}) AS {column}" for column in COLUMNS)
TAKEN = ", ".join(f"-{column} AS {column}" for column in COLUMNS)
ANY = f"({', '.join(f'sales_sum({column})' for column in COLUMNS)}) <> ({', '.join('0' for _ in COLUMNS)})"
# Not by its lines alone: where a move is settled on a day that others just changed, a row may sum to no line and yet to something, for a while.
EMPTY = f"lines = 0 AND ({LISTED}) = ({', '.join('0' for _ in COLUMNS)})"
OF_LINES = ", ".join(f"sales_sum({column}) AS {column}" for column in COLUMNS if column != "orders")
COUNTED = "status NOT IN ('cancelled', 'test')"
DAY_IN = "(%(start)s::date IS NULL OR {day} >= %(start)s) AND (%(end)s::date IS NULL OR {day} < %(end)s)"
DAY_TOLD = DAY_IN + " AND {day} NOT IN (SELECT day FROM marked_day)"


def by_order(days: str) -> str:
    """Order lines grouped by order and kind, of the orders o that a condition names: by its `{day}`, for one. An order counts once: see Measured.

    What belongs to the order follows from its id, so that nothing else is sorted and compared.
    """
    return f"""
        SELECT o.placed_on AS start, o.id AS order_id, o.customer_id, o.tier_id, o.channel_id, o.salesperson_id, o.country::text AS country,
            business_hour(o.placed_at) AS hour, o.status::text AS status, l.kind, o.customer_id IS NOT NULL AS known, {OF_LINES},
            CASE l.kind
                WHEN 'sale' THEN 1
                WHEN 'free' THEN (NOT EXISTS (SELECT FROM sales_orderline s WHERE s.order_id = o.id AND s.kind = 'sale'))::int
                ELSE 0
            END::bigint AS orders
        FROM sales_order o JOIN sales_line_fact l ON l.order_id = o.id
        WHERE {days.format(day="o.placed_on")}
        GROUP BY o.id, l.kind
    """


def days_of(summary: type[Summary], orders: str) -> str:
    """What adds up to the day rows of a summary whose keys belong to the order, from lines grouped by order."""
    counted = "true" if issubclass(summary, OrderSummary) else COUNTED
    return f"SELECT start, {_known_keys(summary)}, {LISTED} FROM {orders} WHERE {counted}"


def by_small_keys(orders: str) -> str:
    """Lines grouped by order, grouped again by the keys of each small summary: one pass for all. `without` tells whose a row is: see `small`."""
    sets = ", ".join(f"(start, {', '.join(keys_of(summary))})" for summary in SMALL)
    keys = ", ".join(SMALL_KEYS)
    return f"SELECT start, {keys}, grouping({keys}) AS without, {ADDED} FROM {orders} GROUP BY GROUPING SETS ({sets})"


def small(summary: type[Summary], rows: str) -> str:
    """The rows of one summary among those of `by_small_keys`: `without` has a bit for each key that is not theirs, the first key's the highest."""
    without = "".join("01"[key not in keys_of(summary)] for key in SMALL_KEYS)
    return f"(SELECT * FROM {rows} WHERE without = {int(without, 2)}) small"


def by_line(days: str) -> str:
    """Order lines grouped by product and, in other rows, by category, channel and tier; `orders` counts an order at each of its lines."""
    return f"""
        SELECT grouping(l.product_id) = 0 AS is_product, o.placed_on AS start, l.product_id, p.category_id, o.channel_id, o.tier_id, {OF_LINES},
            count(*) FILTER (WHERE l.kind IN ('sale', 'free')) AS orders
        FROM sales_order o JOIN sales_line_fact l ON l.order_id = o.id JOIN settled_product p ON p.id = l.product_id
        WHERE {days.format(day="o.placed_on")} AND {COUNTED}
        GROUP BY GROUPING SETS ((o.placed_on, l.product_id), (o.placed_on, p.category_id, o.channel_id, o.tier_id))
    """


# All days there can be, cut where a rung begins: no rung lies in two steps, and none in no step. Recorded days only say how fine the steps are.
STEPS = """
SELECT first, lead(first, 1, 'infinity') OVER (ORDER BY first) AS after
FROM (
    SELECT '-infinity'::date AS first
    UNION
    SELECT sales_rung('{grain}', day::date)
    FROM (SELECT min(placed_on) AS first, max(placed_on) AS last FROM sales_order) recorded CROSS JOIN generate_series(first, last, '1 day') day
) steps
"""
# Orders with several lines in one category, and whether two of them are of one product.
REPEATED = """
SELECT l.order_id, coalesce(p.category_id, 0) AS category_id, count(*) - 1 AS again, count(*) > count(DISTINCT l.product_id) AS of_product
FROM sales_orderline l JOIN settled_product p ON p.id = l.product_id
WHERE l.kind IN ('sale', 'free') AND {lines}
GROUP BY 1, 2
HAVING count(*) > 1
"""
REPEATED_PRODUCT = """
SELECT order_id, product_id, count(*) - 1 AS again FROM sales_orderline
WHERE kind IN ('sale', 'free') AND order_id IN (SELECT order_id FROM repeated WHERE of_product)
GROUP BY 1, 2
HAVING count(*) > 1
"""


def again(summary: type[Summary], days: str) -> str:
    """What `by_line` counted too much for a summary: an order at each of its lines in one product or category but the first."""
    listed = ", ".join(f"{'o' if key in ('channel_id', 'tier_id') else 'line'}.{key}" for key in keys_of(summary))
    nothing = ", ".join(f"{0 if column != 'orders' else '-sales_sum(again)'}::bigint AS {column}" for column in COLUMNS)
    return f"""
        SELECT o.placed_on AS start, {listed}, {nothing}
        FROM {f"({REPEATED_PRODUCT})" if summary is ProductSummary else "repeated"} line JOIN sales_order o ON o.id = line.order_id
        WHERE {days.format(day="o.placed_on")} AND {COUNTED}
        GROUP BY o.placed_on, {listed}
    """


def days_of_lines(summary: type[Summary]) -> str:
    """What adds up to the day rows of a summary whose keys belong to the product, from the tables that `_fresh` keeps."""
    keys = ", ".join(keys_of(summary))
    return f"""
        SELECT start, {_known_keys(summary)}, {LISTED}
        FROM (
            SELECT start, {keys}, {LISTED} FROM fresh_line WHERE is_product = {summary is ProductSummary}
            UNION ALL
            SELECT start, {keys}, {LISTED} FROM again_{name_of(summary)}
        ) listed
    """


def rebuild(cursor, *, apart: bool) -> None:
    """Put every summary right. The caller holds the lock of the summaries; `apart` says that its transaction holds nothing others need."""
    _both(cursor, _rebuild_half, apart=apart)


def add(cursor, orders: str) -> None:
    """Add what some orders hold to every summary and all that is kept of customers; `orders` is a query of their ids.

    Nothing of them may be counted yet. The caller holds the lock of the summaries.
    """
    for half in HALVES:
        for summary, fresh in _fresh(cursor, half, f"o.id IN ({orders})", {}, lines=f"l.order_id IN ({orders})").items():
            _add(cursor, summary, fresh)
        if half is BY_ORDER:
            distinct_customers.add(cursor, "fresh_order")
            stored_totals.add(cursor, "fresh_order")
            cursor.execute("SELECT DISTINCT start FROM fresh_order")
            customer_packs.keep_up(cursor, [day for (day,) in cursor.fetchall()])


def broken(cursor, period: Period | None, *, apart: bool) -> list[str]:
    """A sentence for everything stored that is not what it should be: summaries, and what is kept of customers.

    Days are compared with the facts, except marked ones; every rung above with the sums of the one below.
    """
    snapshot = ""
    if apart:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
    return [sentence for half in _both(cursor, _compare_half, apart=apart, snapshot=snapshot, period=period) for sentence in half]


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


def _fresh(cursor, half: tuple, days: str, values: dict, *, lines: str = "true") -> dict[type[Summary], str]:
    """SELECTs of what adds up to the day rows by the facts of now, by summary; `days` is a condition as in `by_order`.

    Where it names few of all orders, `lines` names their lines l: looking for what one order holds twice is work for each line.
    """
    cursor.execute(MEMORY)
    if half is BY_ORDER:
        _keep_days(cursor, "fresh_order", by_order(days), values)
        _keep_days(cursor, "fresh_small", by_small_keys("fresh_order"), {})
        return {summary: days_of(summary, small(summary, "fresh_small") if summary in SMALL else "fresh_order") for summary in half}
    _keep(cursor, "settled_product", "SELECT id, category_id FROM sales_settled_product", {})
    cursor.execute("CREATE INDEX ON settled_product (id)")
    _keep_days(cursor, "fresh_line", by_line(days), values)
    cursor.execute("SET LOCAL enable_hashagg = off")  # an index has the lines in the order of their orders: half the cost of millions of groups
    _keep(cursor, "repeated", REPEATED.format(lines=lines), {})
    cursor.execute("SET LOCAL enable_hashagg = on")
    for summary in half:
        _keep_days(cursor, f"again_{name_of(summary)}", again(summary, days), values)
    return {summary: days_of_lines(summary) for summary in half}


def _rebuild_half(cursor, half: tuple) -> None:
    for summary, fresh in _fresh(cursor, half, "true", {}).items():
        table, keys = f"sales_summary_{name_of(summary)}", ", ".join(keys_of(summary))
        cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")
        is_first = not cursor.fetchone()[0]
        for grain, expected in _expected(summary, fresh).items():
            if is_first:
                rows = f"(SELECT start, {keys}, {ADDED} FROM ({expected}) parts GROUP BY start, {keys}) expected"
                cursor.execute(_put(summary, grain, rows))
            elif _differ(cursor, summary, grain, fresh, "true", {}):
                cursor.execute(f"{_put(summary, grain, 'different')} {onto(summary)}")
                cursor.execute(f"DELETE FROM {table} WHERE {EMPTY}")
        cursor.execute(f"ANALYZE {table}")
    if half is BY_ORDER:
        distinct_customers.rebuild(cursor, "fresh_order")
        customer_packs.rebuild(cursor)


def _add(cursor, summary: type[Summary], fresh: str) -> None:
    """Add rows of days to all rungs of a summary, each rung summed from the one below."""
    keys = ", ".join(keys_of(summary))
    for grain in summary.rungs:
        rung = f"SELECT sales_rung('{grain}', start) AS start, {keys}, {ADDED} FROM ({fresh}) below GROUP BY 1, {keys}"
        _make(cursor, f"added_{grain}", rung, {})
        cursor.execute(f"{_put(summary, grain, f'added_{grain}')} {onto(summary)}")
        fresh = f"SELECT * FROM added_{grain}"
    cursor.execute(f"ANALYZE sales_summary_{name_of(summary)}")


def _put(summary: type[Summary], grain: str, rows: str) -> str:
    """Insert rows into a rung in the order of their keys: rows that lie together are read several times as fast."""
    keys = ", ".join(keys_of(summary))
    return f"""
        INSERT INTO sales_summary_{name_of(summary)} AS stored (grain, start, {keys}, {LISTED})
        SELECT '{grain}', start, {keys}, {LISTED} FROM {rows} ORDER BY start, {keys}
    """


def onto(summary: type[Summary]) -> str:
    """What makes an INSERT into a summary add to the rows that are there."""
    added = ", ".join(f"{column} = stored.{column} + EXCLUDED.{column}" for column in COLUMNS)
    return f"ON CONFLICT (grain, start, {', '.join(keys_of(summary))}) DO UPDATE SET {added}"


def _compare_half(cursor, half: tuple, *, period: Period | None) -> list[str]:
    values = {"start": period and period.start, "end": period and period.end}
    _keep(cursor, "marked_day", "SELECT day FROM sales_marked_day", {})
    found = []
    for summary, fresh in _fresh(cursor, half, DAY_TOLD, values).items():
        for grain in summary.rungs:
            where = DAY_TOLD if grain == "day" else DAY_IN
            if _differ(cursor, summary, grain, fresh, where.format(day="start"), values):
                cursor.execute(_told(summary, grain))
                found += [_sentence(summary, row) for row in cursor.fetchall()]
    if half is BY_ORDER:
        return found + distinct_customers.broken(cursor, "fresh_order", DAY_TOLD.format(day="start"), values) + customer_packs.broken(cursor)
    return found + stored_totals.broken(cursor)


def _expected(summary: type[Summary], fresh: str, within: str = "true") -> dict[str, str]:
    """What adds up to each rung: for days what the facts say, for the others the stored rung below.

    `within` is a condition on the `start` of what is added up.
    """
    table, keys = f"sales_summary_{name_of(summary)}", ", ".join(keys_of(summary))
    return {"day": f"SELECT * FROM ({fresh}) fresh WHERE {within}"} | {
        grain: f"SELECT sales_rung('{grain}', start) AS start, {keys}, {LISTED} FROM {table} WHERE grain = '{below}' AND {within}"
        for grain, below in ladder_of(summary)
    }


def _differ(cursor, summary: type[Summary], grain: str, fresh: str, where: str, values: dict) -> int:
    """Keep in `different` what each stored row lacks; how many do. One grouping of both sides: a join would sort them first.

    A step at a time, days by the month: millions of groups at once would lie far apart in memory, or on disk.
    """
    table, keys, within = f"sales_summary_{name_of(summary)}", ", ".join(keys_of(summary)), "start >= step.first AND start < step.after"
    both = f"""
        SELECT different.*
        FROM ({STEPS.format(grain="month" if grain == "day" else grain)}) step
        CROSS JOIN LATERAL (
            SELECT start, {keys}, {ADDED}, bool_or(is_expected) AS is_expected
            FROM (
                SELECT start, {keys}, {LISTED}, true AS is_expected FROM ({_expected(summary, fresh, within)[grain]}) expected WHERE {where}
                UNION ALL
                SELECT start, {keys}, {TAKEN}, false FROM {table} WHERE grain = '{grain}' AND {within} AND {where}
            ) sides
            GROUP BY start, {keys}
            HAVING {ANY}
            OFFSET 0
        ) different
    """
    return _keep(cursor, "different", both, values)


def _told(summary: type[Summary], grain: str) -> str:
    """The rows of `different` beside the stored ones."""
    keys = ", ".join(keys_of(summary))
    stored = ", ".join(f"stored.{column}" for column in COLUMNS)
    expected = ", ".join(f"CASE WHEN is_expected THEN coalesce(stored.{column}, 0) + different.{column} END" for column in COLUMNS)
    return f"""
        SELECT '{grain}', start, {keys}, {stored}, {expected}
        FROM different LEFT JOIN (SELECT * FROM sales_summary_{name_of(summary)} WHERE grain = '{grain}') stored USING (start, {keys})
        ORDER BY 2
    """


def _sentence(summary: type[Summary], row: tuple) -> str:
    """A row of `_told` in words: "product month 2026-03-01 7: units 4 instead of 3"."""
    width = 2 + len(keys_of(summary))
    stored, expected = row[width : width + len(COLUMNS)], row[width + len(COLUMNS) :]
    if stored[0] is None or expected[0] is None:
        figures = "no row" if stored[0] is None else "a row that should not be"
    else:
        figures = ", ".join(f"{name} {a} instead of {b}" for name, a, b in zip(COLUMNS, stored, expected, strict=True) if a != b)
    return f"{name_of(summary)} {' '.join(str(part) for part in row[:width])}: {figures}"


def _keep(cursor, name: str, query: str, values: dict) -> int:
    """Make a table of this transaction from a query, and let the planner know it; its number of rows."""
    count = _make(cursor, name, query, values)
    cursor.execute(f"ANALYZE {name}")
    return count


def _make(cursor, name: str, query: str, values: dict) -> int:
    """Make a table of this transaction from a query, in place of the last one of that name; for tables that are read whole this is all."""
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
    cursor.execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {query}", values)
    return cursor.rowcount


def _keep_days(cursor, name: str, query: str, values: dict) -> None:
    """Keep what adds up to days, with an index, by which they are read a step at a time."""
    _keep(cursor, name, query, values)
    cursor.execute(f"CREATE INDEX ON {name} (start)")


def _known_keys(summary: type[Summary]) -> str:
    return ", ".join(f"coalesce({key}, 0) AS {key}" if key.endswith("_id") else key for key in keys_of(summary))
