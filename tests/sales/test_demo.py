"""The sample company: the same for the same seed, complete, consistent, and never mixed with real data."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, F, Q, Sum

from sales import demo
from sales.models import Customer, LineKind, Order, OrderLine, OrderStatus, Product
from sales.validators import validate_gtin

from .factories import make_product

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 15, tzinfo=ZoneInfo(settings.TIME_ZONE))


def fingerprint() -> list:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT md5(string_agg(
                concat_ws('|', o.number, o.placed_at, c.key, o.status, p.sku, l.quantity, l.net, l.unit_cost), ',' ORDER BY o.number, l.position
            ))
            FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id JOIN sales_product p ON p.id = l.product_id
            LEFT JOIN sales_customer c ON c.id = o.customer_id
            """
        )
        return cursor.fetchone()


def built(seed: int) -> list:
    """The fingerprint of a company that is taken back again."""
    with transaction.atomic():
        demo.build(size="S", seed=seed, now=NOW)
        found = fingerprint()
        transaction.set_rollback(True)
    return found


def test_the_same_seed_makes_the_same_company_and_another_seed_another():
    first = built(1)
    assert built(1) == first
    assert built(2) != first


def test_every_feature_has_something_to_show():
    demo.build(size="S", seed=1, now=NOW)
    assert 4_500 <= OrderLine.objects.count() <= 5_500
    assert set(Order.objects.values_list("status", flat=True).distinct()) == set(OrderStatus.values)
    assert set(OrderLine.objects.values_list("kind", flat=True).distinct()) == {LineKind.SALE, LineKind.RETURN}
    assert set(Product.objects.with_availability().values_list("availability", flat=True)) == {"in_stock", "low", "sold_out", "preorder", "archived"}
    assert Product.objects.filter(lines=None).exists()
    assert Product.objects.filter(cost__isnull=True).exists()
    assert Product.objects.filter(price__isnull=True, category__default_price__isnull=False).exists()
    assert Customer.objects.not_ordered().exists()
    assert Customer.objects.filter(tier__isnull=False).exists()
    assert Order.objects.filter(customer__isnull=True).exists()
    assert Order.objects.exclude(coupon=0).exists()
    assert Order.objects.filter(tier__name="Gold").exists()
    assert OrderLine.objects.values("product").annotate(prices=Count("unit_price", distinct=True)).filter(prices__gt=1).exists()


def test_the_company_breaks_no_rule_of_its_own():
    demo.build(size="S", seed=1, now=NOW)
    shares = Order.objects.annotate(shares=Sum("lines__coupon_share")).exclude(shares=F("coupon"))
    assert not shares.exists(), "shares of a coupon sum to it exactly"
    assert not Order.objects.filter(lines__isnull=True).exists()
    returned = OrderLine.objects.filter(return_of__isnull=False)
    assert not returned.filter(order__placed_at__lte=F("return_of__order__placed_at")).exists()
    assert not returned.exclude(product=F("return_of__product")).exists()
    assert not returned.filter(quantity__lt=-F("return_of__quantity")).exists()
    assert not returned.filter(Q(net__gt=0) | Q(net__lt=-F("return_of__net"))).exists()
    assert not Order.objects.filter(Q(placed_at__gt=NOW) | Q(placed_at__lt=NOW - timedelta(days=731))).exists()
    for product in Product.objects.all():
        validate_gtin(product.gtin)
        product.full_clean()
    assert not Customer.objects.exclude(email__endswith="@example.com").exists()
    summer = Order.objects.filter(placed_on__month__in=(6, 7)).count()
    winter = Order.objects.filter(placed_on__month__in=(1, 2)).count()
    assert summer > winter * Decimal("1.5")


def test_the_command_fills_an_empty_database_and_refuses_to_mix():
    out = StringIO()
    call_command("demo", stdout=out)
    assert "order lines" in out.getvalue()
    lines = OrderLine.objects.count()
    call_command("demo", if_empty=True)
    with pytest.raises(CommandError, match="only loaded into an empty database"):
        call_command("demo")
    assert OrderLine.objects.count() == lines


def test_one_real_product_is_enough_to_refuse():
    make_product()
    with pytest.raises(CommandError):
        call_command("demo")
    call_command("demo", if_empty=True)
    assert not Order.objects.exists()
