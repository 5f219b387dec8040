"""Products, customers, orders and lines, with their rules; before them the function that gives an order its business day."""

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import dashboard.fields
import sales.validators
from sales import business_day


def set_zone(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        business_day.set_zone(cursor, settings.TIME_ZONE)


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunPython(set_zone, migrations.RunPython.noop),
        migrations.CreateModel(
            name="Channel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
            ],
            options={
                "ordering": [django.db.models.functions.text.Lower("name")],
            },
        ),
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=50, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("city", models.CharField(blank=True, max_length=100)),
                ("country", models.CharField(blank=True, max_length=60)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": [django.db.models.functions.text.Lower("name"), "pk"],
            },
        ),
        migrations.CreateModel(
            name="Salesperson",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
            ],
            options={
                "verbose_name_plural": "salespeople",
                "ordering": [django.db.models.functions.text.Lower("name")],
            },
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=50, unique=True)),
                ("name", models.CharField(max_length=100)),
                ("default_price", dashboard.fields.MoneyField(blank=True, decimal_places=4, max_digits=14, null=True)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="children", to="sales.category"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "categories",
                "ordering": [django.db.models.functions.text.Lower("name"), "pk"],
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=50, unique=True)),
                ("placed_at", models.DateTimeField()),
                (
                    "placed_on",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func("placed_at", function="business_date", output_field=models.DateField()),
                        output_field=models.DateField(),
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("placed", "Placed"),
                            ("paid", "Paid"),
                            ("shipped", "Shipped"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                            ("test", "Test"),
                        ],
                        default="placed",
                        max_length=10,
                    ),
                ),
                ("country", models.CharField(blank=True, max_length=60)),
                ("shipping", dashboard.fields.MoneyField(decimal_places=4, default=0, max_digits=14)),
                ("coupon", dashboard.fields.MoneyField(decimal_places=4, default=0, max_digits=14)),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="sales.channel"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="sales.customer"
                    ),
                ),
                (
                    "salesperson",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="sales.salesperson",
                    ),
                ),
            ],
            options={
                "ordering": ["-placed_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "sku",
                    models.CharField(
                        max_length=50,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z0-9]([A-Za-z0-9 ._/-]{0,48}[A-Za-z0-9])?$",
                                "A SKU has 1 to 50 letters, digits, spaces, dots, dashes, underscores or slashes, and begins and ends with a letter or digit.",
                                code="sku_form",
                            )
                        ],
                        verbose_name="SKU",
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("gtin", models.CharField(blank=True, max_length=14, validators=[sales.validators.validate_gtin], verbose_name="GTIN")),
                (
                    "price",
                    dashboard.fields.MoneyField(
                        blank=True, decimal_places=4, help_text="Empty: the category's default price.", max_digits=14, null=True
                    ),
                ),
                ("cost", dashboard.fields.MoneyField(blank=True, decimal_places=4, max_digits=14, null=True)),
                ("stock", models.IntegerField(default=0)),
                ("reorder_point", models.IntegerField(default=0)),
                ("preorder_from", models.DateField(blank=True, null=True)),
                ("active", models.BooleanField(default=True)),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "category",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="products", to="sales.category"
                    ),
                ),
            ],
            options={
                "ordering": [django.db.models.functions.text.Lower("name"), "pk"],
            },
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField(default=1)),
                ("quantity", models.IntegerField()),
                ("unit_price", dashboard.fields.MoneyField(decimal_places=4, max_digits=14)),
                ("discount_amount", dashboard.fields.MoneyField(decimal_places=4, default=0, max_digits=14)),
                ("coupon_share", dashboard.fields.MoneyField(decimal_places=4, default=0, max_digits=14)),
                ("unit_cost", dashboard.fields.MoneyField(blank=True, decimal_places=4, max_digits=14, null=True)),
                (
                    "kind",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(then=models.Value("adjustment"), unit_price__lt=0),
                            models.When(quantity__lt=0, then=models.Value("adjustment"), unit_price=0),
                            models.When(quantity__lt=0, then=models.Value("return")),
                            models.When(then=models.Value("free"), unit_price=0),
                            default=models.Value("sale"),
                        ),
                        output_field=models.CharField(
                            choices=[("sale", "Sale"), ("free", "Free of charge"), ("return", "Return"), ("adjustment", "Adjustment")], max_length=10
                        ),
                    ),
                ),
                (
                    "net",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(models.F("quantity"), "*", models.F("unit_price")),
                                "-",
                                models.F("discount_amount"),
                            ),
                            "-",
                            models.F("coupon_share"),
                        ),
                        output_field=models.DecimalField(decimal_places=4, max_digits=18),
                    ),
                ),
                (
                    "cost",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(models.F("quantity"), "*", models.F("unit_cost")),
                        output_field=models.DecimalField(decimal_places=4, max_digits=18),
                    ),
                ),
                ("order", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="sales.order")),
                (
                    "return_of",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="returns", to="sales.orderline"
                    ),
                ),
                ("product", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="sales.product")),
            ],
            options={
                "ordering": ["order", "position"],
            },
        ),
        migrations.CreateModel(
            name="SummaryMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(null=True)),
                ("order_id", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("day__isnull", False), ("order_id__isnull", False), _connector="OR"), name="mark_says_something"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Tier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=50)),
                (
                    "min_spend",
                    dashboard.fields.MoneyField(
                        decimal_places=4,
                        help_text="Net sales of the last 365 days from which a customer is in this tier.",
                        max_digits=14,
                        unique=True,
                    ),
                ),
                ("discount", dashboard.fields.RateField(decimal_places=4, default=0, help_text="0.05 is 5 %.", max_digits=5)),
            ],
            options={
                "ordering": ["min_spend"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"), name="tier_name_unique", violation_error_message="Another tier has this name."
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("min_spend__gte", 0)),
                        name="tier_min_spend_not_negative",
                        violation_error_message="A threshold cannot be negative.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("discount__gte", 0), ("discount__lt", 1)),
                        name="tier_discount_range",
                        violation_error_message="A discount lies between 0 and 99.99 %.",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="order",
            name="tier",
            field=models.ForeignKey(
                blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="sales.tier"
            ),
        ),
        migrations.AddField(
            model_name="customer",
            name="tier",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="customers", to="sales.tier"),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.CheckConstraint(
                condition=models.Q(("default_price__isnull", True), ("default_price__gte", 0), _connector="OR"),
                name="category_default_price_not_negative",
                violation_error_message="A default price cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.CheckConstraint(
                condition=models.Q(("parent__isnull", True), models.Q(("parent", models.F("pk")), _negated=True), _connector="OR"),
                name="category_not_its_own_parent",
                violation_error_message="A category cannot be its own parent.",
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(django.db.models.functions.text.Lower("name"), models.F("id"), name="product_name"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(models.F("category"), django.db.models.functions.text.Lower("name"), name="product_category_name"),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("sku__regex", "^[A-Za-z0-9]([A-Za-z0-9 ._/-]{0,48}[A-Za-z0-9])?$")),
                name="product_sku_form",
                violation_error_message="A SKU has 1 to 50 letters, digits, spaces, dots, dashes, underscores or slashes, and begins and ends with a letter or digit.",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("gtin", ""), ("gtin__regex", "^[0-9]{8}([0-9]{4,6})?$"), _connector="OR"), name="product_gtin_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("price__isnull", True), ("price__gte", 0), _connector="OR"),
                name="product_price_not_negative",
                violation_error_message="A price cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("cost__isnull", True), ("cost__gte", 0), _connector="OR"),
                name="product_cost_not_negative",
                violation_error_message="A cost cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("stock__gte", 0)), name="product_stock_not_negative", violation_error_message="Stock cannot go below zero."
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("reorder_point__gte", 0)),
                name="product_reorder_point_not_negative",
                violation_error_message="A reorder point cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(
                models.F("gtin"),
                condition=models.Q(("gtin", ""), _negated=True),
                name="product_gtin_unique",
                violation_error_message="Another product has this GTIN.",
            ),
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(fields=["order"], include=("product", "quantity", "unit_price", "kind", "net", "cost"), name="line_order_covering"),
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(fields=["product", "order"], name="line_product_order"),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.UniqueConstraint(fields=("order", "position"), name="line_position_unique"),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity", 0), _negated=True),
                name="line_quantity_not_zero",
                violation_error_message="A quantity cannot be zero.",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(("unit_cost__isnull", True), ("unit_cost__gte", 0), _connector="OR"),
                name="line_unit_cost_not_negative",
                violation_error_message="A cost cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(("return_of__isnull", True), ("quantity__lt", 0), _connector="OR"),
                name="line_return_is_negative",
                violation_error_message="A return has a negative quantity.",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["placed_on"], include=("id", "customer", "channel", "status"), name="order_day"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                models.OrderBy(models.F("placed_at"), descending=True), models.OrderBy(models.F("id"), descending=True), name="order_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                models.F("status"),
                models.OrderBy(models.F("placed_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="order_status_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                models.F("channel"),
                models.OrderBy(models.F("placed_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="order_channel_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                models.F("customer"),
                models.OrderBy(models.F("placed_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="order_customer_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["salesperson"], name="order_salesperson"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["tier"], name="order_tier"),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["placed", "paid", "shipped", "completed", "cancelled", "test"])), name="order_status_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("coupon__gte", 0)), name="order_coupon_not_negative", violation_error_message="A coupon cannot be negative."
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(django.db.models.functions.text.Lower("name"), models.F("id"), name="customer_name"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["country", "id"], name="customer_country"),
        ),
    ]
