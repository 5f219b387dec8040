"""Money of lines also as whole ten-thousandths, so that what adds up lines does no numeric arithmetic; what a line is worth, in a view of its own."""

from pathlib import Path

from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.functions import Cast

LANDED = (Path(__file__).parent / "sql" / "0002_summaries.sql").read_text()
BEFORE = LANDED[LANDED.index("CREATE VIEW sales_fact") : LANDED.index("-- The days whose stored figures")].replace("CREATE VIEW", "CREATE OR REPLACE VIEW")
FORMULAS = {
    "gross_scaled": F("quantity") * F("unit_price"),
    "net_scaled": F("quantity") * F("unit_price") - F("discount_amount") - F("coupon_share"),
    "cost_scaled": F("quantity") * F("unit_cost"),
}
# One statement: each would write the whole table anew.
COLUMNS = """
ALTER TABLE sales_orderline
    ADD gross_scaled bigint GENERATED ALWAYS AS ((quantity * unit_price * 10000)::bigint) STORED,
    ADD net_scaled bigint GENERATED ALWAYS AS (((quantity * unit_price - discount_amount - coupon_share) * 10000)::bigint) STORED,
    ADD cost_scaled bigint GENERATED ALWAYS AS ((quantity * unit_cost * 10000)::bigint) STORED;
"""
GONE = "ALTER TABLE sales_orderline DROP gross_scaled, DROP net_scaled, DROP cost_scaled;"
MEASURES = """
    1::bigint AS lines,
    l.quantity::bigint AS units,
    CASE WHEN l.kind IN ('sale', 'free') THEN l.quantity ELSE 0 END::bigint AS units_sold,
    CASE WHEN l.kind = 'return' THEN -l.quantity ELSE 0 END::bigint AS units_returned,
    CASE WHEN l.unit_cost IS NULL THEN 1 ELSE 0 END::bigint AS uncosted,
    CASE WHEN l.kind = 'sale' THEN l.gross_scaled ELSE 0 END AS gross,
    CASE WHEN l.kind = 'sale' THEN l.gross_scaled - l.net_scaled ELSE 0 END AS discounts,
    CASE WHEN l.kind = 'return' THEN -l.net_scaled ELSE 0 END AS returns,
    CASE WHEN l.kind IN ('adjustment', 'free') THEN l.net_scaled ELSE 0 END AS adjustments,
    l.net_scaled AS net,
    coalesce(l.cost_scaled, 0) AS cost,
    CASE WHEN l.unit_cost IS NOT NULL THEN l.net_scaled ELSE 0 END AS costed_net
"""
NAMES = "lines, l.units, l.units_sold, l.units_returned, l.uncosted, l.gross, l.discounts, l.returns, l.adjustments, l.net, l.cost, l.costed_net"
VIEWS = f"""
-- One row an order line, with every measure as a whole number: counts, and money in ten-thousandths.
CREATE VIEW sales_line_fact AS
SELECT l.id AS line_id, l.order_id, l.product_id, l.kind::text AS kind, {MEASURES}
FROM sales_orderline l;

-- The same with everything that sales are grouped by.
CREATE OR REPLACE VIEW sales_fact AS
SELECT
    l.line_id, o.placed_on AS start, o.id AS order_id, l.product_id, p.category_id, o.customer_id, o.tier_id, o.channel_id, o.salesperson_id,
    o.country::text AS country, business_hour(o.placed_at) AS hour, o.status::text AS status, l.kind, o.customer_id IS NOT NULL AS known, l.{NAMES}
FROM sales_order o
JOIN sales_line_fact l ON l.order_id = o.id
LEFT JOIN sales_product p ON p.id = l.product_id;
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0014_lean_lists")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(COLUMNS + VIEWS, BEFORE + "DROP VIEW sales_line_fact;" + GONE)],
            state_operations=[
                migrations.AddField(
                    model_name="orderline",
                    name=name,
                    field=models.GeneratedField(
                        expression=Cast(formula * Value(10_000), models.BigIntegerField()), output_field=models.BigIntegerField(), db_persist=True
                    ),
                )
                for name, formula in FORMULAS.items()
            ],
        ),
    ]
