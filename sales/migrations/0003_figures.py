"""Views that group the live summaries by product (last 90 days) and by customer (ever, and last 365 days)."""

import django.db.models.deletion
from django.db import migrations, models

VIEWS = """
CREATE VIEW sales_product_recent AS
SELECT product_id, sum(units)::bigint AS units, sum(net) / 10000.0 AS net
FROM sales_live_product
WHERE grain = 'day' AND start > business_date(now()) - 90 AND start <= business_date(now()) AND product_id > 0
GROUP BY product_id;

-- Ever: the year rung. The last 365 days: whole months from the month rung, the days at both ends from the day rung.
CREATE VIEW sales_customer_figures AS
SELECT
    customer_id,
    coalesce(sum(orders) FILTER (WHERE grain = 'year'), 0)::bigint AS orders,
    coalesce(sum(net) FILTER (WHERE grain = 'year'), 0) / 10000.0 AS spend,
    coalesce(sum(gross - discounts) FILTER (WHERE grain = 'year'), 0) / 10000.0 AS sold,
    sum(gross - discounts) FILTER (WHERE grain = 'year') / 10000.0 / nullif(sum(orders) FILTER (WHERE grain = 'year'), 0) AS average_order,
    coalesce(sum(net) FILTER (WHERE grain <> 'year'), 0) / 10000.0 AS spend_year
FROM (
    SELECT business_date(now()) AS today, business_date(now()) - 364 AS since,
        date_trunc('month', business_date(now()))::date AS this_month,
        (date_trunc('month', business_date(now()) - 365) + interval '1 month')::date AS first_month
) AS year
JOIN sales_live_customer AS live
    ON live.grain = 'year'
    OR live.grain = 'month' AND live.start >= first_month AND live.start < this_month
    OR live.grain = 'day' AND live.start >= since AND live.start <= today AND (live.start < first_month OR live.start >= this_month)
WHERE customer_id > 0
GROUP BY customer_id;
"""
GONE = "DROP VIEW sales_product_recent; DROP VIEW sales_customer_figures"


class Migration(migrations.Migration):
    dependencies = [("sales", "0002_summaries")]

    operations = [
        migrations.RunSQL(VIEWS, GONE),
        migrations.CreateModel(
            name="ProductFigures",
            fields=[
                (
                    "product",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="recent",
                        serialize=False,
                        to="sales.product",
                    ),
                ),
                ("units", models.BigIntegerField()),
                ("net", models.DecimalField(decimal_places=4, max_digits=24, null=True)),
            ],
            options={"db_table": "sales_product_recent", "managed": False},
        ),
        migrations.CreateModel(
            name="CustomerFigures",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="figures",
                        serialize=False,
                        to="sales.customer",
                    ),
                ),
                ("orders", models.BigIntegerField()),
                ("spend", models.DecimalField(decimal_places=4, max_digits=24, null=True)),
                ("sold", models.DecimalField(decimal_places=4, max_digits=24, null=True)),
                ("average_order", models.DecimalField(decimal_places=4, max_digits=24, null=True)),
                ("spend_year", models.DecimalField(decimal_places=4, max_digits=24, null=True)),
            ],
            options={"db_table": "sales_customer_figures", "managed": False},
        ),
    ]
