"""Makes sales data in tests: each function one row, everything about it can be said."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

from django.utils import timezone

from sales.models import Category, Customer, Order, OrderLine, OrderStatus, Product, Tier

numbers = count(1)


def make_category(name="Bikes", **fields) -> Category:
    return Category.objects.create(key=fields.pop("key", f"{name.lower()}-{next(numbers)}"), name=name, **fields)


def make_product(name="Bell", *, sku="", **fields) -> Product:
    return Product.objects.create(sku=sku or f"P-{next(numbers)}", name=name, **{"price": "10.00", "cost": "6.00", "stock": 5, **fields})


def make_customer(name="Una", **fields) -> Customer:
    return Customer.objects.create(key=fields.pop("key", f"C-{next(numbers)}"), name=name, **fields)


def make_tier(name="Gold", min_spend="1000", discount="0.10") -> Tier:
    return Tier.objects.create(name=name, min_spend=Decimal(min_spend), discount=Decimal(discount))


def make_order(customer=None, *, days_ago=0, number="", status=OrderStatus.COMPLETED, **fields) -> Order:
    placed_at = fields.pop("placed_at", timezone.now() - timedelta(days=days_ago))
    return Order.objects.create(number=number or f"SO-{next(numbers)}", customer=customer, placed_at=placed_at, status=status, **fields)


def make_line(order, product, quantity=1, unit_price="10.00", **fields) -> OrderLine:
    position = fields.pop("position", order.lines.count() + 1)
    return OrderLine.objects.create(order=order, product=product, position=position, quantity=quantity, unit_price=Decimal(unit_price), **fields)


def sell(product, quantity=1, unit_price="10.00", *, customer=None, days_ago=0, **fields) -> OrderLine:
    """One order with one line."""
    return make_line(make_order(customer, days_ago=days_ago, **fields), product, quantity, unit_price)
