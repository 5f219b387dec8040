"""The summary tables: which groupings are kept, and the models that read their live views. What fills them is rollups.py.

Every summary has its rungs in one table, days at least, months and years, with one row for each `start` and key, and the same measure
columns: counts, and money in ten-thousandths. Each has three relations: `sales_summary_<name>` is what is stored, `sales_fresh_<name>` is what
the facts say for each day, and `sales_live_<name>` is what to read: the stored rows plus what changed on the days that are still marked.
Keys that are unknown are 0 or ''.

What changed since the last refresh stands in `sales_summarymark`: a day with the customer it changed for, or an order that is looked up then. It
is append-only, written by statement triggers in the transaction of the change itself, and taken whole, so that it needs neither ids nor an index.
Who ordered is no sum and has a table of its own: distinct_customers.py.
"""
# ruff: noqa: DJ008 - rows of views are grouped, never shown

from datetime import date

from django.db import models

from .covers import RUNGS

MONEY_COLUMNS = ("gross", "discounts", "returns", "adjustments", "net", "cost", "costed_net")
COUNT_COLUMNS = ("lines", "orders", "units", "units_sold", "units_returned", "uncosted")
COLUMNS = COUNT_COLUMNS + MONEY_COLUMNS
SCALE = 10_000


class Measured(models.Model):
    """The measure columns. Their definitions stand in the view `sales_fact`, once for facts and summaries.

    `orders` are distinct orders with a sale or free line; in summaries that keep the kind of line, an order counts under "sale" if it has
    such a line and under "free" otherwise, so that kinds add up. `costed_net` is the net of lines whose cost is known.
    """

    lines = models.BigIntegerField()
    units = models.BigIntegerField()
    units_sold = models.BigIntegerField()
    units_returned = models.BigIntegerField()
    uncosted = models.BigIntegerField()
    gross = models.BigIntegerField()
    discounts = models.BigIntegerField()
    returns = models.BigIntegerField()
    adjustments = models.BigIntegerField()
    net = models.BigIntegerField()
    cost = models.BigIntegerField()
    costed_net = models.BigIntegerField()

    class Meta:
        abstract = True
        managed = False


def key(model: str) -> models.ForeignKey:
    """A reference that may point nowhere: names are joined from the left, so that "(none)" keeps its row."""
    return models.ForeignKey(model, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")


class Summary(Measured):
    """A live view. Rows are only ever grouped, never fetched one by one, so their primary key is nominal. Each rung lies within the next."""

    rungs = RUNGS
    pk = models.CompositePrimaryKey("grain", "start")
    grain = models.TextField()
    start = models.DateField()
    orders = models.BigIntegerField()

    class Meta:
        abstract = True
        managed = False


class OrderSummary(Summary):
    """A summary that keeps every status and kind of line, and whether the customer is known."""

    status = models.TextField()
    kind = models.TextField()
    known = models.BooleanField()

    class Meta:
        abstract = True
        managed = False


class TotalSummary(OrderSummary):
    """By nothing else: totals, courses over time and what is left out come from here."""

    class Meta:
        managed = False
        db_table = "sales_live_total"


class ChannelSummary(OrderSummary):
    """By channel and tier."""

    channel = key("sales.Channel")
    tier = key("sales.Tier")

    class Meta:
        managed = False
        db_table = "sales_live_channel"


class CountrySummary(OrderSummary):
    """By country of the order."""

    country = models.TextField()

    class Meta:
        managed = False
        db_table = "sales_live_country"


class SalespersonSummary(OrderSummary):
    """By salesperson."""

    salesperson = key("sales.Salesperson")

    class Meta:
        managed = False
        db_table = "sales_live_salesperson"


class HourSummary(OrderSummary):
    """By hour of the day in the company's time zone."""

    hour = models.SmallIntegerField()

    class Meta:
        managed = False
        db_table = "sales_live_hour"


class CategorySummary(Summary):
    """Counted lines by category (of the product as it is now), channel and tier."""

    category = key("sales.Category")
    channel = key("sales.Channel")
    tier = key("sales.Tier")

    class Meta:
        managed = False
        db_table = "sales_live_category"


class ProductSummary(Summary):
    """Counted lines by product. A period that begins and ends anywhere reads few of its many rows, thanks to two rungs more."""

    rungs = ("day", "pentad", "month", "quarter", "year")
    product = key("sales.Product")

    class Meta:
        managed = False
        db_table = "sales_live_product"


class CustomerSummary(Summary):
    """Counted lines by customer."""

    customer = key("sales.Customer")

    class Meta:
        managed = False
        db_table = "sales_live_customer"


def products_with_sales(since: date | None = None) -> models.QuerySet:
    """Ids of products with a counted sale, ever or on or after a day."""
    return keys_where(ProductSummary, "product", "units_sold", since)


def keys_where(summary: type[Summary], key: str, column: str, since: date | None) -> models.QuerySet:
    """Keys whose sum of a column is above zero; summed, because a live view corrects a stored row by adding another."""
    rows = summary.objects.filter(grain="day", start__gte=since) if since else summary.objects.filter(grain="year")
    return rows.values(key).annotate(total=models.Sum(column)).filter(total__gt=0).values(key)


SUMMARIES = (TotalSummary, ChannelSummary, CountrySummary, SalespersonSummary, HourSummary, CategorySummary, ProductSummary, CustomerSummary)


def name_of(summary: type[Summary]) -> str:
    """The last part of its relations' names: "channel"."""
    return summary._meta.db_table.removeprefix("sales_live_")


def ladder_of(summary: type[Summary]) -> list[tuple[str, str]]:
    """Its rungs above the days, upwards, each with the rung below that it is summed from."""
    return list(zip(summary.rungs[1:], summary.rungs, strict=False))


def keys_of(summary: type[Summary]) -> tuple[str, ...]:
    """The key columns of a summary beside grain and start."""
    return tuple(field.column for field in summary._meta.concrete_fields if field.column not in {"grain", "start", *COLUMNS})
