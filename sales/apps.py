"""Sales: products, customers, orders and the reports about them."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    """The managers' side of the company."""

    name = "sales"
    verbose_name = "Sales"
    invariants = ("sales.rollups.broken", "sales.rollups.foreign_days")
