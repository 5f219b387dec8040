"""Order lines and flat sales files: an order's lines are an ordered list, amounts stay exact, an order comes in whole or not at all."""

from decimal import Decimal

import pytest
from django.db import connection

from dashboard.imports import ImportFailedError
from sales import rollups
from sales.models import Category, Customer, Order, OrderLine, Product

from .small import outcome

ORDERS = "number,placed_at,coupon\n1,2026-01-05,\n2,2026-01-06,\n3,2026-01-07,9.00\n4,2026-01-07,0.0001\n"


@pytest.fixture
def shop(desk):
    desk.bring("products", "sku,name\nA,Lamp\nB,Sofa\nC,Rug\n")
    desk.bring("orders", ORDERS)
    return desk


def lines(number="1"):
    found = OrderLine.objects.filter(order__number=number).order_by("position")
    return list(found.values_list("position", "product__sku", "quantity", "unit_price"))


def test_same_product_on_several_lines_and_equal_lines_stay(shop):
    text = "number,sku,quantity,unit_price\n1,A,2,5\n2,B,1,7\n1,A,2,5\n1,A,1,4.5\n"
    assert outcome(shop.bring("order_lines", text)) == (4, 0, 0, 0)
    assert lines() == [(1, "A", 2, 5), (2, "A", 2, 5), (3, "A", 1, Decimal("4.5"))]
    assert outcome(shop.bring("order_lines", text)) == (0, 0, 4, 0)


def test_list_of_a_file_takes_the_place_of_the_order_s_list(shop):
    shop.bring("order_lines", "number,sku,quantity,unit_price,unit_cost\n1,A,2,5,3\n1,B,1,7,4\n1,C,1,9,\n2,A,1,5,3\n")
    report = shop.bring("order_lines", "number,sku,quantity,unit_price\n1,A,2,5\n1,C,1,8\n")
    assert (outcome(report), report.counts.removed) == ((0, 1, 1, 0), 1)
    assert lines() == [(1, "A", 2, 5), (2, "C", 1, 8)]
    assert lines("2") == [(1, "A", 1, 5)]
    assert OrderLine.objects.get(order__number="1", position=1).unit_cost == 3


def test_longer_list_adds_lines_behind_the_others(shop):
    shop.bring("order_lines", "number,sku,quantity,unit_price\n1,A,2,5\n")
    assert outcome(shop.bring("order_lines", "number,sku,quantity,unit_price\n1,A,2,5\n1,B,1,7\n")) == (1, 0, 1, 0)


@pytest.mark.parametrize(
    ("header", "cells", "price", "discount", "net", "cost"),
    [
        ("unit_price,discount", "9.99,0.15", "9.99", "4.4955", "25.4745", None),
        ("unit_price,discount", "0.0333,0.5", "0.0333", "0.05", "0.0499", None),
        ("unit_price,discount", "10,0.15000000596", "10", "4.5000", "25.5", None),
        ("unit_price,discount_amount", "10,0.0001", "10", "0.0001", "29.9999", None),
        ("unit_price", "2.5", "2.5", "0", "7.5", None),
        ("net_amount", "10", "3.3334", "0.0002", "10", None),
        ("net_amount,discount", "957.5775,0.45", "580.35", "783.4725", "957.5775", None),
        ("net_amount,discount_amount", "27,3", "10", "3", "27", None),
        ("unit_price,unit_cost", "10,4.1234", "10", "0", "30", "4.1234"),
        ("net_amount,gross_profit", "261.96,41.9136", "87.32", "0", "261.96", "73.3488"),
    ],
)
def test_amounts_of_a_line_keep_its_net_exact(shop, header, cells, price, discount, net, cost):
    assert outcome(shop.bring("order_lines", f"number,sku,quantity,{header}\n1,A,3,{cells}\n")) == (1, 0, 0, 0)
    line = OrderLine.objects.get()
    assert (line.unit_price, line.discount_amount, line.net) == (Decimal(price), Decimal(discount), Decimal(net))
    assert line.unit_cost == (None if cost is None else Decimal(cost))
    assert outcome(shop.bring("order_lines", f"number,sku,quantity,{header}\n1,A,3,{cells}\n")) == (0, 0, 1, 0)


def test_return_has_a_negative_quantity_and_mirrors_the_discount(shop):
    shop.bring("order_lines", "number,sku,quantity,unit_price,discount\n1,A,-3,9.99,0.15\n")
    line = OrderLine.objects.get()
    assert (line.kind, line.discount_amount, line.net) == ("return", Decimal("-4.4955"), Decimal("-25.4745"))


