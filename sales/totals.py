"""The totals rows of the sales lists: one aggregate over all filtered rows, by their ids alone, so that no join can repeat a row."""

from django.db.models import Avg, Count, DecimalField, Max, Min, Sum

from dashboard.listing import COUNT_CAP
from dashboard.money import ratio

from .models import Customer, Order, OrderLine, Product


def product_totals(products) -> dict:
    """Stock on the shelf, and units and net sales of the last 90 days."""
    rows = Product.objects.filter(pk__in=products.order_by().values("pk"))
    return rows.aggregate(stock=Sum("stock", default=0), units=Sum("recent__units", default=0), net=Sum("recent__net", default=0))


def customer_totals(customers) -> dict:
    """Orders and spend; the average order divides the two sums, it is never averaged over customers."""
    rows = Customer.objects.filter(pk__in=customers.order_by().values("pk"))
    totals = rows.aggregate(
        orders=Sum("figures__orders", default=0),
        spend=Sum("figures__spend", default=0),
        spend_year=Sum("figures__spend_year", default=0),
        sold=Sum("figures__sold", default=0),
    )
    totals["average_order"] = ratio(totals.pop("sold"), totals["orders"])
    return totals


def order_totals(orders) -> dict:
    """Lines, units and net sales of up to 10,000 orders; nothing beyond, where the sales report answers from its summaries."""
    some = Order.objects.filter(pk__in=orders.order_by().values("pk")[: COUNT_CAP + 1])
    totals = OrderLine.objects.filter(order__in=some).aggregate(
        orders=Count("order", distinct=True), line_count=Count("pk"), units=Sum("quantity", default=0), net=Sum("net", default=0)
    )
    return {} if totals.pop("orders") > COUNT_CAP else totals


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
