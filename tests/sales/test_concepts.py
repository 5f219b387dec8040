"""Each query concept of Django as the sales lists use it, named after it, on rows made to tell it from its look-alikes."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import F
from django.utils import timezone

from sales import actions, rollups
from sales.figures import CustomerFigures
from sales.forms import Edit
from sales.models import Availability, Category, Customer, Order, OrderLine, Product
from sales.totals import customer_figures, customer_totals, order_totals, product_totals
from tests.bulk import both

from .factories import make_category, make_customer, make_line, make_order, make_product, make_tier, sell

pytestmark = pytest.mark.django_db


def test_queryset_update_with_f_changes_many_rows_in_one_statement(django_assert_num_queries):
    make_product(stock=1), make_product(stock=2)
    with django_assert_num_queries(1):
        assert Product.objects.filter(stock__gte=1).update(stock=F("stock") - 1) == 2
    assert sorted(Product.objects.values_list("stock", flat=True)) == [0, 1]


def test_f_with_a_floor_in_the_where_counts_only_what_it_changed(manager):
    make_product(stock=1), make_product(stock=5)
    assert actions.restock(Product.objects.all(), Edit(Decimal(-3), relative=True), manager) == 1
    assert sorted(Product.objects.values_list("stock", flat=True)) == [1, 2]


def test_queryset_delete_takes_only_products_that_no_order_names(manager_client):
    sell(make_product("Sold"))
    make_product("Never"), make_product("Neither")
    assert both(manager_client, "/sales/product/bulk/", {"action": "delete", "all": "1", "query": ""}).status_code == 302
    assert Product.objects.get().name == "Sold"


def test_q_with_or_finds_what_is_in_stock_or_on_pre_order():
    tomorrow = timezone.localdate() + timedelta(days=1)
    make_product("stock", stock=1), make_product("ahead", stock=0, preorder_from=tomorrow)
    make_product("both", stock=1, preorder_from=tomorrow), make_product("neither", stock=0)
    assert sorted(Product.objects.available().values_list("name", flat=True)) == ["ahead", "both", "stock"]


def test_coalesce_takes_the_categorys_price_only_where_a_product_has_none():
    category = make_category(default_price="7.00")
    make_product("own", price="0.00", category=category), make_product("default", price=None, category=category), make_product("none", price=None)
    prices = dict(Product.objects.with_effective_price().values_list("name", "effective_price"))
    assert prices == {"own": 0, "default": 7, "none": None}


def test_a_margin_divides_by_nullif_so_that_a_free_product_has_none():
    make_product("free", price="0"), make_product("sold", price="10.00", cost="2.50")
    assert dict(Product.objects.with_effective_price().values_list("name", "margin")) == {"free": None, "sold": Decimal("0.75")}


@pytest.mark.parametrize(
    ("fields", "availability"),
    [
        ({"stock": 6, "reorder_point": 5}, Availability.IN_STOCK),
        ({"stock": 5, "reorder_point": 5}, Availability.LOW),
        ({"stock": 0}, Availability.SOLD_OUT),
        ({"stock": 0, "preorder_from": timezone.localdate()}, Availability.PREORDER),
        ({"stock": 6, "active": False}, Availability.ARCHIVED),
    ],
)
def test_case_when_names_the_first_availability_that_fits(fields, availability):
    make_product(**fields)
    assert Product.objects.with_availability().get().availability == availability


def test_case_when_puts_a_customer_into_the_highest_tier_reached():
    tiers = [make_tier("Standard", "0"), make_tier("Gold", "100"), make_tier("Silver", "50")]
    for spend in ("49.99", "50", "100", "1000"):
        sell(make_product(), 1, spend, customer=make_customer(spend))
    found = Customer.objects.with_tier(tiers).values_list("name", "current_tier")
    names = {tier.pk: tier.name for tier in tiers}
    assert {name: names[pk] for name, pk in found} == {"49.99": "Standard", "50": "Silver", "100": "Gold", "1000": "Gold"}


def test_subquery_with_outer_ref_finds_each_customers_latest_order():
    una, wren = make_customer("Una"), make_customer("Wren")
    for customer, days in ((una, (3, 1, 2)), (wren, (5, 9))):
        for days_ago in days:
            sell(make_product(), customer=customer, days_ago=days_ago, number=f"{customer}-{days_ago}")
    assert dict(Customer.objects.with_latest_order().values_list("name", "latest_order_number")) == {"Una": "Una-1", "Wren": "Wren-5"}


def test_exists_and_not_exists_split_all_customers_without_repeating_one():
    a, b = make_product(), make_product()
    both, only_a, nobody = (make_customer(name) for name in ("both", "only a", "nobody"))
    for customer, products in ((both, (a, a, b)), (only_a, (a, a))):
        for product in products:
            sell(product, customer=customer)
    assert list(Customer.objects.bought(a).not_bought(b)) == [only_a]
    assert sorted(Customer.objects.bought(a).values_list("name", flat=True)) == ["both", "only a"]
    assert list(Customer.objects.not_ordered()) == [nobody]


def test_aggregate_sums_averages_counts_and_finds_the_largest():
    una, product = make_customer(), make_product()
    order = make_order(una, days_ago=2)
    make_line(order, product, 2, "10.00"), make_line(order, product, 1, "5.00")
    sell(product, 1, "50.00", customer=una)
    figures = customer_figures(una)
    assert (figures["count"], figures["spend"], figures["largest"], figures["lines"]) == (2, 75, 50, Decimal("1.5"))


def test_annotate_through_subqueries_never_multiplies_children():
    product, order = make_product(), make_order(number="SO-1")
    lines = [make_line(order, product, 1, price) for price in ("10.00", "20.00", "30.00")]
    back = make_order()
    for line, price in ((lines[0], "4.00"), (lines[1], "6.00")):
        make_line(back, product, -1, price, return_of=line)
    found = Order.objects.with_totals().get(number="SO-1")
    assert (found.line_count, found.units, found.net) == (3, 3, 60)
    assert order_totals(Order.objects.filter(number="SO-1")) == {"line_count": 3, "units": 3, "net": 60}


def test_select_related_and_prefetch_related_read_a_page_of_products_in_two_queries(django_assert_num_queries):
    for number in range(3):
        sell(make_product(category=make_category(f"Category {number}")), 2)
    with django_assert_num_queries(2):
        rows = [(product.category.name, product.recent.units) for product in Product.objects.for_list()]
    assert sorted(rows) == [(f"Category {number}", 2) for number in range(3)]


def test_a_branch_of_categories_is_one_recursive_statement(django_assert_num_queries):
    root = make_category("root")
    child = make_category("child", parent=root)
    leaf, other = make_category("leaf", parent=child), make_category("other")
    with django_assert_num_queries(1):
        assert set(Category.objects.branch([root.pk])) == {root, child, leaf}
    assert set(Category.objects.branch([child.pk, other.pk])) == {child, leaf, other}
    assert set(Category.objects.branch([])) == set()


def test_figures_equal_the_lines_they_are_made_of_at_once_and_after_a_correction():
    una, product = make_customer(), make_product(stock=3)
    line = sell(product, 2, "10.00", customer=una)
    for _ in range(2):
        lines = OrderLine.objects.counted().filter(order__customer=una)
        assert CustomerFigures.objects.get(customer=una).spend == sum(line.net for line in lines)
        assert product_totals(Product.objects.all())["net"] == sum(line.net for line in lines)
        OrderLine.objects.filter(pk=line.pk).update(unit_price="7.77")
    Order.objects.update(status="cancelled")
    assert CustomerFigures.objects.get(customer=una).spend is None, "without a counted line there is nothing to say"


def test_all_customers_together_are_the_sum_of_each_before_and_after_a_refresh():
    una, wren, product = make_customer("Una"), make_customer("Wren"), make_product()
    for days_ago in (0, 20, 31, 364, 365, 800):
        sell(product, 2, f"{days_ago + 1}.00", customer=una, days_ago=days_ago)
        sell(product, 1, "7.00", days_ago=days_ago)
    sold = sell(product, 3, "9.00", customer=wren)
    make_line(make_order(wren), product, -1, "9.00", return_of=sold)
    sell(product, 1, "500.00", customer=wren, status="cancelled")
    for _ in range(2):
        together, everyone = customer_totals(Customer.objects.all()), customer_totals(Customer.objects.filter(pk__gt=0))
        assert together == everyone
        assert (together["orders"], together["spend"], together["spend_year"]) == (7, 2 * 1586 + 18, 2 * (1 + 21 + 32 + 365) + 18)
        rollups.refresh()


def test_who_ordered_since_a_day_follows_a_correction_at_once():
    una, wren, product = make_customer("Una"), make_customer("Wren"), make_product()
    recent, old = sell(product, customer=una, days_ago=3), sell(product, customer=wren, days_ago=40)
    rollups.refresh()
    since = timezone.localdate() - timedelta(days=30)
    assert list(Customer.objects.ordered(since)) == [una]
    assert list(Customer.objects.not_ordered(since)) == [wren]
    assert list(Product.objects.sold(since)) == [product]
    Order.objects.filter(pk=recent.order_id).update(status="cancelled")
    assert not Customer.objects.ordered(since).exists()
    assert list(Customer.objects.ordered()) == [wren]
    assert list(Product.objects.unsold(since)) == [product]
    OrderLine.objects.filter(pk=old.pk).update(quantity=-1)
    assert not Product.objects.sold().exists()
