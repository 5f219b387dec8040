"""Where figures are read from: every summary and the facts, what each can answer, and the choice of the cheapest for one question."""

from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Count, Model, Q, Sum
from django.db.models.functions import Coalesce

from dashboard.periods import Period, cover

from .scope import Scope, containing
from .summaries import (
    CategorySummary,
    ChannelSummary,
    CountrySummary,
    CustomerSummary,
    Fact,
    HourSummary,
    ProductSummary,
    SalespersonSummary,
)

COARSEST = {"year": "year", "quarter": "month", "month": "month", "week": "day", "day": "day", "weekday": "day"}
STEPS = frozenset({"day", "week", "month", "quarter", "year"})
COUNTED_LINES = Q(kind__in=("sale", "free"))


@dataclass(frozen=True)
class Source:
    """A live view or the facts. `fan` names the key over which orders do not add up; `kinds` says whether statuses and kinds are kept."""

    name: str
    model: type[Model]
    dimensions: frozenset[str]
    words: frozenset[str]
    fan: str = ""
    kinds: bool = False

    @property
    def is_facts(self) -> bool:
        """Whether it is the order lines themselves."""
        return self.model is Fact

    def answers(self, scope: Scope, dimensions: frozenset[str], columns: frozenset[str]) -> bool:
        """Whether it can give these sums, by these dimensions, under the conditions of the scope, exactly."""
        if self.is_facts:
            return True
        if not dimensions - STEPS - {"weekday"} <= self.dimensions or not set(scope.by_word) - {"weekday"} <= self.words:
            return False
        if "customers" in columns and self.model is not CustomerSummary:
            return False
        return "orders" not in columns or self._orders_add_up(scope, dimensions)

    def _orders_add_up(self, scope: Scope, dimensions: frozenset[str]) -> bool:
        kind = scope.by_word.get("kind")
        if kind and "free" in kind.values and "sale" not in kind.values:
            return False  # an order with both counts as a sale
        if not self.fan or self.fan in dimensions:
            return True
        only = scope.by_word.get(self.fan)
        return bool(only) and len(only.values) + only.none == 1

    def path(self, word: str) -> str:
        """The column a condition or dimension speaks of."""
        if word == "category" and self.model is ProductSummary:
            return "product__category_id"
        return word if word in {"country", "hour", "status", "kind", "known"} else f"{word}_id"

    def rows(self, scope: Scope):
        """Its rows under the conditions of the scope, over all time."""
        rows = self.model.objects.all()
        if self.is_facts or self.kinds:
            rows = rows.filter(status__in=scope.statuses)
        for condition in scope.conditions:
            match condition.word:
                case "status":
                    continue
                case "known":
                    rows = rows.filter(known=condition.values[0])
                case "costed":
                    rows = rows.filter(uncosted=0 if condition.values[0] else 1)
                case "q":
                    rows = rows.filter(containing("product__", condition.values[0]))
                case "weekday":
                    rows = rows.filter(condition.on("start__iso_week_day"))
                case word:
                    rows = rows.filter(condition.on(self.path(word)))
        return rows

    def within(self, periods: tuple[Period, ...], scope: Scope, dimensions: frozenset[str]) -> Q:
        """The condition for some periods: as few rungs as the finest dimension allows."""
        if self.is_facts:
            return _any(Q(start__gte=period.start, start__lt=period.end) for period in periods)
        asked = dimensions | (set(scope.by_word) & {"weekday"})
        coarsest = next((COARSEST[step] for step in ("day", "week", "weekday", "month", "quarter", "year") if step in asked), "year")
        return _any(Q(grain=grain, start__gte=piece.start, start__lt=piece.end) for period in periods for grain, piece in cover(period, coarsest))

    def sums(self, columns: frozenset[str], prefix: str, within: Q) -> dict:
        """Aggregates of the columns over the rows in `within`, named with a prefix."""
        return {prefix + column: self._sum(column, within) for column in sorted(columns)}

    def _sum(self, column: str, within: Q):
        if column == "customers":
            ordered = COUNTED_LINES if self.is_facts else Q(orders__gt=0, customer_id__gt=0)
            return Count("customer_id", distinct=True, filter=within & ordered)
        if column == "orders" and self.is_facts:
            return Count("order_id", distinct=True, filter=within & COUNTED_LINES)
        return Coalesce(Sum(column, filter=within), 0)


def _any(conditions) -> Q:
    return reduce(or_, conditions, Q(start__isnull=True))  # start is never NULL: nothing, unless there are conditions


_KINDS = frozenset({"status", "kind", "known"})


def _orders(name: str, model: type[Model], keys: set[str]) -> Source:
    return Source(name, model, frozenset(keys) | _KINDS, frozenset(keys) | _KINDS, kinds=True)


SOURCES = (
    _orders("channels", ChannelSummary, {"channel", "tier"}),
    _orders("salespeople", SalespersonSummary, {"salesperson"}),
    _orders("countries", CountrySummary, {"country"}),
    _orders("hours", HourSummary, {"hour"}),
    Source("categories", CategorySummary, frozenset({"category", "channel", "tier"}), frozenset({"category", "channel", "tier"}), fan="category"),
    Source("products", ProductSummary, frozenset({"product"}), frozenset({"product", "category", "q"}), fan="product"),
    Source("customers", CustomerSummary, frozenset({"customer"}), frozenset({"customer"})),
    Source("order lines", Fact, frozenset(), frozenset()),
)


def source_for(scope: Scope, dimensions: frozenset[str], columns: frozenset[str]) -> Source:
    """The cheapest source with an exact answer; the last one always has one."""
    return next(source for source in SOURCES if source.answers(scope, dimensions, columns))
