"""A change set that costs a writer less: its kind is worked out for an index alone, and one setting says what two said."""

from pathlib import Path

from django.db import migrations, models

FOLDER = Path(__file__).parent / "sql"
SQL = (FOLDER / "0013_leaner_sets.sql").read_text()
BEFORE = (FOLDER / "0012_lean_log.sql").read_text()
BEFORE = BEFORE[BEFORE.index("CREATE OR REPLACE FUNCTION tallyboard_change_set") : BEFORE.index("-- A set stays")]
KIND = models.Func(
    models.F("verb"), models.Value("."), models.Value(1), function="split_part", output_field=models.CharField(max_length=60)
)


class Migration(migrations.Migration):
    """The column goes, the index stays; the function notes sides in another way."""

    dependencies = [("dashboard", "0012_lean_log")]
    operations = [
        migrations.RemoveIndex(model_name="changeset", name="change_kind_newest"),
        migrations.RemoveField(model_name="changeset", name="kind"),
        migrations.AddIndex(model_name="changeset", index=models.Index(KIND, "at", "id", name="change_kind_newest")),
        migrations.AlterField(model_name="changeset", name="count", field=models.IntegerField(default=0)),
        migrations.RunSQL(SQL, BEFORE),
    ]
