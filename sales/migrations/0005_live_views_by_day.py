"""Live views read a marked day by index, whatever the planner expects of the table of marks."""

from pathlib import Path

from django.db import migrations

VIEWS = Path(__file__).parent / "sql" / "0005_live_views_by_day.sql"


class Migration(migrations.Migration):
    dependencies = [("sales", "0004_last_sold")]

    operations = [migrations.RunSQL(VIEWS.read_text(), migrations.RunSQL.noop)]
