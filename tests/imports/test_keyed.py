"""Categories, products, customers and orders: created, updated, unchanged or refused, all or nothing, and the same file again changes nothing."""

import csv
import datetime as dt
from decimal import Decimal

import pytest

from dashboard.models import ChangeSet
from sales.models import Category, Channel, Customer, Order, Product, Salesperson, Tier

from .small import outcome


def test_rows_are_created_then_unchanged_then_updated(desk):
    assert outcome(desk.bring("customers", "key,name,city\nA,Ada,Rome\nB,Bo,\n")) == (2, 0, 0, 0)
    assert outcome(desk.bring("customers", "key,name,city\nA,Ada,Rome\nB,Bo,\n")) == (0, 0, 2, 0)
    assert outcome(desk.bring("customers", "key,name,city\nA,Ada,Oslo\nB,Bo,\nC,Cy,Bonn\n")) == (1, 1, 1, 0)
    assert list(Customer.objects.order_by("key").values_list("key", "city")) == [("A", "Oslo"), ("B", ""), ("C", "Bonn")]


def test_field_without_a_column_stays_and_an_empty_cell_empties(desk):
    desk.bring("products", "sku,name,price,stock\nA,Lamp,12.50,3\n")
    desk.bring("products", "sku,name,cost\nA,Lamp,7\n")
    product = Product.objects.get()
    assert (product.price, product.cost, product.stock) == (Decimal("12.5"), 7, 3)
    desk.bring("products", "sku,name,price\nA,Lamp,\n")
    assert Product.objects.get().price is None


def test_changed_product_gets_a_new_version_and_an_unchanged_one_keeps_it(desk):
    desk.bring("products", "sku,name,price\nA,Lamp,12\nB,Sofa,300\n")
    desk.bring("products", "sku,name,price\nA,Lamp,13\nB,Sofa,300\n")
    assert list(Product.objects.order_by("sku").values_list("sku", "version")) == [("A", 1), ("B", 0)]


def test_nothing_changes_when_a_row_is_refused_unless_that_is_accepted(desk):
    text = "sku,name,price\nA,Lamp,12\nB,Chair,dear\n?,Table,5\nA2,,5\n"
    blocked = desk.bring("products", text)
    assert (blocked.applied, blocked.refused, Product.objects.count(), ChangeSet.objects.count()) == (False, 3, 0, 0)
    assert [(line, field, value) for line, field, value, _ in desk.refusals()] == [(3, "price", "dear"), (4, "sku", "?"), (5, "name", "")]
    report = desk.bring("products", text, accept_refused=True)
    assert (report.applied, outcome(report)) == (True, (1, 0, 0, 3))


def test_dry_run_says_the_numbers_of_the_real_one_and_changes_nothing(desk):
    desk.bring("customers", "key,name\nA,Ada\nB,Bo\n")
    text = "key,name\nA,Ada\nB,Bob\nC,Cy\n"
    rehearsal = desk.bring("customers", text, dry_run=True)
    assert (rehearsal.applied, outcome(rehearsal)) == (False, (1, 1, 1, 0))
    assert list(Customer.objects.order_by("key").values_list("name", flat=True)) == ["Ada", "Bo"]
    assert outcome(desk.bring("customers", text)) == (1, 1, 1, 0)


def test_every_problem_of_a_row_is_named(desk):
    desk.bring("products", "sku,name,price,stock\nA,,x,-1\n")
    assert [(field, reason) for _, field, _, reason in desk.refusals()] == [
        ("name", "is empty and must not be"),
        ("price", "is not a number"),
        ("stock", "is below 0"),
    ]


def test_key_that_repeats_alike_is_unchanged_and_with_other_values_refused(desk):
    report = desk.bring("customers", "key,name\nA,Ada\nA,Ada\nA,Adele\nB,Bo\n", accept_refused=True)
    assert outcome(report) == (2, 0, 1, 1)
    assert desk.refusals() == [(4, "key", "A", "stands in line 2 already, with other values")]
    assert Customer.objects.get(key="A").name == "Ada"


def test_refused_file_holds_no_formulas(desk):
    desk.bring("products", 'sku,name,price,stock\nA,Lamp,"=HYPERLINK(""http://x"")",-1\n')
    with desk.refused_file.open(newline="") as stream:
        assert [row["value"] for row in csv.DictReader(stream)] == ['\'=HYPERLINK("http://x")', "-1"]


