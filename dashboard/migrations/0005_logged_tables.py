"""Which tables the change log watches: everything that people enter, import or edit."""

from django.db import migrations

TABLES = (
    "sales_category",
    "sales_product",
    "sales_tier",
    "sales_customer",
    "sales_channel",
    "sales_salesperson",
    "sales_order",
    "sales_orderline",
    "jobs_skill",
    "jobs_skillalias",
    "jobs_pipeline",
    "jobs_stage",
    "jobs_source",
    "jobs_rejectionreason",
    "jobs_job",
    "jobs_jobskill",
    "jobs_jobhold",
    "jobs_candidate",
    "jobs_candidateskill",
    "jobs_application",
    "jobs_batch",
    "jobs_stageevent",
    "jobs_note",
)


class Migration(migrations.Migration):
    """Runs after the tables exist and before anything is entered."""

    dependencies = [("dashboard", "0004_log_changes"), ("sales", "0001_initial"), ("jobs", "0003_defaults")]
    operations = [migrations.RunSQL(f"SELECT tallyboard_track('{table}')", migrations.RunSQL.noop) for table in TABLES]
