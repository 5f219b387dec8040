"""Two more rungs for products, pentads and quarters: a period that begins and ends anywhere reads a third of the rows."""

from django.db import migrations

COLUMNS = (
    *("lines", "orders", "units", "units_sold", "units_returned", "uncosted"),
    *("gross", "discounts", "returns", "adjustments", "net", "cost", "costed_net"),
)
LISTED, SUMS = ", ".join(COLUMNS), ", ".join(f"sales_sum({column})" for column in COLUMNS)
CHANGE, NEGATED = (", ".join(f"{prefix}.{column}" for column in COLUMNS) for prefix in ("change", "-stored"))

RUNG = """
CREATE FUNCTION sales_rung(grain text, day date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    CASE grain
        WHEN 'day' THEN day
        WHEN 'pentad' THEN day - (extract(day FROM day)::int - 1 - least((extract(day FROM day)::int - 1) / 5, 5) * 5)
        ELSE date_trunc(grain, day::timestamp)::date
    END;
"""
MARKED = f"""
CREATE OR REPLACE FUNCTION sales_marked_product() RETURNS SETOF sales_summary_product LANGUAGE plpgsql STABLE ROWS 10 AS $$
BEGIN
    IF EXISTS (SELECT FROM sales_summarymark) THEN
        RETURN QUERY
        SELECT rung.grain, {{start}}, change.product_id, {CHANGE}
        FROM (
            SELECT start, product_id, {", ".join(f"sales_sum({column}) AS {column}" for column in COLUMNS)}
            FROM (
                SELECT fresh.start, fresh.product_id, {", ".join(f"fresh.{column}" for column in COLUMNS)}
                FROM sales_marked_day marked
                CROSS JOIN LATERAL (SELECT * FROM sales_fresh_product f WHERE f.start = marked.day OFFSET 0) fresh
                UNION ALL
                SELECT stored.start, stored.product_id, {NEGATED}
                FROM sales_marked_day marked JOIN sales_summary_product stored ON stored.grain = 'day' AND stored.start = marked.day
            ) both_sides
            GROUP BY start, product_id
        ) change
        CROSS JOIN (VALUES {{rungs}}) AS rung (grain);
    END IF;
END $$;
"""
NOW = MARKED.format(start="sales_rung(rung.grain, change.start)", rungs="('day'), ('pentad'), ('month'), ('quarter'), ('year')")
BEFORE = MARKED.format(start="date_trunc(rung.grain, change.start)::date", rungs="('day'), ('month'), ('year')")
FILL = "".join(
    f"""
INSERT INTO sales_summary_product (grain, start, product_id, {LISTED})
SELECT '{grain}', sales_rung('{grain}', start), product_id, {SUMS} FROM sales_summary_product WHERE grain = '{below}'
GROUP BY 2, 3 ORDER BY 2, 3;
"""
    for grain, below in (("pentad", "day"), ("quarter", "month"))
)
EMPTY = "DELETE FROM sales_summary_product WHERE grain IN ('pentad', 'quarter');"


class Migration(migrations.Migration):
    dependencies = [("sales", "0009_totals_of_days")]

    operations = [
        migrations.RunSQL(RUNG + NOW + FILL, BEFORE + EMPTY + "DROP FUNCTION sales_rung(text, date);"),
    ]