def test_import_is_one_change_set_in_words_and_one_that_changes_nothing_is_none(desk, manager):
    desk.bring("customers", "key,name\nA,Ada\nB,Bo\n", user=manager)
    desk.bring("customers", "key,name\nA,Ada\nB,Bo\n", user=manager)
    change = ChangeSet.objects.get()
    assert (change.verb, change.user, change.count) == ("import.applied", manager, 2)
    assert change.sentence == "imported customers from file.csv: 2 created"


def test_categories_come_in_any_order_with_parents_by_key_or_name(desk):
    text = "key,name,parent\n3,Lamps,Light\n2,Light,1\n1,Home,\n"
    assert outcome(desk.bring("categories", text)) == (3, 0, 0, 0)
    assert dict(Category.objects.values_list("name", "parent__name")) == {"Lamps": "Light", "Light": "Home", "Home": None}
    assert outcome(desk.bring("categories", text)) == (0, 0, 3, 0)
    assert outcome(desk.bring("categories", "key,name,parent\n3,Lamps,1\n")) == (0, 1, 0, 0)
    assert Category.objects.get(key="3").parent.key == "1"


def test_category_with_an_unknown_or_refused_parent_or_below_itself_is_refused(desk):
    desk.bring("categories", "key,name,parent\n1,Home,\n")
    text = "key,name,parent\n1,Home,3\n2,Light,1\n3,Lamps,2\n4,Toys,9\n5,Dolls,4\n6,Food,\n"
    assert outcome(desk.bring("categories", text, accept_refused=True)) == (1, 0, 0, 5)
    assert [(line, reason) for line, _, _, reason in desk.refusals()] == [
        (2, "makes a category its own parent"),
        (3, "makes a category its own parent"),
        (4, "makes a category its own parent"),
        (5, "no category has this key or name"),
        (6, "is refused itself"),
    ]


def test_product_names_its_category_by_key_or_by_a_name_that_only_one_has(desk):
    desk.bring("categories", "key,name\n1,Light\n2,Sale\n3,Sale\n")
    text = "sku,name,category\nA,Lamp,1\nB,Bulb,light\nC,Rest,Sale\nD,Rest,9\n"
    assert outcome(desk.bring("products", text, accept_refused=True)) == (2, 0, 0, 2)
    assert set(Product.objects.values_list("sku", "category__key")) == {("A", "1"), ("B", "1")}
    assert {reason for *_, reason in desk.refusals()} == {"no category has this key, and not exactly one has this name"}


def test_skus_that_differ_in_case_are_different_products(desk):
    assert outcome(desk.bring("products", "sku,name\n15056bl,Small\n15056BL,Large\n")) == (2, 0, 0, 0)


def test_tier_that_a_file_names_is_made_out_of_reach_of_any_spend(desk):
    Tier.objects.create(name="Gold", min_spend=1000)
    report = desk.bring("customers", "key,name,tier\nA,Ada,gold\nB,Bo,Friends\nC,Cy,Press\nD,Di,\n")
    assert dict(Customer.objects.values_list("key", "tier__name")) == {"A": "Gold", "B": "Friends", "C": "Press", "D": None}
    assert report.counts.also["tiers created"] == 2
    assert Tier.objects.filter(min_spend__gt=9_000_000_000).count() == 2
    desk.bring("customers", "key,name,tier\nE,Ed,Family\n")
    assert Tier.objects.filter(min_spend__gt=9_000_000_000).count() == 3


def test_order_makes_its_channel_and_salesperson_but_not_its_customer(desk):
    desk.bring("customers", "key,name\nA,Ada\n")
    text = "number,placed_at,customer,channel,salesperson,status\n1,2026-01-05 23:30,A,Shop,Bo Ek,Paid\n2,2026-01-05,Z,Shop,,\n3,2026-01-06,,,,\n"
    assert outcome(desk.bring("orders", text, accept_refused=True)) == (2, 0, 0, 1)
    assert desk.refusals() == [(3, "customer", "Z", "no customer has this key")]
    order = Order.objects.get(number="1")
    assert (order.customer.name, order.channel.name, order.salesperson.name, order.status) == ("Ada", "Shop", "Bo Ek", "paid")
    assert order.placed_at == dt.datetime(2026, 1, 5, 23, 30, tzinfo=dt.UTC)
    assert (Channel.objects.count(), Salesperson.objects.count()) == (1, 1)
    assert Order.objects.get(number="3").status == "placed"


@pytest.mark.parametrize("status", ["canceled", "unpaid"])
def test_unknown_order_status_is_refused_with_the_known_ones(desk, status):
    desk.bring("orders", f"number,placed_at,status\n1,2026-01-05,{status}\n")
    assert desk.refusals() == [(2, "status", status, "is not one of placed, paid, shipped, completed, cancelled, test")]
