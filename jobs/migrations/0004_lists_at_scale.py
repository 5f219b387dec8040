"""Indexes for lists of a hundred thousand applications: by outcome, by the time in a stage, and the search for an address."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0003_defaults"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="application",
            index=models.Index(
                models.F("status"),
                models.OrderBy(models.F("applied_at"), descending=True, nulls_last=True),
                models.OrderBy(models.F("id"), descending=True),
                name="application_status_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(models.OrderBy(models.F("stage_since")), models.OrderBy(models.F("id")), name="application_stage_since_up"),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(
                models.OrderBy(models.F("stage_since"), descending=True, nulls_last=True),
                models.OrderBy(models.F("id")),
                name="application_stage_since_down",
            ),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("email"), name="gin_trgm_ops"),
                name="candidate_email_trigram",
            ),
        ),
    ]
