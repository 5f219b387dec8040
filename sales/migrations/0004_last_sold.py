"""The day of a product's latest sale within its last 90 days, from the same rows as its other figures."""

from django.db import migrations, models

VIEW = """
CREATE OR REPLACE VIEW sales_product_recent AS
SELECT product_id, sum(units)::bigint AS units, sum(net) / 10000.0 AS net, max(start) FILTER (WHERE units_sold > 0) AS last_sold
FROM sales_live_product
WHERE grain = 'day' AND start > business_date(now()) - 90 AND start <= business_date(now()) AND product_id > 0
GROUP BY product_id
"""
BEFORE = """
DROP VIEW sales_product_recent;
CREATE VIEW sales_product_recent AS
SELECT product_id, sum(units)::bigint AS units, sum(net) / 10000.0 AS net
FROM sales_live_product
WHERE grain = 'day' AND start > business_date(now()) - 90 AND start <= business_date(now()) AND product_id > 0
GROUP BY product_id
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0003_figures")]

    operations = [
        migrations.RunSQL(VIEW, BEFORE),
        migrations.AddField("productfigures", "last_sold", models.DateField(null=True)),
    ]
