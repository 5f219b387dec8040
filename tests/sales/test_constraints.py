"""The rules of sales hold in the database, whatever way a row comes in."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import F
from django.db.models.deletion import ProtectedError

from sales.models import Category, Customer, OrderLine, Product
from sales.validators import gtin_check_digit, validate_gtin, validate_sku

from .factories import make_category, make_customer, make_line, make_order, make_product, make_tier, sell

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"stock": -1}, "product_stock_not_negative"),
        ({"price": "-0.01"}, "product_price_not_negative"),
        ({"cost": "-0.01"}, "product_cost_not_negative"),
        ({"reorder_point": -1}, "product_reorder_point_not_negative"),
        ({"sku": " A"}, "product_sku_form"),
        ({"sku": ""}, "product_sku_form"),
        ({"gtin": "123"}, "product_gtin_form"),
        ({"gtin": "12345670"}, "product_gtin_unique"),
    ],
)
def test_a_product_that_breaks_a_rule_is_refused_by_update_and_by_clean(values, constraint):
    make_product("other", gtin="12345670")
    product = make_product()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Product.objects.filter(pk=product.pk).update(**values)
    for name, value in values.items():
        setattr(product, name, value)
    with pytest.raises(ValidationError):
        product.full_clean()


def test_stock_cannot_be_taken_below_zero_by_an_expression():
    make_product(stock=1)
    with pytest.raises(IntegrityError, match="product_stock_not_negative"), transaction.atomic():
        Product.objects.update(stock=F("stock") - 2)


@pytest.mark.parametrize("sku", ["A", "a-1", "A/B 1.2_c", "x" * 50])
def test_a_proper_sku_passes(sku):
    validate_sku(sku)
    make_product(sku=sku)


@pytest.mark.parametrize("sku", ["", " A", "A ", "-A", "A-", "Ä1", "x" * 51, "A\nB", "<svg>", "A\x00"])
def test_an_improper_sku_is_refused(sku):
    with pytest.raises(ValidationError):
        validate_sku(sku)


@pytest.mark.parametrize("gtin", ["12345670", "4006381333931", "036000291452", "00012345600012"])
def test_a_gtin_with_its_check_digit_passes(gtin):
    validate_gtin(gtin)
    assert gtin_check_digit(gtin[:-1]) == int(gtin[-1])


@pytest.mark.parametrize("gtin", ["12345671", "4006381333932", "123", "abcdefgh", "١٢٣٤٥٦٧٠", "1234567", "400638133393", "123456789012345"])
def test_a_gtin_without_its_check_digit_is_refused(gtin):
    with pytest.raises(ValidationError):
        validate_gtin(gtin)


def test_a_category_is_neither_its_own_parent_nor_below_zero():
    category = make_category()
    with pytest.raises(IntegrityError, match="category_not_its_own_parent"), transaction.atomic():
        Category.objects.update(parent=category)
    with pytest.raises(IntegrityError, match="category_default_price_not_negative"), transaction.atomic():
        Category.objects.update(default_price=-1)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"discount": "1"}, "tier_discount_range"),
        ({"discount": "-0.01"}, "tier_discount_range"),
        ({"min_spend": "-1"}, "tier_min_spend_not_negative"),
    ],
)
def test_a_tier_out_of_range_is_refused(values, constraint):
    tier = make_tier()
    with pytest.raises((IntegrityError, DataError), match=constraint), transaction.atomic():
        type(tier).objects.update(**values)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"quantity": 0}, "line_quantity_not_zero"),
        ({"unit_cost": "-1"}, "line_unit_cost_not_negative"),
        ({"return_of": F("pk")}, "line_return_is_negative"),
    ],
)
def test_a_line_that_breaks_a_rule_is_refused(values, constraint):
    sell(make_product())
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        OrderLine.objects.update(**values)


def test_two_lines_of_an_order_never_share_a_position():
    order, product = make_order(), make_product()
    make_line(order, product, position=1)
    with pytest.raises(IntegrityError, match="line_position_unique"), transaction.atomic():
        make_line(order, product, position=1)


def test_an_order_has_a_known_status_and_no_negative_coupon():
    order = make_order()
    with pytest.raises(IntegrityError, match="order_status_known"), transaction.atomic():
        type(order).objects.update(status="lost")
    with pytest.raises(IntegrityError, match="order_coupon_not_negative"), transaction.atomic():
        type(order).objects.update(coupon=-1)


def test_what_an_order_names_cannot_be_deleted():
    customer, product = make_customer(), make_product()
    sell(product, customer=customer)
    for rows in (Customer.objects.all(), Product.objects.all()):
        with pytest.raises(ProtectedError):
            rows.delete()


@pytest.mark.parametrize(
    ("quantity", "price", "kind"),
    [(1, "5.00", "sale"), (1, "0", "free"), (-1, "5.00", "return"), (-1, "0", "adjustment"), (1, "-5.00", "adjustment"), (-1, "-5.00", "adjustment")],
)
def test_the_kind_and_the_net_of_a_line_follow_from_quantity_and_price(quantity, price, kind):
    line = sell(make_product(), quantity, price)
    line.refresh_from_db()
    assert line.kind == kind
    assert line.net == quantity * line.unit_price
