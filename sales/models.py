"""Products, customers, orders and their lines: the facts. What they are described with is in vocabulary.py, sums in summaries.py and reports.py."""

from datetime import date

from django.db import connection, models
from django.db.models import Case, Count, Exists, F, Max, Min, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, Lower, NullIf, Round, Upper
from django.utils import timezone

from dashboard.days import begin
from dashboard.fields import MoneyField
from dashboard.lookups import any_of, found_first, inside, inside_or_first, sorted_apart

from . import figures, stored_totals, summaries  # noqa: F401 - the models of the views belong to this app
from .summaries import SCALE
from .validators import SKU_PATTERN, validate_gtin, validate_sku
from .vocabulary import Category, Channel, Salesperson, Tier

MOST_BUYERS = 500
SMALL_PART = 0.05  # of the time that is recorded


class Availability(models.TextChoices):
    """What a customer finds of a product, the first that fits."""

    ARCHIVED = "archived", "Archived"
    PREORDER = "preorder", "Pre-order"
    SOLD_OUT = "sold_out", "Sold out"
    LOW = "low", "Low"
    IN_STOCK = "in_stock", "In stock"


class ProductQuerySet(models.QuerySet):
    """Products as lists ask for them. A «sale» here is a counted line that is no return."""

    def active(self):
        """Products that are not archived."""
        return self.filter(active=True)

    def available(self):
        """In stock, or to be ordered ahead from a date that is set: what a customer can buy now."""
        return self.filter(Q(stock__gt=0) | Q(preorder_from__isnull=False))

    def to_reorder(self):
        """Down to the reorder point, nothing on the shelf included."""
        return self.filter(stock__lte=F("reorder_point"))

    def sold(self, since: date | None = None):
        """Products with a sale, ever or on or after a day."""
        return self.filter(pk__in=summaries.products_with_sales(since))

    def unsold(self, since: date | None = None):
        """Products without a sale, ever or on or after a day."""
        return self.exclude(pk__in=summaries.products_with_sales(since))

    def with_effective_price(self):
        """`effective_price`: the product's own price, else its category's default; None where neither is set. And its `margin`."""
        priced = self.annotate(effective_price=Coalesce("price", "category__default_price"))
        return priced.annotate(margin=(F("effective_price") - F("cost")) / NullIf("effective_price", Value(0, MoneyField())))

    def with_availability(self):
        """`availability`: one of Availability."""
        return self.annotate(
            availability=Case(
                When(active=False, then=Value(Availability.ARCHIVED)),
                When(stock=0, preorder_from__isnull=False, then=Value(Availability.PREORDER)),
                When(stock=0, then=Value(Availability.SOLD_OUT)),
                When(stock__lte=F("reorder_point"), then=Value(Availability.LOW)),
                default=Value(Availability.IN_STOCK),
            )
        )

    def for_list(self):
        """Everything that the list of products shows; `recent` is fetched for the page alone."""
        return self.select_related("category").prefetch_related("recent").with_effective_price().with_availability()

    def with_last_sold(self):
        """`last_sold`: the business day of the latest sale."""
        sales = OrderLine.objects.sales_of(OuterRef("pk")).order_by().values("product").annotate(day=Max("order__placed_on"))
        return self.annotate(last_sold=Subquery(sales.values("day")))

    def favourites_of(self, customer, tier):
        """What a customer buys most: `bought_units`, `bought_net`, and `tier_price`, the price after the tier's discount."""
        lines = OrderLine.objects.counted().filter(order__customer=customer, product=OuterRef("pk")).order_by().values("product")
        discount = tier.discount if tier else 0
        return (
            self.filter(Exists(lines))
            .with_effective_price()
            .annotate(
                bought_units=Subquery(lines.annotate(figure=Sum("quantity")).values("figure")),
                bought_net=Subquery(lines.annotate(figure=Sum("net")).values("figure")),
                tier_price=Round(F("effective_price") * (1 - discount), 2),
            )
            .order_by("-bought_net", "pk")
        )


