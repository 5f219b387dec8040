"""Sessions that know their user, and a text that says which state of the business data a statement sees."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Two snapshots that see the same newest change set, and in which the same older transactions are still under way, see the same data: an
# older one that was under way and has ended since is no longer named. Ids alone could not tell: they are given before the commit. The
# newest entry of the log tells states inside one transaction apart.
VERSION = """
ALTER TABLE dashboard_changeset ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX dashboard_changeset_xid ON dashboard_changeset (xid);

CREATE FUNCTION tallyboard_data_version() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws('-',
        (SELECT max(id) FROM dashboard_rowchange),
        newest.xid,
        (SELECT string_agg(under_way::text, '-' ORDER BY under_way)
         FROM pg_snapshot_xip(pg_current_snapshot()) under_way WHERE under_way <= newest.xid))
    FROM (VALUES (1)) one LEFT JOIN LATERAL (
        SELECT xid FROM dashboard_changeset WHERE xid < pg_snapshot_xmax(pg_current_snapshot()) ORDER BY xid DESC LIMIT 1
    ) newest ON true
$$;
"""
GONE = "DROP FUNCTION tallyboard_data_version(); ALTER TABLE dashboard_changeset DROP COLUMN xid"


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0008_form_tokens"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                ("session_key", models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key")),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                (
                    "user",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={"verbose_name": "session", "verbose_name_plural": "sessions", "abstract": False},
        ),
        migrations.RunSQL("DROP TABLE IF EXISTS django_session", migrations.RunSQL.noop),
        migrations.RunSQL(VERSION, GONE),
    ]
