"""The functions behind the change log; each app's migrations say which of its tables are logged."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "0004_log_changes.sql").read_text()
FUNCTIONS = (
    "tallyboard_track(regclass)",
    "tallyboard_append_only()",
    "tallyboard_refuse_truncate()",
    "tallyboard_log_delete()",
    "tallyboard_log_update()",
    "tallyboard_log_insert()",
    "tallyboard_change_set()",
)


class Migration(migrations.Migration):
    """Statement triggers write the log, so that no path around the application is a path around the log."""

    dependencies = [("dashboard", "0003_change_log")]
    operations = [migrations.RunSQL(SQL, "; ".join(f"DROP FUNCTION {name} CASCADE" for name in FUNCTIONS))]
