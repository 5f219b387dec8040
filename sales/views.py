"""Orders, customers, tiers and categories: lists, pages of one, and the settings a manager edits."""

from collections import defaultdict

from django.contrib import messages
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from dashboard import listing
from dashboard.access import may_edit_sales, sales_page, sales_write

from . import actions
from .filters import CustomerFilter, OrderFilter
from .forms import DefaultPriceForm, TierForm
from .models import Category, Customer, Order, OrderLine, OrderStatus, Product, Tier
from .product_page import monthly_chart
from .summaries import CustomerSummary
from .tables import CustomerTable, OrderTable
from .totals import customer_figures, customer_totals, order_totals

NEWEST = 10
MOST_ORDERS_SUMMED = 1_000  # beyond, the lines of too many orders are read; the sales report answers from its summaries
SHOWN_ORDERS = Order.objects.for_list()  # made once: to make the statement takes longer than to answer it
ORDER_SEGMENTS = [("", "All"), *OrderStatus.choices]


@sales_page
def orders(request):
    """The list of orders."""
    filterset = OrderFilter(request.GET, Order.objects.all(), request=request)
    return listing.list_page(
        request,
        filterset=filterset,
        table_class=OrderTable,
        template="sales/orders.html",
        title="Orders",
        records=SHOWN_ORDERS,
        likely=filterset.likely,
        context={"segments": ORDER_SEGMENTS},
        totals=listing.Totals(order_totals, "All these orders", MOST_ORDERS_SUMMED),
    )


@sales_page
def order(request, number):
    """One order: its lines with what came back of them, and how its total is made."""
    lines = OrderLine.objects.select_related("product", "return_of__order").prefetch_related(
        Prefetch("returns", OrderLine.objects.select_related("order"))
    )
    orders = Order.objects.select_related("customer", "channel", "salesperson", "tier").with_totals()
    record = get_object_or_404(orders.prefetch_related(Prefetch("lines", lines.order_by("position"))), number=number)
    return render(request, "sales/order.html", {"order": record, "title": f"Order {record.number}", "sums": order_sums(record)})


def order_sums(record: Order) -> dict:
    """The parts of an order's total, from its lines: they sum to the net that the list shows, and with shipping to the total."""
    gross = sum(line.quantity * line.unit_price for line in record.lines.all())
    discounts = sum(line.discount_amount for line in record.lines.all())
    coupon = sum(line.coupon_share for line in record.lines.all())
    returned = sum(back.net for line in record.lines.all() for back in line.returns.all())
    net = gross - discounts - coupon
    return {
        "gross": gross,
        "discounts": -discounts,
        "coupon": -coupon,
        "net": net,
        "total": net + record.shipping,
        "returned": returned,
        "kept": net + returned,
    }


@sales_page
def customers(request):
    """The list of customers."""
    tiers = Tier.objects.all()
    filterset = CustomerFilter(request.GET, Customer.objects.all(), request=request)
    return listing.list_page(
        request,
        filterset=filterset,
        table_class=CustomerTable,
        template="sales/customers.html",
        title="Customers",
        records=Customer.objects.for_list(tiers),
        context={"tiers": tiers},
        table_kwargs={
            "exclude": () if may_edit_sales(request.user) else ("select",),
            "cell_context": {"tiers": {tier.pk: tier for tier in tiers}, "editable": may_edit_sales(request.user)},
        },
        totals=listing.Totals(customer_totals, "All these customers", unfiltered=True),
    )


def customer_row_again(request, pk: int, *, status: int = 200, editor=None):
    """One row of the list as it is now, or with a cell that asks once more. No total of the list depends on what is edited here."""
    tiers = Tier.objects.all()
    record = get_object_or_404(Customer.objects.for_list(tiers), pk=pk)
    context = {"tiers": {tier.pk: tier for tier in tiers}, "editable": True, "editor": editor}
    return listing.render_row(request, CustomerTable, record, status=status, cell_context=context)


