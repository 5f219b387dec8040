"""A summary without any key but status, kind and known customer: totals, courses over time and what is left out read few rows."""

from django.db import migrations, models

from sales.migrations.sql.live_views import COLUMNS, LIVE, formatted

KEYS = ("status", "kind", "known")
LISTED, SUMS = ", ".join(COLUMNS), ", ".join(f"sum({column})" for column in COLUMNS)
TABLE = f"""
CREATE TABLE sales_summary_total (
    grain text NOT NULL, start date NOT NULL, status text NOT NULL, kind text NOT NULL, known boolean NOT NULL,
    {", ".join(f"{column} bigint NOT NULL" for column in COLUMNS)},
    PRIMARY KEY (grain, start, status, kind, known)
);
CREATE INDEX sales_summary_total_empty ON sales_summary_total (grain) WHERE lines = 0;

CREATE VIEW sales_fresh_total AS
SELECT start, status, kind, known, {", ".join(f"sum({column})::bigint AS {column}" for column in COLUMNS)}
FROM sales_fresh_channel GROUP BY 1, 2, 3, 4;

INSERT INTO sales_summary_total (grain, start, status, kind, known, {LISTED})
SELECT grain, start, status, kind, known, {SUMS} FROM sales_summary_channel GROUP BY 1, 2, 3, 4, 5;

CREATE FUNCTION sales_empty_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE sales_summary_total;
    RETURN NULL;
END $$;
CREATE TRIGGER sales_line_truncated_totals AFTER TRUNCATE ON sales_orderline
    FOR EACH STATEMENT EXECUTE FUNCTION sales_empty_totals();
"""
GONE = """
DROP TRIGGER sales_line_truncated_totals ON sales_orderline;
DROP FUNCTION sales_empty_totals();
DROP VIEW sales_live_total;
DROP FUNCTION sales_marked_total();
DROP VIEW sales_fresh_total;
DROP TABLE sales_summary_total;
"""
NUMBERS = ("lines", "units", "units_sold", "units_returned", "uncosted", "gross", "discounts", "returns", "adjustments", "net", "cost", "costed_net")


class Migration(migrations.Migration):
    dependencies = [("sales", "0008_reports_at_scale")]

    operations = [
        migrations.RunSQL(TABLE + formatted(LIVE, "total", KEYS), GONE),
        migrations.CreateModel(
            name="TotalSummary",
            fields=[
                *((name, models.BigIntegerField()) for name in NUMBERS),
                ("pk", models.CompositePrimaryKey("grain", "start", blank=True, editable=False, primary_key=True, serialize=False)),
                ("grain", models.TextField()),
                ("start", models.DateField()),
                ("orders", models.BigIntegerField()),
                ("status", models.TextField()),
                ("kind", models.TextField()),
                ("known", models.BooleanField()),
            ],
            options={"db_table": "sales_live_total", "managed": False},
        ),
    ]
