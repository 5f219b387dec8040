"""What can be asked of sales: the measures with their one definition each, and the dimensions. No query runs here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from dashboard import money

from .summaries import MONEY_COLUMNS, SCALE

Columns = Mapping[str, int]


@dataclass(frozen=True)
class Measure:
    """One figure, made of sums of summary columns, so that its total is computed like any row and never summed from ratios.

    `value` gets the sums by column name and gives Decimal money, an int count, or None where the figure has no meaning; `order` is the same
    as SQL over columns whose prefix goes into its braces, for sorting (money in ten-thousandths).
    """

    name: str
    label: str
    unit: str
    columns: tuple[str, ...]
    value: Callable[[Columns], Decimal | int | None]
    order: str
    help: str
    kinds: tuple[str, ...] = ()  # the kinds of line it speaks of; all when empty
    good_up: bool = True

    def sorted_by(self, prefix: str) -> str:
        """The figure as SQL over columns with this prefix."""
        return self.order.format(prefix)

    @property
    def is_sum(self) -> bool:
        """Whether it is nothing but the sum of its one column."""
        return self.order == f"{{0}}{self.columns[0]}"

    @property
    def is_ratio(self) -> bool:
        """Whether its change is told in points."""
        return self.unit == "ratio"


def amount(ten_thousandths: int) -> Decimal:
    """Exact money from a summary column."""
    return Decimal(int(ten_thousandths)) / SCALE


def _column(name, label, column, unit, help_text, kinds=(), *, good_up=True) -> Measure:
    read = (lambda sums: amount(sums[column])) if column in MONEY_COLUMNS else (lambda sums: int(sums[column]))
    return Measure(name, label, unit, (column,), read, f"{{0}}{column}", help_text, kinds, good_up)


def _profit(sums: Columns) -> Decimal | None:
    if not sums["costed_net"] and not sums["cost"]:
        return None
    return amount(sums["costed_net"] - sums["cost"])


def _margin(sums: Columns) -> Decimal | None:
    return money.ratio(sums["costed_net"] - sums["cost"], sums["costed_net"]) if sums["costed_net"] > 0 else None


def _average_order(sums: Columns) -> Decimal | None:
    return money.ratio(amount(sums["gross"] - sums["discounts"]), sums["orders"])


def _ratio(numerator: str, denominator: str):
    return lambda sums: money.ratio(sums[numerator], sums[denominator]), f"{{0}}{numerator}::numeric / nullif({{0}}{denominator}, 0)"


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
        "({0}gross - {0}discounts)::numeric / nullif({0}orders, 0)",
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
        "CASE WHEN {0}costed_net <> 0 OR {0}cost <> 0 THEN {0}costed_net - {0}cost END",
        "Net sales − cost, of lines whose cost is known.",
    ),
    Measure(
        "margin",
        "Margin",
        "ratio",
        ("costed_net", "cost"),
        _margin,
        "CASE WHEN {0}costed_net > 0 THEN ({0}costed_net - {0}cost)::numeric / {0}costed_net END",
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
