"""The same answers by hand: SQL on the order lines and on the summaries, as somebody would write it who has never seen our code."""

from django.db import connection

from dashboard.periods import Period, next_step, step_start

LEFT_OUT = "('cancelled', 'test')"
THREE = ("net", "units", "cost")
DEFAULT = ("net", "orders", "units", "gross", "discounts", "cost", "costed_net", "lines", "uncosted")
FACTS = {
    "lines": "count(*)",
    "orders": "count(DISTINCT o.id) FILTER (WHERE l.kind IN ('sale', 'free'))",
    "units": "sum(l.quantity)::bigint",
    "uncosted": "count(*) FILTER (WHERE l.unit_cost IS NULL)",
    "gross": "coalesce(sum(l.quantity * l.unit_price) FILTER (WHERE l.kind = 'sale') * 10000, 0)::bigint",
    "discounts": "coalesce(sum(l.discount_amount + l.coupon_share) FILTER (WHERE l.kind = 'sale') * 10000, 0)::bigint",
    "net": "(sum(l.net) * 10000)::bigint",
    "cost": "(coalesce(sum(l.cost), 0) * 10000)::bigint",
    "costed_net": "coalesce(sum(l.net) FILTER (WHERE l.unit_cost IS NOT NULL) * 10000, 0)::bigint",
}
FACT_KEYS = {
    "product": "l.product_id",
    "category": "coalesce(p.category_id, 0)",
    "customer": "coalesce(o.customer_id, 0)",
    "month": "date_trunc('month', o.placed_on)::date",
    "channel": "coalesce(o.channel_id, 0)",
    "tier": "coalesce(o.tier_id, 0)",
}
SUMMARY_KEYS = {
    "product": ("sales_summary_product", "s.product_id"),
    "category": ("sales_summary_category", "s.category_id"),
    "customer": ("sales_summary_customer", "s.customer_id"),
    "month": ("sales_summary_total", "s.start"),
    "channel": ("sales_summary_channel", "s.channel_id"),
    "tier": ("sales_summary_channel", "s.tier_id"),
}
WITH_STATUS = ("sales_summary_total", "sales_summary_channel")


def whole_rungs(period: Period, grains: tuple[str, ...]):
    """Grain and start of the largest rungs that fit, one after the other."""
    start = period.start
    while start < period.end:
        grain = next(grain for grain in grains if step_start(start, grain) == start and next_step(start, grain) <= period.end)
        yield grain, start
        start = next_step(start, grain)


def on_facts(by: str, period: Period, columns: tuple[str, ...]) -> str:
    """Lines joined with their orders: the 25 groups with the largest net sales."""
    listed = ", ".join(f"{FACTS[column]} AS {column}" for column in columns)
    products = "JOIN sales_product p ON p.id = l.product_id" if by == "category" else ""
    return f"""
        SELECT {FACT_KEYS[by]} AS key, {listed} FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id {products}
        WHERE o.placed_on >= '{period.start}' AND o.placed_on < '{period.end}' AND o.status NOT IN {LEFT_OUT}
        GROUP BY 1 ORDER BY {columns.index("net") + 2} DESC, 1 LIMIT {limit(by)}
    """


def on_summary(by: str, period: Period, columns: tuple[str, ...]) -> str:
    """The largest whole rungs of a summary, for periods of whole months."""
    table, key = SUMMARY_KEYS[by]
    listed = ", ".join(f"sum(s.{column})::bigint AS {column}" for column in columns)
    counted = f"AND s.status NOT IN {LEFT_OUT}" if table in WITH_STATUS else ""
    grains = ("month",) if by == "month" else ("year", "quarter", "month") if by == "product" else ("year", "month")
    rungs = ", ".join(f"('{grain}', DATE '{start}')" for grain, start in whole_rungs(period, grains))
    return f"""
        SELECT {key} AS key, {listed} FROM (VALUES {rungs}) AS rung (grain, start) JOIN {table} s USING (grain, start)
        WHERE true {counted}
        GROUP BY 1 ORDER BY {columns.index("net") + 2} DESC, 1 LIMIT {limit(by)}
    """


def limit(by: str) -> int:
    """Months are shown all."""
    return 1_000 if by == "month" else 25


def customers_on_facts(period: Period) -> str:
    """Distinct known customers of orders with a sale or a free line."""
    return f"""
        SELECT count(DISTINCT o.customer_id) FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
        WHERE o.placed_on >= '{period.start}' AND o.placed_on < '{period.end}' AND o.status NOT IN {LEFT_OUT} AND l.kind IN ('sale', 'free')
    """


def customers_on_orders(period: Period) -> str:
    """The same without looking at lines: fewer rows to read, but also orders without a sale."""
    return f"""
        SELECT count(DISTINCT o.customer_id) FROM sales_order o
        WHERE o.placed_on >= '{period.start}' AND o.placed_on < '{period.end}' AND o.status NOT IN {LEFT_OUT}
    """


def customers_on_bits(period: Period) -> str:
    """Bits of the months of a period."""
    return f"""
        SELECT sum(bit_count(bits))::bigint FROM (
            SELECT bit_or(bits) AS bits FROM sales_summary_customers
            WHERE grain = 'month' AND start >= '{period.start}' AND start < '{period.end}' GROUP BY chunk
        ) chunks
    """


def fetched(sql: str) -> list[tuple]:
    """All rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def by_key(rows: list[tuple]) -> dict[str, tuple[int, ...]]:
    """Rows in a form in which engines can be compared."""
    return {str(key): tuple(int(value) for value in values) for key, *values in rows}
