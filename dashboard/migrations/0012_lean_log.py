"""A log that costs a writer less: entries checked once a transaction, indexes without what most sets have in common."""

from pathlib import Path

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

FOLDER = Path(__file__).parent / "sql"
SQL = (FOLDER / "0012_lean_log.sql").read_text()
BEFORE = (FOLDER / "0010_sides_of_changes.sql").read_text()
BEFORE = BEFORE[BEFORE.index("CREATE FUNCTION tallyboard_change_set") : BEFORE.index("-- Changed rows")].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
GONE = "DROP TRIGGER keep_logged ON dashboard_changeset; DROP FUNCTION tallyboard_keep_change_sets();"


class Migration(migrations.Migration):
    """Indexes, the constraint of entries, and the functions that write them."""

    dependencies = [
        ("dashboard", "0011_bulk_runs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="changeset",
            name="change_newest",
        ),
        migrations.RemoveIndex(
            model_name="changeset",
            name="change_newest_sales",
        ),
        migrations.RemoveIndex(
            model_name="changeset",
            name="change_newest_jobs",
        ),
        migrations.RemoveIndex(
            model_name="changeset",
            name="change_user_newest",
        ),
        migrations.RemoveIndex(
            model_name="changeset",
            name="change_kind_newest",
        ),
        migrations.RemoveIndex(
            model_name="changeset",
            name="change_sentence_trigram",
        ),
        migrations.RemoveIndex(
            model_name="rowchange",
            name="rowchange_row",
        ),
        migrations.AlterField(
            model_name="changeset",
            name="undo_of",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="undos", to="dashboard.changeset"
            ),
        ),
        migrations.AlterField(
            model_name="rowchange",
            name="change_set",
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="dashboard.changeset"),
        ),
        migrations.AddIndex(
            model_name="changeset",
            index=models.Index(fields=["at", "id"], name="change_newest"),
        ),
        migrations.AddIndex(
            model_name="changeset",
            index=models.Index(condition=models.Q(("touches_sales", True)), fields=["at", "id"], name="change_newest_sales"),
        ),
        migrations.AddIndex(
            model_name="changeset",
            index=models.Index(condition=models.Q(("touches_jobs", True)), fields=["at", "id"], name="change_newest_jobs"),
        ),
        migrations.AddIndex(
            model_name="changeset",
            index=models.Index(condition=models.Q(("user__isnull", False)), fields=["user", "at", "id"], name="change_user_newest"),
        ),
        migrations.AddIndex(
            model_name="changeset",
            index=models.Index(fields=["kind", "at", "id"], name="change_kind_newest"),
        ),
        migrations.AddIndex(
            model_name="changeset",
            index=models.Index(condition=models.Q(("undo_of__isnull", False)), fields=["undo_of"], name="change_undo_of"),
        ),
        migrations.AddIndex(
            model_name="changeset",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("sentence"), name="gin_trgm_ops"),
                condition=models.Q(("verb", "direct"), _negated=True),
                name="change_sentence_trigram",
            ),
        ),
        migrations.AddIndex(
            model_name="rowchange",
            index=models.Index(condition=models.Q(("operation", "I"), _negated=True), fields=["table", "row_id", "id"], name="rowchange_row"),
        ),
        migrations.RunSQL(SQL, BEFORE + GONE),
    ]