class Product(models.Model):
    """Something that is sold. `stock` is what lies on the shelf; the database refuses to go below zero."""

    sku = models.CharField("SKU", max_length=50, unique=True, validators=[validate_sku])
    name = models.CharField(max_length=200)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="products")
    gtin = models.CharField("GTIN", max_length=14, blank=True, validators=[validate_gtin])
    price = MoneyField(null=True, blank=True, help_text="Empty: the category's default price.")
    cost = MoneyField(null=True, blank=True)
    stock = models.IntegerField(default=0)
    reorder_point = models.IntegerField(default=0)
    preorder_from = models.DateField(null=True, blank=True)
    active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name"), "pk"]
        indexes = [
            models.Index(Lower("name"), "id", name="product_name"),
            models.Index(F("category"), Lower("name"), name="product_category_name"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(sku__regex=SKU_PATTERN), name="product_sku_form", violation_error_message=validate_sku.message),
            models.CheckConstraint(condition=Q(gtin="") | Q(gtin__regex=r"^[0-9]{8}([0-9]{4,6})?$"), name="product_gtin_form"),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0),
                name="product_price_not_negative",
                violation_error_message="A price cannot be negative.",
            ),
            models.CheckConstraint(
                condition=Q(cost__isnull=True) | Q(cost__gte=0),
                name="product_cost_not_negative",
                violation_error_message="A cost cannot be negative.",
            ),
            models.CheckConstraint(
                condition=Q(stock__gte=0), name="product_stock_not_negative", violation_error_message="Stock cannot go below zero."
            ),
            models.CheckConstraint(
                condition=Q(reorder_point__gte=0),
                name="product_reorder_point_not_negative",
                violation_error_message="A reorder point cannot be negative.",
            ),
            models.UniqueConstraint(
                "gtin",
                condition=~Q(gtin=""),
                name="product_gtin_unique",
                violation_error_message="Another product has this GTIN.",
            ),
        ]

    def __str__(self):
        return self.name


class CustomerQuerySet(models.QuerySet):
    """Customers as lists ask for them. Orders here are counted ones; a return document is no order."""

    def for_list(self, tiers):
        """Everything that the list of customers shows."""
        return self.with_figures().select_related("figures").with_tier(tiers)

    def with_figures(self):
        """The same customers, because each has figures; said so that a list can be sorted and searched from there."""
        return self.filter(figures__isnull=False)

    def matching(self, text: str):
        """Customers with the text in name, e-mail address or key; one or two letters are looked for at the beginning."""
        return sorted_apart(self.filter(inside_or_first("name", text) | inside_or_first("email", text) | inside_or_first("key", text)))

    def ordered(self, since: date | None = None):
        """Customers with an order, ever or on or after a day."""
        return self.filter(figures__latest_order_at__gte=begin(since)) if since else self.filter(figures__orders__gt=0)

    def not_ordered(self, since: date | None = None):
        """Customers without an order, ever or on or after a day."""
        late = Q(figures__latest_order_at__lt=begin(since)) if since else Q(figures__latest_order_at__isnull=True)
        return self.with_figures().filter(late | Q(figures__latest_order_at__isnull=True))

    def bought(self, product):
        """Customers who bought the product at least once."""
        return self.filter(pk__in=OrderLine.objects.buyers_of(product))

    def not_bought(self, product):
        """Customers who never bought the product."""
        return self.exclude(pk__in=OrderLine.objects.buyers_of(product))

    def with_latest_order(self):
        """`latest_order_at` and `latest_order_number`."""
        latest = Order.objects.of_customer(OuterRef("pk")).order_by("-placed_at", "-pk")
        return self.annotate(latest_order_at=Subquery(latest.values("placed_at")[:1]), latest_order_number=Subquery(latest.values("number")[:1]))

    def with_tier(self, tiers):
        """`current_tier`: id of the tier set by hand, else of the highest whose threshold the spend of the last 365 days reaches."""
        cases = [When(spend_year__gte=tier.min_spend, then=Value(tier.pk)) for tier in highest_first(tiers)]
        return self.alias(spend_year=Coalesce("figures__spend_year", Value(0), output_field=MoneyField())).annotate(
            current_tier=Case(When(tier__isnull=False, then=F("tier_id")), *cases, default=None, output_field=models.BigIntegerField())
        )

    def in_tiers(self, wanted, tiers):
        """Customers whose `current_tier` among all `tiers` is one of `wanted`: conditions that an index can answer, as the case is not."""
        reached, below = Q(), Q()
        for tier in highest_first(tiers):
            spent, nothing = Q(figures__spend_year__gte=tier.min_spend), Q(figures__spend_year__isnull=True)
            if tier in wanted:
                reached |= below & (spent if tier.min_spend > 0 else spent | nothing)
            short = Q(figures__spend_year__lt=tier.min_spend)
            below = short | nothing if tier.min_spend > 0 else short
        return self.with_figures().filter(Q(tier__in=wanted) | Q(tier__isnull=True) & reached)


