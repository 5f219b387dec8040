"""Who ordered, as bits: `sales_summary_customers` holds one bit a customer for each day, month and year and each channel.

Bits of any rungs can be joined and each customer still counts once, exactly; but they cannot be taken off again. So a changed day makes its
month anew from the days, and its year from the months. Whoever refreshes the summaries (rollups.py) does this in the same transaction.
"""
# ruff: noqa: S608 - our own words alone; values travel as parameters

from datetime import date

from dashboard.periods import step_start

KEYS = ("start", "channel_id", "chunk")
DAYS = """
SELECT fresh.* FROM unnest(%(starts)s::date[]) AS wanted (day)
CROSS JOIN LATERAL (SELECT * FROM sales_fresh_customers f WHERE f.start = wanted.day OFFSET 0) fresh
"""
BY_ORDER = """
SELECT start, coalesce(channel_id, 0) AS channel_id, (customer_id / 1024)::int AS chunk,
    bit_or(set_bit(repeat('0', 1024)::bit(1024), mod(customer_id, 1024)::int, 1)) AS bits
FROM {orders} WHERE known AND orders > 0 AND status NOT IN ('cancelled', 'test')
GROUP BY 1, 2, 3
"""
JOINED = """
SELECT date_trunc('{grain}', start)::date, channel_id, chunk, bit_or(bits) FROM sales_summary_customers WHERE grain = '{below}' GROUP BY 1, 2, 3
"""
ADD = f"""
INSERT INTO sales_summary_customers AS stored (grain, start, channel_id, chunk, bits)
SELECT rung.grain, date_trunc(rung.grain, start)::date, channel_id, chunk, bit_or(bits)
FROM ({BY_ORDER}) made CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain)
GROUP BY 1, 2, 3, 4
ON CONFLICT (grain, start, channel_id, chunk) DO UPDATE SET bits = stored.bits | EXCLUDED.bits
"""
RUNG = """
SELECT wanted.start, stored.channel_id, stored.chunk, bit_or(stored.bits) AS bits
FROM unnest(%(starts)s::date[]) AS wanted (start)
JOIN sales_summary_customers stored
    ON stored.grain = '{below}' AND stored.start >= wanted.start AND stored.start < wanted.start + interval '1 {grain}'
GROUP BY 1, 2, 3
"""
PUT = """
WITH fresh AS MATERIALIZED ({fresh}),
gone AS (
    DELETE FROM sales_summary_customers stored
    WHERE grain = '{grain}' AND start = ANY(%(starts)s)
        AND NOT EXISTS (SELECT FROM fresh WHERE (fresh.start, fresh.channel_id, fresh.chunk) = (stored.start, stored.channel_id, stored.chunk))
)
INSERT INTO sales_summary_customers AS stored (grain, start, channel_id, chunk, bits)
SELECT '{grain}', start, channel_id, chunk, bits FROM fresh
ON CONFLICT (grain, start, channel_id, chunk) DO UPDATE SET bits = EXCLUDED.bits WHERE stored.bits <> EXCLUDED.bits
"""
WRONG = f"""
WITH stored AS (SELECT * FROM sales_summary_customers WHERE grain <> 'day' OR {{days}}),
expected AS (
    SELECT 'day' AS grain, fresh.* FROM ({BY_ORDER}) fresh
    UNION ALL
    SELECT rung.grain, date_trunc(rung.grain, start)::date, channel_id, chunk, bit_or(bits)
    FROM sales_summary_customers CROSS JOIN (VALUES ('month'), ('year')) AS rung (grain)
    WHERE sales_summary_customers.grain = 'day'
    GROUP BY 1, 2, 3, 4
)
SELECT coalesce(stored.grain, expected.grain), coalesce(stored.start, expected.start), coalesce(stored.chunk, expected.chunk)
FROM stored FULL JOIN expected USING (grain, start, channel_id, chunk)
WHERE stored.bits IS DISTINCT FROM expected.bits
ORDER BY 1, 2, 3
"""


def refresh(cursor, days: list[date]) -> None:
    """Bring the bits of some days up to the facts, and of the months and years they lie in."""
    cursor.execute(PUT.format(grain="day", fresh=DAYS), {"starts": days})
    for grain, below in (("month", "day"), ("year", "month")):
        starts = sorted({step_start(day, grain) for day in days})
        cursor.execute(PUT.format(grain=grain, fresh=RUNG.format(grain=grain, below=below)), {"starts": starts})


def rebuild(cursor, orders: str) -> None:
    """Make all bits anew from a relation of lines grouped by order (see whole.py)."""
    cursor.execute("DELETE FROM sales_summary_customers")
    for grain, rows in (
        ("day", BY_ORDER.format(orders=orders)),
        ("month", JOINED.format(grain="month", below="day")),
        ("year", JOINED.format(grain="year", below="month")),
    ):
        cursor.execute(f"INSERT INTO sales_summary_customers (grain, start, channel_id, chunk, bits) SELECT '{grain}', * FROM ({rows}) rows")
    cursor.execute("ANALYZE sales_summary_customers")


def add(cursor, orders: str) -> None:
    """Join the bits of new orders into every rung, from a relation of their lines grouped by order (see whole.py)."""
    cursor.execute(ADD.format(orders=orders))


def broken(cursor, orders: str, days: str, values: dict) -> list[str]:
    """The bits of some days are those of a relation of lines grouped by order, and months and years join their days.

    The days are those that the condition `days` on `start` names.
    """
    cursor.execute(WRONG.format(orders=orders, days=days), values)
    return [f"customers of the {grain} {start}, ids from {chunk * 1024}: other bits than the orders" for grain, start, chunk in cursor.fetchall()]
