"""Figures of customers: the ends of the last 365 days are computed once, and all customers together are read from a coarser summary."""

from django.db import migrations, models

AMOUNTS = """
    coalesce(sum(orders) FILTER (WHERE grain = 'year'), 0)::bigint AS orders,
    coalesce(sum(net) FILTER (WHERE grain = 'year'), 0) / 10000.0 AS spend,
    coalesce(sum(gross - discounts) FILTER (WHERE grain = 'year'), 0) / 10000.0 AS sold,
    sum(gross - discounts) FILTER (WHERE grain = 'year') / 10000.0 / nullif(sum(orders) FILTER (WHERE grain = 'year'), 0) AS average_order,
    coalesce(sum(net) FILTER (WHERE grain <> 'year'), 0) / 10000.0 AS spend_year
"""

# Ever: the year rung. The last 365 days: whole months from the month rung, the days at both ends from the day rung. The ends stand in
# subqueries of their own, so that they are one value for the whole statement and not computed for each row.
EVER_AND_YEAR = """(
    grain = 'year'
    OR grain = 'month' AND start >= (SELECT first_month FROM year) AND start < (SELECT this_month FROM year)
    OR grain = 'day' AND start >= (SELECT first_day FROM year) AND start < (SELECT first_month FROM year)
    OR grain = 'day' AND start >= (SELECT this_month FROM year) AND start <= (SELECT today FROM year)
)"""

YEAR = """
WITH year AS MATERIALIZED (
    SELECT today, today - 364 AS first_day, date_trunc('month', today)::date AS this_month,
        (date_trunc('month', today - 365) + interval '1 month')::date AS first_month
    FROM (SELECT business_date(now()) AS today) AS now
)
"""

VIEWS = f"""
CREATE OR REPLACE VIEW sales_customer_figures AS
{YEAR}
SELECT customer_id, {AMOUNTS}
FROM sales_live_customer
WHERE customer_id > 0 AND {EVER_AND_YEAR}
GROUP BY customer_id;

CREATE VIEW sales_all_customers_figures AS
{YEAR}
SELECT 1 AS id, {AMOUNTS}
FROM sales_live_channel
WHERE known AND status NOT IN ('cancelled', 'test') AND {EVER_AND_YEAR};
"""

BEFORE = f"""
DROP VIEW sales_all_customers_figures;
CREATE OR REPLACE VIEW sales_customer_figures AS
SELECT customer_id, {AMOUNTS}
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


class Migration(migrations.Migration):
    dependencies = [("sales", "0005_live_views_by_day")]

    operations = [
        migrations.RunSQL(VIEWS, BEFORE),
        migrations.CreateModel(
            name="AllCustomersFigures",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("orders", models.BigIntegerField()),
                ("spend", models.DecimalField(decimal_places=4, max_digits=24, null=True)),
                ("sold", models.DecimalField(decimal_places=4, max_digits=24, null=True)),
                ("average_order", models.DecimalField(decimal_places=4, max_digits=24, null=True)),
                ("spend_year", models.DecimalField(decimal_places=4, max_digits=24, null=True)),
            ],
            options={"db_table": "sales_all_customers_figures", "managed": False},
        ),
    ]