def highest_first(tiers) -> list[Tier]:
    """Tiers from the highest threshold down."""
    return sorted(tiers, key=lambda tier: tier.min_spend, reverse=True)


class Customer(models.Model):
    """Who buys. `tier` is set by hand; empty, it follows from the spend of the last 365 days."""

    key = models.CharField(max_length=50, unique=True)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    city = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=60, blank=True)
    tier = models.ForeignKey(Tier, models.SET_NULL, null=True, blank=True, related_name="customers")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name"), "pk"]
        indexes = [
            # The fields below expressions are included, or the planner would think that it has to read the row for them.
            models.Index(Lower("name"), "id", include=["name"], name="customer_name"),
            models.Index(Upper("country"), Lower("name"), F("id"), include=["country", "name"], name="customer_country_name"),
            *(inside(field, f"customer_{field}_trigram") for field in ("name", "email", "key")),
        ]

    def __str__(self):
        return self.name


class OrderStatus(models.TextChoices):
    """Where an order stands. Cancelled and test orders are left out of every figure, visibly."""

    PLACED = "placed", "Placed"
    PAID = "paid", "Paid"
    SHIPPED = "shipped", "Shipped"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"
    TEST = "test", "Test"


SOLD_IN_PERSON = Q(salesperson__isnull=False)
COUNTED_STATUSES = (OrderStatus.PLACED, OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.COMPLETED)


class OrderQuerySet(models.QuerySet):
    """Orders as lists ask for them."""

    def counted(self):
        """Orders that figures speak of: neither cancelled nor a test."""
        return self.filter(status__in=COUNTED_STATUSES)

    def of_customer(self, customer, since: date | None = None):
        """Counted orders with a sold line of a customer (or an OuterRef), ever or on or after a day."""
        orders = self.counted().filter(Exists(OrderLine.objects.filter(order=OuterRef("pk"), kind__in=SOLD_KINDS)), customer=customer)
        return orders.filter(placed_on__gte=since) if since else orders

    def for_list(self):
        """Everything that the list of orders shows."""
        return self.select_related("customer", "channel", "salesperson").with_totals()

    def placed_on_or_after(self, day: date):
        """By the moment the business day begins, which the indexes of the list are in the order of."""
        return self.filter(placed_at__gte=begin(day))

    def placed_before(self, day: date):
        """Orders of earlier business days."""
        return self.filter(placed_at__lt=begin(day))

    def matching(self, text: str):
        """Orders whose number or customer's name has the text in it; one or two letters are looked for at the beginning.

        A few customers are found first, then their orders. A text that many of them match is soon found in the newest orders.
        """
        number, name = inside_or_first("number", text), inside_or_first("customer__name", text)
        buyers = list(Customer.objects.filter(inside_or_first("name", text)).order_by().values_list("pk", flat=True)[: MOST_BUYERS + 1])
        if len(buyers) > MOST_BUYERS:
            return self.filter(number | name)
        return found_first(self, number | Q(any_of("customer", buyers)))

    def containing(self, product):
        """Orders with the product on any line."""
        return self.filter(Exists(OrderLine.objects.filter(order=OuterRef("pk"), product=product)))

    def likely_newest(self, product, number: int):
        """Of orders with a product, those of the latest days, in which thrice so many are to be expected; None where these would be many days."""
        lines = OrderLine.objects.filter(product=product).count()
        if not lines or (part := 3 * number / lines) > SMALL_PART:
            return None
        days = Order.objects.aggregate(first=Min("placed_at"), last=Max("placed_at"))
        return self.filter(placed_at__gte=days["last"] - part * (days["last"] - days["first"]))

    def with_returns(self):
        """Orders with a line that took something back, on the order itself or on a document of its own."""
        return self.filter(Exists(OrderLine.objects.returned_of(OuterRef("pk"))))

    def without_returns(self):
        """Orders that nothing came back from."""
        return self.filter(~Exists(OrderLine.objects.returned_of(OuterRef("pk"))))

    def with_totals(self):
        """`line_count`, `units` and `net`, each order's lines added up on their own: nothing else is joined that could repeat them."""
        lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order")
        sums = {name: Subquery(lines.annotate(figure=figure).values("figure")) for name, figure in LINE_SUMS.items()}
        return self.annotate(line_count=Coalesce(sums["line_count"], 0), units=Coalesce(sums["units"], 0), net=sums["net"])


