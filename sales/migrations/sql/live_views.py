"""SQL of migration 0008, made from the lists of keys and columns as they were then."""

COLUMNS = (
    *("lines", "orders", "units", "units_sold", "units_returned", "uncosted"),
    *("gross", "discounts", "returns", "adjustments", "net", "cost", "costed_net"),
)
KEYS = {
    "channel": ("channel_id", "tier_id", "status", "kind", "known"),
    "country": ("country", "status", "kind", "known"),
    "salesperson": ("salesperson_id", "status", "kind", "known"),
    "hour": ("hour", "status", "kind", "known"),
    "category": ("category_id", "channel_id", "tier_id"),
    "product": ("product_id",),
    "customer": ("customer_id",),
}

# sum(bigint) of PostgreSQL keeps a state of its own for each group and gives numeric; this one adds in place, and fails rather than wrap.
SUM = "CREATE AGGREGATE sales_sum(bigint) (SFUNC = int8pl, STYPE = bigint, COMBINEFUNC = int8pl, PARALLEL = SAFE)"

# The planner sees one scan of the stored rows and one call, not the facts; the call returns at once while nothing is marked.
LIVE = """
CREATE FUNCTION sales_marked_{name}() RETURNS SETOF sales_summary_{name} LANGUAGE plpgsql STABLE ROWS 10 AS $$
BEGIN
    IF EXISTS (SELECT FROM sales_summarymark) THEN
        RETURN QUERY
        SELECT rung.grain, date_trunc(rung.grain, change.start)::date, {change_keys}, {change_columns}
        FROM (
            SELECT start, {keys}, {sums}
            FROM (
                SELECT fresh.start, {fresh_keys}, {fresh_columns}
                FROM sales_marked_day marked
                CROSS JOIN LATERAL (SELECT * FROM sales_fresh_{name} f WHERE f.start = marked.day OFFSET 0) fresh
                UNION ALL
                SELECT stored.start, {stored_keys}, {negated}
                FROM sales_marked_day marked JOIN sales_summary_{name} stored ON stored.grain = 'day' AND stored.start = marked.day
            ) both_sides
            GROUP BY start, {keys}
        ) change
        CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);
    END IF;
END $$;

CREATE OR REPLACE VIEW sales_live_{name} AS
SELECT grain, start, {keys}, {columns} FROM sales_summary_{name}
UNION ALL
SELECT grain, start, {keys}, {columns} FROM sales_marked_{name}();
"""


def live_views() -> str:
    """A function and a view for each summary."""
    return "".join(formatted(LIVE, name, keys) for name, keys in KEYS.items())


def formatted(text: str, name: str, keys: tuple[str, ...]) -> str:
    """The function and the view of one summary."""
    return text.format(
        name=name,
        keys=", ".join(keys),
        columns=", ".join(COLUMNS),
        change_keys=", ".join(f"change.{key}" for key in keys),
        change_columns=", ".join(f"change.{column}" for column in COLUMNS),
        sums=", ".join(f"sales_sum({column}) AS {column}" for column in COLUMNS),
        fresh_keys=", ".join(f"fresh.{key}" for key in keys),
        fresh_columns=", ".join(f"fresh.{column}" for column in COLUMNS),
        stored_keys=", ".join(f"stored.{key}" for key in keys),
        negated=", ".join(f"-stored.{column}" for column in COLUMNS),
    )


# One bit a customer, in chunks of 1,024 ids: OR over days, months and channels counts each customer once, exactly.
CUSTOMERS = """
CREATE TABLE sales_summary_customers (
    grain text NOT NULL,
    start date NOT NULL,
    channel_id bigint NOT NULL,
    chunk integer NOT NULL,
    bits bit(1024) NOT NULL,
    PRIMARY KEY (grain, start, channel_id, chunk)
);

CREATE VIEW sales_fresh_customers AS
SELECT o.placed_on AS start, coalesce(o.channel_id, 0) AS channel_id, (o.customer_id / 1024)::int AS chunk,
    bit_or(set_bit(repeat('0', 1024)::bit(1024), (o.customer_id % 1024)::int, 1)) AS bits
FROM sales_order o
WHERE o.customer_id IS NOT NULL AND o.status NOT IN ('cancelled', 'test')
    AND EXISTS (SELECT FROM sales_orderline l WHERE l.order_id = o.id AND l.kind IN ('sale', 'free'))
GROUP BY 1, 2, 3;

-- The rungs that a mark reaches: bits cannot be subtracted, so these are made anew from the rungs below.
CREATE VIEW sales_marked_rung AS
SELECT DISTINCT rung.grain, date_trunc(rung.grain, marked.day)::date AS start
FROM sales_marked_day marked CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);

CREATE FUNCTION sales_marked_customers() RETURNS SETOF sales_summary_customers LANGUAGE plpgsql STABLE ROWS 10 AS $$
BEGIN
    IF EXISTS (SELECT FROM sales_summarymark) THEN
        RETURN QUERY
        WITH marked AS MATERIALIZED (SELECT * FROM sales_marked_rung),
        days AS (
            SELECT fresh.* FROM marked
            CROSS JOIN LATERAL (SELECT * FROM sales_fresh_customers f WHERE f.start = marked.start OFFSET 0) fresh
            WHERE marked.grain = 'day'
        ),
        months AS (
            SELECT date_trunc('month', part.start)::date AS start, part.channel_id, part.chunk, bit_or(part.bits) AS bits
            FROM (
                SELECT * FROM days
                UNION ALL
                SELECT s.start, s.channel_id, s.chunk, s.bits FROM marked
                JOIN sales_summary_customers s
                    ON s.grain = 'day' AND s.start >= marked.start AND s.start < marked.start + interval '1 month'
                WHERE marked.grain = 'month' AND s.start NOT IN (SELECT m.start FROM marked m WHERE m.grain = 'day')
            ) part
            GROUP BY 1, 2, 3
        ),
        years AS (
            SELECT date_trunc('year', part.start)::date AS start, part.channel_id, part.chunk, bit_or(part.bits) AS bits
            FROM (
                SELECT * FROM months
                UNION ALL
                SELECT s.start, s.channel_id, s.chunk, s.bits FROM marked
                JOIN sales_summary_customers s
                    ON s.grain = 'month' AND s.start >= marked.start AND s.start < marked.start + interval '1 year'
                WHERE marked.grain = 'year' AND s.start NOT IN (SELECT m.start FROM marked m WHERE m.grain = 'month')
            ) part
            GROUP BY 1, 2, 3
        )
        SELECT 'day', d.start, d.channel_id, d.chunk, d.bits::bit(1024) FROM days d
        UNION ALL SELECT 'month', m.start, m.channel_id, m.chunk, m.bits::bit(1024) FROM months m
        UNION ALL SELECT 'year', y.start, y.channel_id, y.chunk, y.bits::bit(1024) FROM years y;
    END IF;
END $$;

CREATE VIEW sales_live_customers AS
SELECT grain, start, channel_id, chunk, bits FROM sales_summary_customers
WHERE (grain, start) NOT IN (SELECT grain, start FROM sales_marked_rung)
UNION ALL
SELECT grain, start, channel_id, chunk, bits FROM sales_marked_customers();

-- Without lines nobody ordered.
CREATE FUNCTION sales_empty_customers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE sales_summary_customers;
    RETURN NULL;
END $$;
CREATE TRIGGER sales_line_truncated_customers AFTER TRUNCATE ON sales_orderline
    FOR EACH STATEMENT EXECUTE FUNCTION sales_empty_customers();
"""
