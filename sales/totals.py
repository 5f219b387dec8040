"""The totals rows of the sales lists: one aggregate over the filtered rows, by their ids alone, so that no join can repeat a row."""

from datetime import timedelta
from decimal import Decimal

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Avg, Count, DecimalField, Max, Min, Q, Sum
from django.utils import timezone

from dashboard.listing import COUNT_CAP
from dashboard.lookups import any_of
from dashboard.money import ratio

from .figures import RECENT_DAYS, AllCustomersFigures, CustomerFigures, ProductFigures
from .models import COUNTED_STATUSES, Customer, Order, OrderLine
from .summaries import SCALE, TotalSummary


def product_totals(products) -> dict:
    """Stock on the shelf, and units and net sales of the last 90 days."""
    found = products.order_by().aggregate(stock=Sum("stock", default=0), keys=ArrayAgg("pk", default=[]))
    if products.query.has_filters():
        recent = ProductFigures.objects.filter(product__in=found["keys"])
        sold = recent.aggregate(units=Sum("units", default=0), net=Sum("net", default=0))
    else:
        days = TotalSummary.objects.filter(grain="day", start__gt=timezone.localdate() - timedelta(days=RECENT_DAYS), start__lte=timezone.localdate())
        sold = days.filter(status__in=COUNTED_STATUSES).aggregate(units=Sum("units", default=0), net=Sum("net", default=0) / Decimal(SCALE))
    return {"stock": found["stock"], **sold}


def customer_totals(customers, found: list[int] | None = None) -> dict:
    """Orders and spend; the average order divides the two sums, it is never averaged over customers. `found` are the ids where these are known."""
    if found is not None:
        rows = CustomerFigures.objects.filter(any_of("customer", found))
    elif customers.query.has_filters():
        # The limit lets the planner find the customers first, on their own: it expects few rows of the figures and would look each of
        # them up among the conditions.
        rows = CustomerFigures.objects.filter(customer__in=customers.order_by().values("pk")[: COUNT_CAP + 1])
    else:
        rows = AllCustomersFigures.objects.all()
    totals = rows.aggregate(
        total_orders=Sum("orders", default=0),
        total_spend=Sum("spend", default=0),
        total_year=Sum("spend_year", default=0),
        total_sold=Sum("sold", default=0),
    )
    return {
        "orders": totals["total_orders"],
        "spend": totals["total_spend"],
        "spend_year": totals["total_year"],
        "average_order": ratio(totals["total_sold"], totals["total_orders"]),
    }


def order_totals(orders, found: list[int] | None = None) -> dict:
    """Lines, units and net sales. `found` are the ids where these are known."""
    those = Q(order__in=orders.order_by().values("pk")[: COUNT_CAP + 1]) if found is None else any_of("order_id", found)
    return OrderLine.objects.filter(those).aggregate(line_count=Count("*"), units=Sum("quantity", default=0), net=Sum("net", default=0))


def customer_figures(customer: Customer) -> dict:
    """One customer's orders in one aggregate: how many, their net sales, the lines of an average one, the largest, the first and the latest."""
    return (
        Order.objects.of_customer(customer)
        .with_totals()
        .aggregate(
            count=Count("pk"),
            spend=Sum("net"),
            lines=Avg("line_count", output_field=DecimalField()),
            largest=Max("net"),
            first=Min("placed_at"),
            latest=Max("placed_at"),
        )
    )
