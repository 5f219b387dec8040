"""The summary tables with their views and triggers; the models here only read the views."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from sales import business_day

SUMMARIES = Path(__file__).parent / "sql" / "0002_summaries.sql"


def set_zone(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        business_day.set_zone(cursor, settings.TIME_ZONE)


class Migration(migrations.Migration):
    dependencies = [
        ("sales", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(set_zone, migrations.RunPython.noop),
        migrations.RunSQL(SUMMARIES.read_text()),
        migrations.CreateModel(
            name="CategorySummary",
            fields=[
                ("lines", models.BigIntegerField()),
                ("units", models.BigIntegerField()),
                ("units_sold", models.BigIntegerField()),
                ("units_returned", models.BigIntegerField()),
                ("uncosted", models.BigIntegerField()),
                ("gross", models.BigIntegerField()),
                ("discounts", models.BigIntegerField()),
                ("returns", models.BigIntegerField()),
                ("adjustments", models.BigIntegerField()),
                ("net", models.BigIntegerField()),
                ("cost", models.BigIntegerField()),
                ("costed_net", models.BigIntegerField()),
                ("pk", models.CompositePrimaryKey("grain", "start", blank=True, editable=False, primary_key=True, serialize=False)),
                ("grain", models.TextField()),
                ("start", models.DateField()),
                ("orders", models.BigIntegerField()),
            ],
            options={
                "db_table": "sales_live_category",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ChannelSummary",
            fields=[
                ("lines", models.BigIntegerField()),
                ("units", models.BigIntegerField()),
                ("units_sold", models.BigIntegerField()),
                ("units_returned", models.BigIntegerField()),
                ("uncosted", models.BigIntegerField()),
                ("gross", models.BigIntegerField()),
                ("discounts", models.BigIntegerField()),
                ("returns", models.BigIntegerField()),
                ("adjustments", models.BigIntegerField()),
                ("net", models.BigIntegerField()),
                ("cost", models.BigIntegerField()),
                ("costed_net", models.BigIntegerField()),
                ("pk", models.CompositePrimaryKey("grain", "start", blank=True, editable=False, primary_key=True, serialize=False)),
                ("grain", models.TextField()),
                ("start", models.DateField()),
                ("orders", models.BigIntegerField()),
                ("status", models.TextField()),
                ("kind", models.TextField()),
                ("known", models.BooleanField()),
            ],
            options={
                "db_table": "sales_live_channel",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="CountrySummary",
            fields=[
                ("lines", models.BigIntegerField()),
                ("units", models.BigIntegerField()),
                ("units_sold", models.BigIntegerField()),
                ("units_returned", models.BigIntegerField()),
                ("uncosted", models.BigIntegerField()),
                ("gross", models.BigIntegerField()),
                ("discounts", models.BigIntegerField()),
                ("returns", models.BigIntegerField()),
                ("adjustments", models.BigIntegerField()),
                ("net", models.BigIntegerField()),
                ("cost", models.BigIntegerField()),
                ("costed_net", models.BigIntegerField()),
                ("pk", models.CompositePrimaryKey("grain", "start", blank=True, editable=False, primary_key=True, serialize=False)),
                ("grain", models.TextField()),
                ("start", models.DateField()),
                ("orders", models.BigIntegerField()),
                ("status", models.TextField()),
                ("kind", models.TextField()),
                ("known", models.BooleanField()),
                ("country", models.TextField()),
            ],
            options={
                "db_table": "sales_live_country",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="CustomerSummary",
            fields=[
                ("lines", models.BigIntegerField()),
                ("units", models.BigIntegerField()),
                ("units_sold", models.BigIntegerField()),
                ("units_returned", models.BigIntegerField()),
                ("uncosted", models.BigIntegerField()),
                ("gross", models.BigIntegerField()),
                ("discounts", models.BigIntegerField()),
                ("returns", models.BigIntegerField()),
                ("adjustments", models.BigIntegerField()),
                ("net", models.BigIntegerField()),
                ("cost", models.BigIntegerField()),
                ("costed_net", models.BigIntegerField()),
                ("pk", models.CompositePrimaryKey("grain", "start", blank=True, editable=False, primary_key=True, serialize=False)),
                ("grain", models.TextField()),
                ("start", models.DateField()),
                ("orders", models.BigIntegerField()),
            ],
            options={
                "db_table": "sales_live_customer",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Fact",
            fields=[
                ("lines", models.BigIntegerField()),
                ("units", models.BigIntegerField()),
                ("units_sold", models.BigIntegerField()),
                ("units_returned", models.BigIntegerField()),
                ("uncosted", models.BigIntegerField()),
                ("gross", models.BigIntegerField()),
                ("discounts", models.BigIntegerField()),
                ("returns", models.BigIntegerField()),
                ("adjustments", models.BigIntegerField()),
                ("net", models.BigIntegerField()),
                ("cost", models.BigIntegerField()),
                ("costed_net", models.BigIntegerField()),
                (
                    "line",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="sales.orderline",
                    ),
                ),
                ("start", models.DateField()),
                ("country", models.TextField()),
                ("hour", models.SmallIntegerField()),
                ("status", models.TextField()),
                ("kind", models.TextField()),
                ("known", models.BooleanField()),
            ],
            options={
                "db_table": "sales_fact",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="HourSummary",
            fields=[
                ("lines", models.BigIntegerField()),
                ("units", models.BigIntegerField()),
                ("units_sold", models.BigIntegerField()),
                ("units_returned", models.BigIntegerField()),
                ("uncosted", models.BigIntegerField()),
                ("gross", models.BigIntegerField()),
                ("discounts", models.BigIntegerField()),
                ("returns", models.BigIntegerField()),
                ("adjustments", models.BigIntegerField()),
                ("net", models.BigIntegerField()),
                ("cost", models.BigIntegerField()),
                ("costed_net", models.BigIntegerField()),
                ("pk", models.CompositePrimaryKey("grain", "start", blank=True, editable=False, primary_key=True, serialize=False)),
                ("grain", models.TextField()),
                ("start", models.DateField()),
                ("orders", models.BigIntegerField()),
                ("status", models.TextField()),
                ("kind", models.TextField()),
                ("known", models.BooleanField()),
                ("hour", models.SmallIntegerField()),
            ],
            options={
                "db_table": "sales_live_hour",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ProductSummary",
            fields=[
                ("lines", models.BigIntegerField()),
                ("units", models.BigIntegerField()),
                ("units_sold", models.BigIntegerField()),
                ("units_returned", models.BigIntegerField()),
                ("uncosted", models.BigIntegerField()),
                ("gross", models.BigIntegerField()),
                ("discounts", models.BigIntegerField()),
                ("returns", models.BigIntegerField()),
                ("adjustments", models.BigIntegerField()),
                ("net", models.BigIntegerField()),
                ("cost", models.BigIntegerField()),
                ("costed_net", models.BigIntegerField()),
                ("pk", models.CompositePrimaryKey("grain", "start", blank=True, editable=False, primary_key=True, serialize=False)),
                ("grain", models.TextField()),
                ("start", models.DateField()),
                ("orders", models.BigIntegerField()),
            ],
            options={
                "db_table": "sales_live_product",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="SalespersonSummary",
            fields=[
                ("lines", models.BigIntegerField()),
                ("units", models.BigIntegerField()),
                ("units_sold", models.BigIntegerField()),
                ("units_returned", models.BigIntegerField()),
                ("uncosted", models.BigIntegerField()),
                ("gross", models.BigIntegerField()),
                ("discounts", models.BigIntegerField()),
                ("returns", models.BigIntegerField()),
                ("adjustments", models.BigIntegerField()),
                ("net", models.BigIntegerField()),
                ("cost", models.BigIntegerField()),
                ("costed_net", models.BigIntegerField()),
                ("pk", models.CompositePrimaryKey("grain", "start", blank=True, editable=False, primary_key=True, serialize=False)),
                ("grain", models.TextField()),
                ("start", models.DateField()),
                ("orders", models.BigIntegerField()),
                ("status", models.TextField()),
                ("kind", models.TextField()),
                ("known", models.BooleanField()),
            ],
            options={
                "db_table": "sales_live_salesperson",
                "managed": False,
            },
        ),
    ]