@pytest.mark.parametrize(
    ("header", "cells", "field", "reason"),
    [
        ("quantity,unit_price", "0,5", "quantity", "is zero: a line sells something, or takes it back"),
        ("quantity,unit_price", "1,5.12345", "unit_price", "has 5 decimals, 4 are kept"),
        ("quantity,unit_price", "1,", "unit_price", "is empty and must not be"),
        ("quantity,unit_price,discount", "1,5,1.2", "discount", "is above 1"),
        ("quantity,net_amount,discount", "1,0,1", "discount", "is 100 %: the price cannot be told from the net amount"),
        ("quantity,unit_price,gross_profit", "1,5,6", "gross_profit", "is more than the net amount: the cost would be below zero"),
    ],
)
def test_line_that_cannot_be_is_refused(shop, header, cells, field, reason):
    shop.bring("order_lines", f"number,sku,{header}\n1,A,{cells}\n")
    assert [(line, name, said) for line, name, _, said in shop.refusals()] == [(2, field, reason)]
    assert OrderLine.objects.count() == 0


def test_order_with_a_refused_row_is_refused_as_a_whole_and_others_come_in(shop):
    text = "number,sku,quantity,unit_price\n1,A,1,5\n1,Z,1,5\n9,A,1,5\n2,A,1,5\n"
    assert outcome(shop.bring("order_lines", text, accept_refused=True)) == (1, 0, 0, 3)
    assert [(line, field, reason) for line, field, _, reason in shop.refusals()] == [
        (2, "number", "another row of this order is refused: line 3"),
        (3, "sku", "no product has this SKU"),
        (4, "number", "no order has this number"),
    ]
    assert lines("1") == []


def test_returned_line_is_not_cut_off(shop):
    shop.bring("order_lines", "number,sku,quantity,unit_price\n1,A,1,5\n1,B,1,5\n2,B,-1,5\n")
    sold = OrderLine.objects.get(order__number="1", position=2)
    OrderLine.objects.filter(order__number="2").update(return_of=sold)
    shop.bring("order_lines", "number,sku,quantity,unit_price\n1,A,1,5\n")
    assert [reason for *_, reason in shop.refusals()] == ["has fewer lines here than there are, and one of the others was returned since"]


def test_coupon_is_spread_by_largest_remainder_and_sums_exactly(shop):
    text = "number,sku,quantity,unit_price\n3,A,1,90\n3,B,1,30\n3,C,1,0\n3,C,-1,5\n4,A,1,1\n4,B,1,2\n1,A,1,5\n"
    assert outcome(shop.bring("order_lines", text)) == (7, 0, 0, 0)
    shares = OrderLine.objects.filter(order__number="3").order_by("position").values_list("coupon_share", flat=True)
    assert list(shares) == [Decimal("6.75"), Decimal("2.25"), 0, 0]
    assert list(OrderLine.objects.filter(order__number="4").order_by("position").values_list("coupon_share", flat=True)) == [0, Decimal("0.0001")]
    shop.bring("orders", "number,placed_at,coupon\n3,2026-01-07,10\n")
    shares = OrderLine.objects.filter(order__number="3").order_by("position").values_list("coupon_share", flat=True)
    assert list(shares) == [Decimal("7.5"), Decimal("2.5"), 0, 0]
    assert outcome(shop.bring("order_lines", text)) == (0, 0, 7, 0)


def test_equal_lines_share_a_coupon_to_the_last_ten_thousandth(shop):
    shop.bring("orders", "number,placed_at,coupon\n1,2026-01-05,10\n")
    shop.bring("order_lines", "number,sku,quantity,unit_price\n1,A,1,20\n1,B,1,20\n1,C,1,20\n")
    shares = OrderLine.objects.order_by("position").values_list("coupon_share", flat=True)
    assert list(shares) == [Decimal("3.3334"), Decimal("3.3333"), Decimal("3.3333")]


def test_coupon_on_lines_without_worth_is_refused(shop):
    shop.bring("order_lines", "number,sku,quantity,unit_price\n1,A,1,0\n")
    shop.bring("orders", "number,placed_at,coupon\n1,2026-01-05,5\n")
    assert [(field, value) for _, field, value, _ in shop.refusals()] == [("coupon", "5")]
    flat = "number,placed_at,sku,quantity,unit_price,coupon\n8,2026-01-05,A,1,0,5\n"
    shop.bring("sales", flat)
    assert [(field, value) for _, field, value, _ in shop.refusals()] == [("coupon", "5")]


