"""Figures beside one product or one customer in a list: models over views of the live summaries and stored totals. They own no definitions."""

from django.db import models

RECENT_DAYS = 90
YEAR_DAYS = 365


def amount() -> models.DecimalField:
    """Exact money, as the view makes it from ten-thousandths."""
    return models.DecimalField(max_digits=24, decimal_places=4, null=True)


class ProductFigures(models.Model):
    """What a product sold in the last 90 days, today included. Products without a sale in them have no row."""

    product = models.OneToOneField("sales.Product", models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="recent")
    units = models.BigIntegerField()
    net = amount()
    last_sold = models.DateField(null=True)

    class Meta:
        managed = False
        db_table = "sales_product_recent"

    def __str__(self):
        return f"{self.units} units in {RECENT_DAYS} days"


class OrderFigures(models.Model):
    """What was ordered: ever, and in the last 365 days, today included.

    `spend` is net sales; `sold` is gross − discounts, before returns, and `average_order` is `sold` / `orders`, the AOV of reports.
    """

    orders = models.BigIntegerField()
    spend = amount()
    sold = amount()
    average_order = amount()
    spend_year = amount()

    class Meta:
        abstract = True
        managed = False

    def __str__(self):
        return f"{self.orders} orders"


class CustomerFigures(OrderFigures):
    """What a customer ordered, and when last. Each customer has a row, which is empty without a counted line; see stored_totals.py."""

    latest_order_at = models.DateTimeField(null=True)
    customer = models.OneToOneField("sales.Customer", models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="figures")

    class Meta:
        managed = False
        db_table = "sales_customer_figures"


class AllCustomersFigures(OrderFigures):
    """What all known customers ordered together, always one row: the sums of CustomerFigures, from a summary with fewer rows."""

    class Meta:
        managed = False
        db_table = "sales_all_customers_figures"
