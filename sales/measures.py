"""What can be asked of sales: the measures with their one definition each, and the dimensions. No query runs here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, DecimalField, ExpressionWrapper, F, Q, Value, When
from django.db.models.functions import NullIf

from dashboard import money

from .summaries import MONEY_COLUMNS, SCALE

Columns = Mapping[str, int]
EXACT = DecimalField(max_digits=40, decimal_places=12)


@dataclass(frozen=True)
class Measure:
    """One figure, made of sums of summary columns, so that its total is computed like any row and never summed from ratios.

    `value` gets the sums by column name and gives Decimal money, an int count, or None where the figure has no meaning; `order` gives the
    same as an SQL expression over annotations with a prefix, for sorting.
    """

    name: str
    label: str
    unit: str
    columns: tuple[str, ...]
    value: Callable[[Columns], Decimal | int | None]
    order: Callable[[str], object]
    help: str
    kinds: tuple[str, ...] = ()  # the kinds of line it speaks of; all when empty
    good_up: bool = True

    @property
    def is_ratio(self) -> bool:
        """Whether its change is told in points."""
        return self.unit == "ratio"


def amount(ten_thousandths: int) -> Decimal:
    """Exact money from a summary column."""
    return Decimal(int(ten_thousandths)) / SCALE


def _column(name, label, column, unit, help_text, kinds=(), *, good_up=True) -> Measure:
    read = (lambda sums: amount(sums[column])) if column in MONEY_COLUMNS else (lambda sums: int(sums[column]))
    return Measure(name, label, unit, (column,), read, lambda prefix: F(prefix + column), help_text, kinds, good_up)


def _divide(numerator, denominator):
    return ExpressionWrapper(ExpressionWrapper(numerator, EXACT) / NullIf(denominator, Value(0)), EXACT)


def _profit(sums: Columns) -> Decimal | None:
    if not sums["costed_net"] and not sums["cost"]:
        return None
    return amount(sums["costed_net"] - sums["cost"])


def _profit_order(prefix: str):
    known = ~Q(**{f"{prefix}costed_net": 0}) | ~Q(**{f"{prefix}cost": 0})
    return Case(When(known, then=F(f"{prefix}costed_net") - F(f"{prefix}cost")), output_field=EXACT)


def _margin(sums: Columns) -> Decimal | None:
    return money.ratio(sums["costed_net"] - sums["cost"], sums["costed_net"]) if sums["costed_net"] > 0 else None


def _margin_order(prefix: str):
    ratio = _divide(F(f"{prefix}costed_net") - F(f"{prefix}cost"), F(f"{prefix}costed_net"))
    return Case(When(Q(**{f"{prefix}costed_net__gt": 0}), then=ratio), output_field=EXACT)


def _average_order(sums: Columns) -> Decimal | None:
    return money.ratio(amount(sums["gross"] - sums["discounts"]), sums["orders"])


def _ratio(numerator: str, denominator: str):
    return (
        lambda sums: money.ratio(sums[numerator], sums[denominator]),
        lambda prefix: _divide(F(prefix + numerator), F(prefix + denominator)),
    )


_MEASURES = (
    _column("net_sales", "Net sales", "net", "money", "Gross sales − discounts − returns + adjustments, without tax and shipping."),
    _column("gross_sales", "Gross sales", "gross", "money", "Unit price × quantity of sale lines, before discounts and returns.", ("sale",)),
    _column("discounts", "Discounts", "discounts", "money", "Line discounts and coupon shares of sale lines.", ("sale",), good_up=False),
    _column("returns", "Returns", "returns", "money", "What returned lines took back, on the day of the return.", ("return",), good_up=False),
    _column("units", "Units", "units", "count", "Quantity sold minus quantity returned."),
    _column("orders", "Orders", "orders", "count", "Distinct orders with a sale or a free line; a return document is no order.", ("sale", "free")),
    _column("customers", "Customers", "customers", "count", "Distinct known customers of those orders.", ("sale", "free")),
    Measure(
        "average_order_value",
        "Average order",
        "money",
        ("gross", "discounts", "orders"),
        _average_order,
        lambda prefix: _divide(F(f"{prefix}gross") - F(f"{prefix}discounts"), F(f"{prefix}orders")),
        "(Gross sales − discounts) ÷ orders; later returns do not lower it.",
        ("sale", "free"),
    ),
    Measure(
        "units_per_order",
        "Units per order",
        "number",
        ("units_sold", "orders"),
        *_ratio("units_sold", "orders"),
        "Units sold ÷ orders.",
        ("sale", "free"),
    ),
    _column("cost", "Cost", "cost", "money", "Unit cost at the time of sale × quantity, of lines whose cost is known.", good_up=False),
    Measure(
        "gross_profit",
        "Gross profit",
        "money",
        ("costed_net", "cost"),
        _profit,
        _profit_order,
        "Net sales − cost, of lines whose cost is known.",
    ),
    Measure(
        "margin",
        "Margin",
        "ratio",
        ("costed_net", "cost"),
        _margin,
        _margin_order,
        "Gross profit ÷ net sales, of lines whose cost is known; none where those are not positive.",
    ),
    Measure(
        "return_rate",
        "Return rate",
        "ratio",
        ("units_returned", "units_sold"),
        *_ratio("units_returned", "units_sold"),
        "Units returned ÷ units sold in the same period.",
        good_up=False,
    ),
)
MEASURES = {measure.name: measure for measure in _MEASURES}
DEFAULT_MEASURES = ("net_sales", "orders", "units", "average_order_value", "gross_profit", "margin")
WRITERS = {"money": money.money_text, "count": money.count_text, "ratio": money.percent_text, "number": money.number_text}
COST_MEASURES = frozenset({"cost", "gross_profit", "margin"})


@dataclass(frozen=True)
class Dimension:
    """Something to group by. Things have a public key and a name; steps are pieces of the calendar."""

    name: str
    label: str
    plural: str
    kind: str  # thing, text, step or clock
    key: str = ""
    text: str = ""


def _thing(name, label, plural, key, text="name") -> Dimension:
    return Dimension(name, label, plural, "thing", f"{name}__{key}", f"{name}__{text}")


def _step(name, plural) -> Dimension:
    return Dimension(name, name.capitalize(), plural, "step")


_DIMENSIONS = (
    _thing("category", "Category", "categories", "key"),
    _thing("product", "Product", "products", "sku"),
    _thing("customer", "Customer", "customers", "key"),
    _thing("tier", "Tier", "tiers", "name"),
    Dimension("country", "Country", "countries", "text", "country", "country"),
    _thing("channel", "Channel", "channels", "name"),
    _thing("salesperson", "Salesperson", "salespeople", "name"),
    _step("day", "days"),
    _step("week", "weeks"),
    _step("month", "months"),
    _step("quarter", "quarters"),
    _step("year", "years"),
    Dimension("weekday", "Weekday", "weekdays", "clock"),
    Dimension("hour", "Hour", "hours", "clock", "hour"),
)
DIMENSIONS = {dimension.name: dimension for dimension in _DIMENSIONS}