# --- Flat sales files ------------------------------------------------------------------------------------------------
FLAT = """InvoiceNo,InvoiceDate,CustomerID,Customer Name,StockCode,Description,Category,Quantity,unit_price,Country,channel
1,2026-01-05 10:00:00,7,,A,,Light,1,5,Norway,Shop
1,2026-01-05 10:01:00,7,Ada,B,Sofa,Seats,2,7,Norway,Shop
2,2026-01-06 11:00:00,,,A,Lamp,Light,-1,5,Sweden,Shop
3,2026-01-06 12:00:00,7,Ada B,A,Lamp old,Light,1,5,Norway,
"""


def test_flat_file_makes_whatever_its_rows_belong_to(desk):
    report = desk.bring("sales", FLAT)
    assert outcome(report) == (4, 0, 0, 0)
    assert report.counts.also == {
        "channels created": 1,
        "categories created": 2,
        "products created": 2,
        "customers created": 1,
        "orders created": 3,
        **dict.fromkeys(["products named", "customers named", "orders updated"], 0),
    }
    assert report.counts.notes == ["1 orders have rows of several moments of one day: the first row's counts."]
    assert set(Product.objects.values_list("sku", "name", "category__name")) == {("A", "Lamp", "Light"), ("B", "Sofa", "Seats")}
    assert Customer.objects.values_list("key", "name", "country").get() == ("7", "Ada", "Norway")
    assert Order.objects.get(number="1").placed_at.minute == 0
    assert Order.objects.get(number="2").customer is None
    assert Category.objects.count() == 2
    assert rollups.marked_days() == 0
    again = desk.bring("sales", FLAT)
    assert (outcome(again), again.changes) == ((0, 0, 4, 0), 0)


def test_later_file_gives_a_name_to_what_had_none_and_never_another_one(desk):
    desk.bring("sales", "number,placed_at,customer,sku,product_name,quantity,unit_price\n1,2026-01-05,7,A,,1,5\n")
    assert (Product.objects.get().name, Customer.objects.get().name) == ("A", "7")
    desk.bring("sales", "number,placed_at,sku,product_name,quantity,unit_price\n2,2026-01-05,A,Lamp,1,5\n")
    report = desk.bring("sales", "number,placed_at,sku,product_name,quantity,unit_price\n3,2026-01-05,A,Lantern,1,5\n")
    assert (Product.objects.get().name, report.counts.also["products named"]) == ("Lamp", 0)


def test_rows_of_an_order_that_contradict_each_other_are_refused(desk):
    text = "number,placed_at,customer,sku,quantity,unit_price\n1,2026-01-05,7,A,1,5\n1,2026-01-06,8,A,1,5\n2,2026-01-05,7,A,1,5\n"
    assert outcome(desk.bring("sales", text, accept_refused=True)) == (1, 0, 0, 2)
    assert [(line, field, value) for line, field, value, _ in desk.refusals()] == [
        (2, "number", "1"),
        (3, "customer", "8"),
        (3, "placed_at", "2026-01-06 00:00:00+00"),
    ]


def test_customer_name_without_a_key_is_not_dropped(desk):
    with pytest.raises(ImportFailedError, match="names customers without a key"):
        desk.bring("sales", "number,placed_at,customer_name,sku,quantity,unit_price\n1,2026-01-05,Ada,A,1,5\n")
    desk.bring("sales", "number,placed_at,customer,customer_name,sku,quantity,unit_price\n1,2026-01-05,,Ada,A,1,5\n")
    assert desk.refusals() == [(2, "customer_name", "Ada", "names a customer without a key")]


def test_category_name_that_several_have_is_refused(desk):
    desk.bring("categories", "key,name\n1,Sale\n2,Sale\n")
    desk.bring("sales", "number,placed_at,sku,category,quantity,unit_price\n1,2026-01-05,A,sale,1,5\n")
    assert desk.refusals() == [(2, "category", "sale", "several categories have this name")]


def test_changed_order_of_a_flat_file_is_updated(desk):
    desk.bring("sales", FLAT)
    report = desk.bring("sales", FLAT.replace("Sweden", "Denmark"))
    assert (outcome(report), report.counts.also["orders updated"]) == ((0, 0, 4, 0), 1)
    assert Order.objects.get(number="2").country == "Denmark"


def test_planner_sees_the_few_rows_that_an_import_brings_into_an_empty_company(desk):
    with connection.cursor() as cursor:
        desk.bring("sales", FLAT)
        cursor.execute("SELECT relname, reltuples FROM pg_class WHERE relname IN ('sales_order', 'sales_orderline')")
        known = dict(cursor.fetchall())
    assert known == {"sales_order": Order.objects.count(), "sales_orderline": OrderLine.objects.count()}
