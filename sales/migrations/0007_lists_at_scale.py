"""Customers with one stored row of totals each, and the indexes that lists of millions of orders are filtered and searched by."""

from pathlib import Path

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

TOTALS = Path(__file__).parent / "sql" / "0007_customer_totals.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("sales", "0006_figures_at_once"),
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="CustomerTotal",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="sales.customer",
                    ),
                ),
                ("orders", models.BigIntegerField(null=True)),
                ("spend", models.DecimalField(decimal_places=4, max_digits=24, null=True)),
                ("sold", models.DecimalField(decimal_places=4, max_digits=24, null=True)),
                ("spend_year", models.DecimalField(decimal_places=4, max_digits=24, null=True)),
                (
                    "average_order",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            models.F("sold"), "/", django.db.models.functions.comparison.NullIf("orders", 0)
                        ),
                        output_field=models.DecimalField(null=True),
                    ),
                ),
                ("latest_order_at", models.DateTimeField(null=True)),
            ],
        ),
        # The row goes with its customer, whoever deletes that; Django refuses to mix this with the rules of other references.
        migrations.RunSQL(
            "ALTER TABLE sales_customertotal ADD FOREIGN KEY (customer_id) REFERENCES sales_customer ON DELETE CASCADE",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customer_country",
        ),
        migrations.RemoveIndex(
            model_name="order",
            name="order_salesperson",
        ),
        migrations.AddField(
            model_name="summarymark",
            name="customer_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                django.db.models.functions.text.Upper("country"),
                django.db.models.functions.text.Lower("name"),
                models.F("id"),
                name="customer_country_name",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("name"), name="gin_trgm_ops"),
                name="customer_name_trigram",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("email"), name="gin_trgm_ops"),
                name="customer_email_trigram",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("key"), name="gin_trgm_ops"),
                name="customer_key_trigram",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["salesperson", "-placed_at", "-id"], include=["channel", "status"], name="order_salesperson_newest"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                django.db.models.functions.text.Upper("country"),
                models.OrderBy(models.F("placed_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="order_country_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("number"), name="gin_trgm_ops"),
                name="order_number_trigram",
            ),
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(condition=models.Q(("kind", "return")), fields=["order"], name="line_return"),
        ),
        migrations.AddIndex(
            model_name="customertotal",
            index=models.Index(models.OrderBy(models.F("orders")), models.OrderBy(models.F("customer")), name="customer_orders_up"),
        ),
        migrations.AddIndex(
            model_name="customertotal",
            index=models.Index(
                models.OrderBy(models.F("orders"), descending=True, nulls_last=True),
                models.OrderBy(models.F("customer")),
                name="customer_orders_down",
            ),
        ),
        migrations.AddIndex(
            model_name="customertotal",
            index=models.Index(models.OrderBy(models.F("spend")), models.OrderBy(models.F("customer")), name="customer_spend_up"),
        ),
        migrations.AddIndex(
            model_name="customertotal",
            index=models.Index(
                models.OrderBy(models.F("spend"), descending=True, nulls_last=True), models.OrderBy(models.F("customer")), name="customer_spend_down"
            ),
        ),
        migrations.AddIndex(
            model_name="customertotal",
            index=models.Index(models.OrderBy(models.F("spend_year")), models.OrderBy(models.F("customer")), name="customer_spend_year_up"),
        ),
        migrations.AddIndex(
            model_name="customertotal",
            index=models.Index(
                models.OrderBy(models.F("spend_year"), descending=True, nulls_last=True),
                models.OrderBy(models.F("customer")),
                name="customer_spend_year_down",
            ),
        ),
        migrations.AddIndex(
            model_name="customertotal",
            index=models.Index(models.OrderBy(models.F("average_order")), models.OrderBy(models.F("customer")), name="customer_average_order_up"),
        ),
        migrations.AddIndex(
            model_name="customertotal",
            index=models.Index(
                models.OrderBy(models.F("average_order"), descending=True, nulls_last=True),
                models.OrderBy(models.F("customer")),
                name="customer_average_order_down",
            ),
        ),
        migrations.AddIndex(
            model_name="customertotal",
            index=models.Index(models.OrderBy(models.F("latest_order_at")), models.OrderBy(models.F("customer")), name="customer_latest_order_at_up"),
        ),
        migrations.AddIndex(
            model_name="customertotal",
            index=models.Index(
                models.OrderBy(models.F("latest_order_at"), descending=True, nulls_last=True),
                models.OrderBy(models.F("customer")),
                name="customer_latest_order_at_down",
            ),
        ),
        migrations.AddField("customerfigures", "latest_order_at", models.DateTimeField(null=True)),
        migrations.RunSQL(TOTALS.read_text()),
    ]