class Order(models.Model):
    """One sale at one moment, or one return document. `tier` is the customer's tier at that time.

    `placed_on` is the business day: the date of `placed_at` in the company's time zone, computed by the database.
    `coupon` is the order discount; its shares stand on the lines and sum to it exactly.
    """

    number = models.CharField(max_length=50, unique=True)
    placed_at = models.DateTimeField()
    placed_on = models.GeneratedField(
        expression=models.Func("placed_at", function="business_date", output_field=models.DateField()),
        output_field=models.DateField(),
        db_persist=True,
    )
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="orders", db_index=False)
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True, related_name="orders", db_index=False)
    salesperson = models.ForeignKey(Salesperson, models.PROTECT, null=True, blank=True, related_name="orders", db_index=False)
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, blank=True, related_name="orders", db_index=False)
    status = models.CharField(max_length=10, choices=OrderStatus, default=OrderStatus.PLACED)
    country = models.CharField(max_length=60, blank=True)
    shipping = MoneyField(default=0)
    coupon = MoneyField(default=0)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at", "-pk"]
        indexes = [
            models.Index(fields=["placed_on"], include=["id", "customer", "channel", "status"], name="order_day"),
            models.Index(F("placed_at").desc(), F("id").desc(), name="order_newest"),
            models.Index(F("status"), F("placed_at").desc(), F("id").desc(), name="order_status_newest"),
            models.Index(F("channel"), F("placed_at").desc(), F("id").desc(), name="order_channel_newest"),
            models.Index(F("customer"), F("placed_at").desc(), F("id").desc(), name="order_customer_newest"),
            models.Index(fields=["salesperson", "-placed_at", "-id"], include=["channel", "status"], name="order_salesperson_newest"),
            models.Index(fields=["salesperson", "channel", "-placed_at", "-id"], condition=SOLD_IN_PERSON, name="order_salesperson_channel"),
            models.Index(Upper("country"), F("placed_at").desc(), F("id").desc(), include=["country"], name="order_country_newest"),
            inside("number", "order_number_trigram"),
            models.Index(fields=["tier"], name="order_tier"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=OrderStatus.values), name="order_status_known"),
            models.CheckConstraint(
                condition=Q(coupon__gte=0), name="order_coupon_not_negative", violation_error_message="A coupon cannot be negative."
            ),
        ]

    def __str__(self):
        return self.number


class LineKind(models.TextChoices):
    """What a line is, by its quantity and price alone, so that no file and no form can call it something else."""

    SALE = "sale", "Sale"
    FREE = "free", "Free of charge"
    RETURN = "return", "Return"
    ADJUSTMENT = "adjustment", "Adjustment"


SOLD_KINDS = (LineKind.SALE, LineKind.FREE)
GROSS = F("quantity") * F("unit_price")
NET = GROSS - F("discount_amount") - F("coupon_share")
COST = F("quantity") * F("unit_cost")


def scaled(money) -> models.GeneratedField:
    """Money of a line in ten-thousandths, whole: what summaries add up, at a third of the cost of numeric arithmetic."""
    return models.GeneratedField(expression=Cast(money * SCALE, models.BigIntegerField()), output_field=models.BigIntegerField(), db_persist=True)


LINE_SUMS = {"line_count": Count("*"), "units": Sum("quantity"), "net": Sum("net")}
NO_LINES = (0, 0, None)


