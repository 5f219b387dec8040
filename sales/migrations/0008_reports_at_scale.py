"""Live views that cost nothing while nothing is marked, sums that stay small, and exact distinct customers as bitmaps."""

from django.db import migrations

from sales.migrations.sql.live_views import CUSTOMERS, SUM, live_views

GONE = """
DROP TRIGGER sales_line_truncated_customers ON sales_orderline;
DROP FUNCTION sales_empty_customers();
DROP VIEW sales_live_customers;
DROP FUNCTION sales_marked_customers();
DROP VIEW sales_fresh_customers;
DROP VIEW sales_marked_rung;
DROP TABLE sales_summary_customers;
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0007_lists_at_scale")]

    operations = [
        migrations.RunSQL(SUM, "DROP AGGREGATE sales_sum(bigint)"),
        migrations.RunSQL(live_views(), migrations.RunSQL.noop),
        migrations.RunSQL(CUSTOMERS, GONE),
        migrations.DeleteModel(name="Fact"),
    ]
