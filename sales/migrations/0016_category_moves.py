"""A product that moves to another category is noted as such, instead of marking every day it ever sold on.

With a mark for each of three years' days every report would read every line until the next refresh. What a move changes is known from the
orders that hold the product: `sales_moved_category` says it, for readers and for the refresh.
"""

from django.db import migrations

COUNTS, MONEY = ("lines", "units", "units_sold", "units_returned", "uncosted"), ("gross", "discounts", "returns", "adjustments", "net", "cost", "costed_net")
OF_LINES = (*COUNTS, *MONEY)
COLUMNS = ("lines", "orders", *OF_LINES[1:])
LISTED = ", ".join(COLUMNS)
KEYS = ("category_id", "channel_id", "tier_id")


def sums(sign=""):
    return ", ".join(f"{sign}sales_sum({column}) AS {column}" for column in OF_LINES)


TABLES = f"""
CREATE TABLE sales_category_move (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id bigint NOT NULL,
    category_id bigint  -- before the move; NULL for none
);

-- Each product with the category that the stored summary counts it in.
CREATE VIEW sales_settled_product AS
SELECT p.id, CASE WHEN moved.product_id IS NULL THEN p.category_id ELSE moved.category_id END AS category_id
FROM sales_product p
LEFT JOIN (SELECT DISTINCT ON (product_id) product_id, category_id FROM sales_category_move ORDER BY product_id, id) moved ON moved.product_id = p.id;

CREATE VIEW sales_settled_category AS
SELECT start, coalesce(p.category_id, 0) AS category_id, coalesce(channel_id, 0) AS channel_id, coalesce(tier_id, 0) AS tier_id,
    {sums()}, count(DISTINCT order_id) FILTER (WHERE kind IN ('sale', 'free')) AS orders
FROM sales_fact f JOIN sales_settled_product p ON p.id = f.product_id
WHERE status NOT IN ('cancelled', 'test')
GROUP BY 1, 2, 3, 4;

-- What the moves noted change on all days but the marked ones: the orders concerned as they count now, less as they counted before.
CREATE FUNCTION sales_moved_category(marked date[])
RETURNS TABLE (start date, {", ".join(f"{column} bigint" for column in (*KEYS, *COLUMNS))}) LANGUAGE plpgsql STABLE ROWS 10 AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM sales_category_move) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH moved AS MATERIALIZED (SELECT DISTINCT ON (product_id) product_id, category_id FROM sales_category_move ORDER BY product_id, id),
    concerned AS MATERIALIZED (
        SELECT DISTINCT line.order_id
        FROM moved CROSS JOIN LATERAL (SELECT l.order_id FROM sales_orderline l WHERE l.product_id = moved.product_id OFFSET 0) line
    ),
    line AS MATERIALIZED (
        SELECT o.placed_on AS start, o.channel_id, o.tier_id, line.*, p.category_id AS now,
            CASE WHEN moved.product_id IS NULL THEN p.category_id ELSE moved.category_id END AS before
        FROM concerned
        CROSS JOIN LATERAL (SELECT * FROM sales_order o WHERE o.id = concerned.order_id OFFSET 0) o
        CROSS JOIN LATERAL (SELECT * FROM sales_line_fact l WHERE l.order_id = concerned.order_id OFFSET 0) line
        JOIN sales_product p ON p.id = line.product_id
        LEFT JOIN moved ON moved.product_id = line.product_id
        WHERE o.status NOT IN ('cancelled', 'test') AND o.placed_on <> ALL (marked)
    ),
    by_order AS (
        SELECT start, now AS category_id, channel_id, tier_id, {sums()}, bool_or(kind IN ('sale', 'free'))::int::bigint AS orders
        FROM line GROUP BY order_id, start, now, channel_id, tier_id
        UNION ALL
        SELECT start, before, channel_id, tier_id, {sums("-")}, -bool_or(kind IN ('sale', 'free'))::int::bigint
        FROM line GROUP BY order_id, start, before, channel_id, tier_id
    )
    SELECT start, coalesce(category_id, 0), coalesce(channel_id, 0), coalesce(tier_id, 0), {", ".join(f"sales_sum({column})" for column in COLUMNS)}
    FROM by_order
    GROUP BY 1, 2, 3, 4
    HAVING ({", ".join(f"sales_sum({column})" for column in COLUMNS)}) <> ({", ".join("0" for _ in COLUMNS)});
END $$;
"""
MARKED = """
CREATE OR REPLACE FUNCTION sales_marked_category() RETURNS SETOF sales_summary_category LANGUAGE plpgsql STABLE ROWS 10 AS $$
BEGIN
    IF EXISTS (SELECT FROM sales_summarymark){condition} THEN
        RETURN QUERY
        SELECT rung.grain, date_trunc(rung.grain, change.start)::date, {change}
        FROM (
            SELECT start, {keys}, {sums}
            FROM (
                SELECT fresh.start, {fresh}
                FROM sales_marked_day marked
                CROSS JOIN LATERAL (SELECT * FROM sales_fresh_category f WHERE f.start = marked.day OFFSET 0) fresh
                UNION ALL
                SELECT stored.start, {stored}, {negated}
                FROM sales_marked_day marked JOIN sales_summary_category stored ON stored.grain = 'day' AND stored.start = marked.day
            ) both_sides
            GROUP BY start, {keys}{moved}
        ) change
        CROSS JOIN (VALUES ('day'), ('month'), ('year')) AS rung (grain);
    END IF;
END $$;
"""
WORDS = {
    "change": ", ".join(f"change.{column}" for column in (*KEYS, *COLUMNS)),
    "keys": ", ".join(KEYS),
    "sums": ", ".join(f"sales_sum({column}) AS {column}" for column in COLUMNS),
    "fresh": ", ".join(f"fresh.{column}" for column in (*KEYS, *COLUMNS)),
    "stored": ", ".join(f"stored.{key}" for key in KEYS),
    "negated": ", ".join(f"-stored.{column}" for column in COLUMNS),
}
MOVED = f"""
            UNION ALL
            SELECT start, {WORDS["keys"]}, {LISTED} FROM sales_moved_category(ARRAY(SELECT day FROM sales_marked_day))"""