class OrderLineQuerySet(models.QuerySet):
    """Order lines as reports and lists ask for them."""

    def sums_of(self, orders: list[int]) -> dict[int, tuple]:
        """Lines, units and net sales (LINE_SUMS) of each of these orders, by its id: all at once, at a fifth of what asking for each costs."""
        found = self.filter(any_of("order_id", orders)).order_by().values_list("order_id").annotate(**LINE_SUMS)
        with connection.cursor() as cursor:  # which gives the right types by itself; the library would convert every figure once more
            cursor.execute(*found.query.sql_with_params())
            return dict.fromkeys(orders, NO_LINES) | {row[0]: row[1:] for row in cursor.fetchall()}

    def counted(self):
        """Lines of orders that figures speak of."""
        return self.filter(order__status__in=COUNTED_STATUSES)

    def returned_of(self, order):
        """Lines of an order (or an OuterRef) that took something back, or of which a later document did.

        One question about the few lines of an order: asked apart, the planner would rather list all returns there are than look one order up.
        """
        return self.filter(Q(kind=LineKind.RETURN) | Q(returns__isnull=False), order=order)

    def newest_of(self, product):
        """Lines of a product, the latest orders first, as far as their ids tell: exact order would read every line there is."""
        return self.filter(product=product).select_related("order__customer").order_by("-order_id", "position")

    def sales_of(self, product, since: date | None = None):
        """Counted lines of a product (or an OuterRef) that are no returns, ever or on or after a day."""
        lines = self.counted().filter(product=product, kind__in=SOLD_KINDS)
        return lines.filter(order__placed_on__gte=since) if since else lines

    def buyers_of(self, product):
        """Ids of the known customers who bought a product."""
        return self.sales_of(product).filter(order__customer__isnull=False).values("order__customer")


class OrderLine(models.Model):
    """One product on one order. Money is exact to four decimals; `net` = quantity × unit price − discount − coupon share.

    A return is a row of its own with a negative quantity, on a document of its own date, pointing to the line it takes back.
    `unit_cost` is the cost at the time of sale and never follows the product later.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveIntegerField(default=1)
    product = models.ForeignKey(Product, models.PROTECT, related_name="lines", db_index=False)
    quantity = models.IntegerField()
    unit_price = MoneyField()
    discount_amount = MoneyField(default=0)
    coupon_share = MoneyField(default=0)
    unit_cost = MoneyField(null=True, blank=True)
    return_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="returns")
    kind = models.GeneratedField(
        expression=Case(
            When(unit_price__lt=0, then=Value("adjustment")),
            When(quantity__lt=0, unit_price=0, then=Value("adjustment")),
            When(quantity__lt=0, then=Value("return")),
            When(unit_price=0, then=Value("free")),
            default=Value("sale"),
        ),
        output_field=models.CharField(max_length=10, choices=LineKind),
        db_persist=True,
    )
    net = models.GeneratedField(
        expression=NET,
        output_field=models.DecimalField(max_digits=18, decimal_places=4),
        db_persist=True,
    )
    cost = models.GeneratedField(
        expression=COST,
        output_field=models.DecimalField(max_digits=18, decimal_places=4),
        db_persist=True,
    )
    gross_scaled = scaled(GROSS)
    net_scaled = scaled(NET)
    cost_scaled = scaled(COST)

    objects = OrderLineQuerySet.as_manager()

    class Meta:
        ordering = ["order", "position"]
        indexes = [
            models.Index(
                fields=["order"],
                include=["product", "quantity", "unit_price", "kind", "net", "cost"],
                name="line_order_covering",
            ),
            models.Index(fields=["product", "order"], include=["kind"], name="line_product_order"),
            models.Index(fields=["order"], condition=Q(kind="return"), name="line_return"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="line_position_unique"),
            models.CheckConstraint(condition=~Q(quantity=0), name="line_quantity_not_zero", violation_error_message="A quantity cannot be zero."),
            models.CheckConstraint(
                condition=Q(unit_cost__isnull=True) | Q(unit_cost__gte=0),
                name="line_unit_cost_not_negative",
                violation_error_message="A cost cannot be negative.",
            ),
            models.CheckConstraint(
                condition=Q(return_of__isnull=True) | Q(quantity__lt=0),
                name="line_return_is_negative",
                violation_error_message="A return has a negative quantity.",
            ),
        ]

    def __str__(self):
        return f"{self.quantity} × {self.product_id}"
