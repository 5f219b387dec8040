"""Lines that one statement adds belong to one order, nearly always: marking that costs a writer no sort and no hash table."""

from pathlib import Path

from django.db import migrations

LANDED = (Path(__file__).parent / "sql" / "0002_summaries.sql").read_text()
BEFORE = LANDED[LANDED.index("CREATE FUNCTION sales_mark_lines()") : LANDED.index("CREATE TRIGGER sales_line_inserted")]
BEFORE = BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
ADDED = "INSERT INTO sales_summarymark (order_id) SELECT DISTINCT order_id FROM new_rows;"
ADDED_NOW = """INSERT INTO sales_summarymark (order_id) SELECT min(order_id) FROM new_rows HAVING min(order_id) = max(order_id);
        IF NOT FOUND THEN
            INSERT INTO sales_summarymark (order_id) SELECT DISTINCT order_id FROM new_rows;
        END IF;"""


class Migration(migrations.Migration):
    """The function of sales 0002 with another way of marking added lines."""

    dependencies = [("sales", "0010_rungs")]
    operations = [migrations.RunSQL(BEFORE.replace(ADDED, ADDED_NOW), BEFORE)]