NOW = MARKED.format(**WORDS, condition=" OR EXISTS (SELECT FROM sales_category_move)", moved=MOVED)
NOTE = """
CREATE OR REPLACE FUNCTION sales_mark_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sales_category_move (product_id, category_id)
    SELECT old_rows.id, old_rows.category_id
    FROM old_rows JOIN new_rows ON new_rows.id = old_rows.id AND new_rows.category_id IS DISTINCT FROM old_rows.category_id;
    RETURN NULL;
END $$;
"""
# Back to marks: what is noted and not yet refreshed becomes marks, too.
BACK = (
    """
INSERT INTO sales_summarymark (day)
SELECT DISTINCT o.placed_on FROM sales_category_move m JOIN sales_orderline l ON l.product_id = m.product_id JOIN sales_order o ON o.id = l.order_id;
CREATE OR REPLACE FUNCTION sales_mark_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sales_summarymark (day)
    SELECT DISTINCT o.placed_on
    FROM old_rows
    JOIN new_rows ON new_rows.id = old_rows.id AND new_rows.category_id IS DISTINCT FROM old_rows.category_id
    JOIN sales_orderline l ON l.product_id = new_rows.id
    JOIN sales_order o ON o.id = l.order_id;
    RETURN NULL;
END $$;
"""
    + MARKED.format(**WORDS, condition="", moved="")
    + """
DROP FUNCTION sales_moved_category(date[]);
DROP VIEW sales_settled_category;
DROP VIEW sales_settled_product;
DROP TABLE sales_category_move;
"""
)


class Migration(migrations.Migration):
    dependencies = [("sales", "0015_whole_money")]

    operations = [migrations.RunSQL(TABLES + NOW + NOTE, BACK)]
