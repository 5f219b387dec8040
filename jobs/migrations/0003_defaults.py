"""A fresh installation can hire at once: a pipeline, sources and reasons, all editable."""

from django.db import migrations

STAGES = [("Applied", "applied", 3), ("Screen", "screen", 5), ("Interview", "interview", 10), ("Offer", "offer", 7), ("Hired", "hired", None)]
SOURCES = [
    ("Own site", "site"),
    ("Job board", "board"),
    ("Referral", "referral"),
    ("Agency", "agency"),
    ("Found by us", "sourced"),
    ("Other", "other"),
]
REASONS = [
    ("Required skill missing", "company"),
    ("Not enough experience", "company"),
    ("Somebody else was a better match", "company"),
    ("Position filled", "company"),
    ("No permission to work here", "company"),
    ("Not stated", "company"),
    ("Pay expectation too far apart", "candidate"),
    ("Took another offer", "candidate"),
    ("No answer", "candidate"),
]


def create(apps, schema_editor):
    """Add the defaults, once."""
    pipeline = apps.get_model("jobs", "Pipeline").objects.create(name="Standard", is_default=True)
    stage = apps.get_model("jobs", "Stage")
    stage.objects.bulk_create(
        stage(pipeline=pipeline, name=name, kind=kind, sla_days=days, position=position) for position, (name, kind, days) in enumerate(STAGES)
    )
    source = apps.get_model("jobs", "Source")
    source.objects.bulk_create(source(name=name, kind=kind) for name, kind in SOURCES)
    reason = apps.get_model("jobs", "RejectionReason")
    reason.objects.bulk_create(reason(name=name, side=side) for name, side in REASONS)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_log_is_append_only")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
