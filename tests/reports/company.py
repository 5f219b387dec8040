"""A small random company for property tests: strategies for orders and edits, and the figures computed from plain rows in Python."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from sales.models import Category, Channel, Customer, Order, OrderLine, OrderStatus, Product, Salesperson, Tier

FIRST = datetime(2024, 12, 20, 9, tzinfo=UTC)
PRICES = st.sampled_from(["0", "0", "9.99", "100", "3.333", "-5"]).map(Decimal)
LINES = st.lists(
    st.tuples(
        st.integers(0, 3),  # product
        st.integers(-3, 5).filter(bool),  # quantity
        PRICES,
        st.sampled_from(["0", "0.5", "1.2345"]).map(Decimal),  # discount
        st.sampled_from([None, "4.2", "0"]).map(lambda cost: cost and Decimal(cost)),
    ),
    max_size=3,
)
ORDERS = st.tuples(
    st.integers(0, 800),  # hours after the first
    st.integers(0, 2),  # customer, 0 for nobody
    st.integers(0, 2),  # channel
    st.integers(0, 2),  # salesperson
    st.integers(0, 1),  # tier
    st.sampled_from(["", "France", "Peru"]),
    st.sampled_from([*OrderStatus.values, OrderStatus.PAID, OrderStatus.PAID]),
    LINES,
)
COMPANIES = st.lists(ORDERS, min_size=1, max_size=8)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["reprice", "cancel", "move", "delete line", "delete order", "add", "recategorise", "swap"]), st.integers(0, 30), PRICES
    ),
    max_size=5,
)


class Company:
    """Its things, so that numbers can stand for them."""

    def __init__(self):
        roots = [Category.objects.create(key=key, name=key.upper()) for key in ("a", "b")]
        child = Category.objects.create(key="a1", name="A1", parent=roots[0])
        homes = [roots[0], child, roots[1], None]
        self.categories = homes
        self.products = [Product.objects.create(sku=f"P{number}", name=f"Product {number}", category=home) for number, home in enumerate(homes)]
        self.customers = [None, *(Customer.objects.create(key=f"c{number}", name=f"Customer {number}") for number in (1, 2))]
        self.channels = [None, *(Channel.objects.create(name=name) for name in ("Shop", "Web"))]
        self.salespeople = [None, *(Salesperson.objects.create(name=name) for name in ("Ada", "Bo"))]
        self.tiers = [None, Tier.objects.create(name="Gold", min_spend=1)]
        self.number = 0

    def place(self, order):
        """Write one order with its lines."""
        hours, customer, channel, salesperson, tier, country, status, lines = order
        self.number += 1
        written = Order.objects.create(
            number=f"N{self.number}",
            placed_at=FIRST + timedelta(hours=hours),
            customer=self.customers[customer],
            channel=self.channels[channel],
            salesperson=self.salespeople[salesperson],
            tier=self.tiers[tier],
            country=country,
            status=status,
        )
        for position, (product, quantity, price, discount, cost) in enumerate(lines, 1):
            OrderLine.objects.create(
                order=written,
                position=position,
                product=self.products[product],
                quantity=quantity,
                unit_price=price,
                discount_amount=discount if quantity > 0 and price > 0 else 0,
                unit_cost=cost,
            )

    def edit(self, edit):
        """One change of the kinds that people, imports and scripts make."""
        kind, number, price = edit
        orders, lines = Order.objects.order_by("pk"), OrderLine.objects.order_by("pk")
        order = orders[number % orders.count()] if orders.exists() else None
        line = lines[number % lines.count()] if lines.exists() else None
        match kind:
            case "reprice" if line:
                OrderLine.objects.filter(product=line.product).update(unit_price=price)
            case "cancel" if order:
                Order.objects.filter(pk=order.pk).update(status=OrderStatus.CANCELLED, country="Peru")
            case "move" if order:
                Order.objects.filter(pk=order.pk).update(placed_at=order.placed_at + timedelta(days=number, hours=number))
            case "delete line" if line:
                line.delete()
            case "delete order" if order:
                order.delete()
            case "add" if order:
                last = max(order.lines.values_list("position", flat=True), default=0)
                OrderLine.objects.create(order=order, position=last + 1, product=self.products[number % 4], quantity=1, unit_price=price)
            case "recategorise":
                Product.objects.filter(pk=self.products[number % 4].pk).update(category=self.categories[(number + 1) % 4])
            case "swap" if line and order and not order.lines.filter(position=line.position).exists():
                OrderLine.objects.filter(pk=line.pk).update(order=order)
