"""A change set knows which sides it touched, the log has an index for each question, an undo and a mapping can be kept."""

from pathlib import Path

import django.contrib.postgres.indexes
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "0010_sides_of_changes.sql").read_text()
BEFORE = (Path(__file__).parent / "sql" / "0004_log_changes.sql").read_text()


def functions(sql: str) -> str:
    """The log functions of a file of this folder, made anew."""
    found = sql[: sql.index("-- TRUNCATE leaves")].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    return "DROP FUNCTION IF EXISTS tallyboard_rows_changed(bigint);\nDROP FUNCTION tallyboard_change_set(text);\n" + found


class Migration(migrations.Migration):

    dependencies = [
        ('dashboard', '0009_sessions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportMap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('entity', models.CharField(max_length=30)),
                ('header', models.JSONField(default=list)),
                ('words', models.JSONField(default=dict)),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': [django.db.models.functions.text.Lower('name')],
            },
        ),
        migrations.CreateModel(
            name='UndoRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rows', models.BigIntegerField(help_text='Rows that the set changed.')),
                ('rows_done', models.BigIntegerField(default=0)),
                ('restored', models.BigIntegerField(default=0)),
                ('conflicts', models.BigIntegerField(default=0)),
                ('left_alone', models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='changeset',
            name='kind',
            field=models.GeneratedField(db_persist=True, expression=models.Func(models.F('verb'), models.Value('.'), models.Value(1), function='split_part'), output_field=models.CharField(max_length=60)),
        ),
        migrations.AddField(
            model_name='changeset',
            name='touches_jobs',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name='changeset',
            name='touches_sales',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name='import',
            name='map_name',
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name='import',
            name='step',
            field=models.CharField(choices=[('reading', 'reading rows'), ('comparing', 'comparing them with what is there'), ('writing', 'writing them')], default='reading', max_length=10),
        ),
        migrations.AddField(
            model_name='import',
            name='stop_asked',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='changeset',
            name='at',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AlterField(
            model_name='changeset',
            name='user',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='change_sets', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='changeset',
            index=models.Index(models.OrderBy(models.F('at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='change_newest'),
        ),
        migrations.AddIndex(
            model_name='changeset',
            index=models.Index(models.OrderBy(models.F('at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('touches_sales', True)), name='change_newest_sales'),
        ),
        migrations.AddIndex(
            model_name='changeset',
            index=models.Index(models.OrderBy(models.F('at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('touches_jobs', True)), name='change_newest_jobs'),
        ),
        migrations.AddIndex(
            model_name='changeset',
            index=models.Index(models.F('user'), models.OrderBy(models.F('at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='change_user_newest'),
        ),
        migrations.AddIndex(
            model_name='changeset',
            index=models.Index(models.F('kind'), models.OrderBy(models.F('at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='change_kind_newest'),
        ),
        migrations.AddIndex(
            model_name='changeset',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('sentence'), name='gin_trgm_ops'), name='change_sentence_trigram'),
        ),
        migrations.AddIndex(
            model_name='rowchange',
            index=models.Index(condition=models.Q(('operation', 'I')), fields=['table', 'row_id', 'last_id'], name='rowchange_added'),
        ),
        migrations.AddField(
            model_name='importmap',
            name='user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='undorun',
            name='target',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='undo_runs', to='dashboard.changeset'),
        ),
        migrations.AddField(
            model_name='undorun',
            name='user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='importmap',
            constraint=models.UniqueConstraint(models.F('entity'), django.db.models.functions.text.Lower('name'), name='import_map_name_unique', violation_error_message='There is a mapping of this name already.'),
        ),
        migrations.AddConstraint(
            model_name='undorun',
            constraint=models.UniqueConstraint(condition=models.Q(('finished_at__isnull', True)), fields=('target',), name='undo_one_at_a_time'),
        ),
        migrations.RunSQL(SQL, functions(BEFORE)),
    ]