@sales_page
def customer(request, pk):
    """One customer: figures, tier and its prices, spend by month, favourite products and latest orders."""
    tiers = {tier.pk: tier for tier in Tier.objects.all()}
    record = get_object_or_404(Customer.objects.with_tier(tiers.values()).with_latest_order().select_related("tier", "figures"), pk=pk)
    tier = tiers.get(record.current_tier)
    context = {
        "customer": record,
        "title": record.name,
        "tier": tier,
        "figures": customer_figures(record),
        "orders": Order.objects.filter(customer=record).for_list().order_by("-placed_at", "-pk")[:NEWEST],
        "products": Product.objects.favourites_of(record, tier)[:NEWEST],
        "chart": monthly_chart(CustomerSummary, f"Net sales to {record.name} by month", customer=record.pk),
    }
    return render(request, "sales/customer.html", context)


@sales_page
def tiers(request):
    """The tiers, from the lowest threshold up; managers edit them in place."""
    return tiers_page(request)


def tiers_page(request, *, changed: TierForm | None = None, status: int = 200):
    """The page, with the form that was sent standing in for its row."""
    rows = []
    for tier in Tier.objects.with_customer_count():
        sent = changed is not None and changed.instance.pk == tier.pk
        rows.append({"tier": tier, "form": changed if sent else TierForm(instance=tier, prefix=f"tier-{tier.pk}")})
    added = changed if changed is not None and not changed.instance.pk else TierForm(prefix="tier-new")
    return render(request, "sales/tiers.html", {"rows": rows, "added": added, "title": "Customer tiers"}, status=status)


@sales_write
@require_POST
def tier_save(request, pk=None):
    """Add a tier, or change one."""
    tier = get_object_or_404(Tier, pk=pk) if pk else None
    form = TierForm(request.POST, instance=tier, prefix=f"tier-{pk or 'new'}")
    if not form.is_valid():
        return tiers_page(request, changed=form, status=422)
    messages.success(request, f"{actions.save_tier(form, request.user)}: saved.")
    return redirect("sales:tiers")


@sales_write
@require_POST
def tier_delete(request, pk):
    """Delete a tier that no order remembers."""
    tier = get_object_or_404(Tier, pk=pk)
    if actions.delete_tier(tier, request.user):
        messages.success(request, f"{tier}: deleted.")
    else:
        messages.error(request, f"{tier} stays: orders were placed in it. Rename it, or raise its threshold.")
    return redirect("sales:tiers")


@sales_page
def categories(request):
    """The tree of categories with how many products each has, and the price of those that have none."""
    return categories_page(request)


def categories_page(request, *, changed: DefaultPriceForm | None = None, status: int = 200):
    """The page, with the form that was sent standing in for its row."""
    rows = []
    for depth, category in as_tree(Category.objects.with_counts()):
        sent = changed is not None and changed.instance.pk == category.pk
        form = changed if sent else DefaultPriceForm(instance=category, prefix=f"category-{category.pk}")
        rows.append({"category": category, "form": form, "depth": depth})
    return render(request, "sales/categories.html", {"rows": rows, "title": "Categories"}, status=status)


def as_tree(categories) -> list[tuple[int, Category]]:
    """Categories with their depth, each followed by those below it."""
    below = defaultdict(list)
    for category in categories:
        below[category.parent_id].append(category)
    ordered, waiting = [], [(0, category) for category in reversed(below[None])]
    while waiting:
        depth, category = waiting.pop()
        ordered.append((depth, category))
        waiting += [(depth + 1, child) for child in reversed(below[category.pk])]
    return ordered


@sales_write
@require_POST
def category_price(request, pk):
    """Set a category's default price."""
    category = get_object_or_404(Category, pk=pk)
    form = DefaultPriceForm(request.POST, instance=category, prefix=f"category-{pk}")
    if not form.is_valid():
        return categories_page(request, changed=form, status=422)
    actions.set_default_price(Category.objects.filter(pk=pk), form.cleaned_data["default_price"], request.user)
    messages.success(request, f"{category}: default price saved.")
    return redirect("sales:categories")
