"""The proof of a figure: what the summaries say, and the sum of the very lines shown, computed apart from each other."""

from dataclasses import dataclass

from django.db.models import Case, Count, DecimalField, F, Q, Sum, Value, When

from .measures import WRITERS, Measure
from .reports import Report
from .scope import Scope
from .summaries import MONEY_COLUMNS, SCALE

EXACT_MONEY = DecimalField(max_digits=30, decimal_places=4)
SALE, RETURN, ORDERED = Q(kind="sale"), Q(kind="return"), Q(kind__in=("sale", "free"))


def _money(expression, lines: Q):
    return Sum(Case(When(lines, then=expression), default=Value(0), output_field=EXACT_MONEY))


# Each summary column once more, over order lines: equal names, equal meaning, nothing shared with the summaries.
ON_LINES = {
    "lines": Count("pk"),
    "units": Sum("quantity"),
    "units_sold": Sum("quantity", filter=ORDERED),
    "units_returned": -Sum("quantity", filter=RETURN),
    "uncosted": Count("pk", filter=Q(unit_cost__isnull=True)),
    "orders": Count("order", distinct=True, filter=ORDERED),
    "customers": Count("order__customer", distinct=True, filter=ORDERED),
    "gross": _money(F("quantity") * F("unit_price"), SALE),
    "discounts": _money(F("discount_amount") + F("coupon_share"), SALE),
    "returns": -_money(F("net"), RETURN),
    "net": Sum("net"),
    "cost": Sum("cost"),
    "costed_net": Sum("net", filter=Q(unit_cost__isnull=False)),
}


@dataclass(frozen=True)
class Proof:
    """A figure as the report shows it, and as the lines give it."""

    measure: Measure
    figure: object
    own: object
    lines: int
    source: str

    @property
    def figure_text(self) -> str:
        """The figure as it is written."""
        return WRITERS[self.measure.unit](self.figure)

    @property
    def own_text(self) -> str:
        """The sum of the lines, written the same way."""
        return WRITERS[self.measure.unit](self.own)

    @property
    def equal(self) -> bool:
        """Whether both are the same, exactly: not after rounding."""
        return self.figure == self.own


def proof(scope: Scope) -> Proof:
    """The first measure of a scope, twice."""
    measure = scope.first_measure
    report = Report(scope)
    columns = {"lines", *measure.columns}
    sums = scope.lines().aggregate(**{f"sum_{column}": ON_LINES[column] for column in columns})
    found = {column: int((sums[f"sum_{column}"] or 0) * (SCALE if column in MONEY_COLUMNS else 1)) for column in columns}
    return Proof(measure, report.totals.value(measure), measure.value(found), found["lines"], report.totals_source)
