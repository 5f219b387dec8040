"""Where figures are read from: every summary and the facts, what each can answer, and the choice of the cheapest for one question."""

# ruff: noqa: S608 - the texts are our own words; values travel beside them

from dataclasses import dataclass

from dashboard.periods import Period

from .covers import FLAT, RUNGS, Costs, Piece, cover
from .scope import Condition, Scope
from .summaries import ProductSummary

LADDER = ("day", "pentad", "month", "quarter", "year")  # each lies within the next
COARSEST = {"year": "year", "quarter": "quarter", "month": "month", "week": "day", "day": "day", "weekday": "day"}
STEPS = frozenset({"day", "week", "month", "quarter", "year"})
PLAIN = frozenset({"country", "hour", "status", "kind", "known"})  # words that are the name of their column
FEW_A_DAY = Costs(month=16.0, year=32.0)  # of all customers few order on one day, half of them in a month


@dataclass(frozen=True)
class Source:
    """A live view or the facts. `fan` names the key over which orders do not add up; `kinds` says whether statuses and kinds are kept.

    `rungs` are the grains it has, `costs` what it costs to read them.
    """

    name: str
    relation: str
    dimensions: frozenset[str]
    words: frozenset[str]
    fan: str = ""
    kinds: bool = False
    rungs: tuple[str, ...] = RUNGS
    costs: Costs = FLAT

    @property
    def is_facts(self) -> bool:
        """Whether it is the order lines themselves."""
        return self.relation == "sales_fact"

    @property
    def is_bits(self) -> bool:
        """Whether it keeps who ordered, as bits, and nothing else."""
        return self.relation == "sales_live_customers"

    def answers(self, scope: Scope, dimensions: frozenset[str], columns: frozenset[str]) -> bool:
        """Whether it can give these sums, by these dimensions, under the conditions of the scope, exactly."""
        if self.is_facts:
            return True
        if not dimensions - STEPS - {"weekday"} <= self.dimensions or not set(scope.by_word) - {"weekday"} <= self.words:
            return False
        if self.is_bits or "customers" in columns:
            return self.is_bits and columns == {"customers"}
        return "orders" not in columns or self._orders_add_up(scope, dimensions)

    def _orders_add_up(self, scope: Scope, dimensions: frozenset[str]) -> bool:
        kind = scope.by_word.get("kind")
        if kind and "free" in kind.values and "sale" not in kind.values:
            return False  # an order with both counts as a sale
        if not self.fan or self.fan in dimensions:
            return True
        only = scope.by_word.get(self.fan)
        return bool(only) and len(only.values) + only.none == 1

    def pieces(self, periods: tuple[Period, ...], scope: Scope, dimensions: frozenset[str]) -> list[Piece]:
        """What sums to some periods: as few rungs as the finest dimension allows. Facts have no rungs."""
        asked = dimensions | (set(scope.by_word) & {"weekday"})
        coarsest = next((COARSEST[step] for step in ("day", "week", "weekday", "month", "quarter", "year") if step in asked), "year")
        rungs = tuple(grain for grain in self.rungs if LADDER.index(grain) <= LADDER.index(coarsest))
        rules = {"costs": self.costs, "signed": not self.is_bits, "recorded": scope.recorded}
        return [piece for period in periods for piece in cover(period, rungs, **rules)]

    def key(self, dimension: str) -> str:
        """A dimension as SQL over a row `s`."""
        if dimension in STEPS:
            return "s.start" if dimension == "day" else f"date_trunc('{dimension}', s.start)::date"
        if dimension == "weekday":
            return "extract(isodow FROM s.start)::int"
        if dimension == "product":  # every line has one: an index on it can be used
            return "s.product_id"
        return f"s.{dimension}" if dimension in PLAIN else f"coalesce(s.{dimension}_id, 0)"

    def conditions(self, scope: Scope) -> tuple[list[str], list]:
        """The conditions of the scope as SQL over a row `s`, with their values."""
        texts, values = [], []
        if self.is_facts or self.kinds:
            texts, values = ["s.status = ANY(%s)"], [list(scope.statuses)]
        for condition in scope.conditions:
            if condition.word != "status":
                text, *more = self._condition(condition)
                texts.append(text)
                values += more
        return texts, values

    def _condition(self, condition: Condition) -> tuple:
        word, wanted = condition.word, list(condition.values)
        match word:
            case "known":
                return "s.known = %s", wanted[0]
            case "costed":
                return "s.uncosted = %s", 0 if wanted[0] else 1
            case "q":
                like = f"%{_unlike(wanted[0])}%"
                named = "SELECT id FROM sales_product WHERE upper(name) LIKE upper(%s) OR upper(sku) LIKE upper(%s)"
                return f"s.product_id IN ({named})", like, like
            case "weekday":
                return f"{self.key('weekday')} = ANY(%s)", wanted
            case "category" if self.relation == "sales_live_product":
                orphans = " OR category_id IS NULL" if condition.none else ""
                return f"s.product_id IN (SELECT id FROM sales_product WHERE category_id = ANY(%s){orphans})", wanted
        nobody = f" OR {self.key(word)} = {"''" if word == 'country' else 0}" if condition.none else ""
        path = f"s.{word}" if word in PLAIN else f"s.{word}_id"
        return f"({path} = ANY(%s::{'text' if word in ('country', 'kind') else 'bigint'}[]){nobody})", wanted


def _unlike(text: str) -> str:
    """A text for LIKE that means itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_KINDS = frozenset({"status", "kind", "known"})


def _orders(name: str, keys: set[str]) -> Source:
    return Source(f"{name}s", f"sales_live_{name}", frozenset(keys) | _KINDS, frozenset(keys) | _KINDS, kinds=True)


def _counted(name: str, relation: str, keys: set[str], more: frozenset[str] = frozenset(), **rules) -> Source:
    return Source(name, f"sales_live_{relation}", frozenset(keys), frozenset(keys) | more, **rules)


SOURCES = (
    Source("totals", "sales_live_total", _KINDS, _KINDS, kinds=True),
    _orders("channel", {"channel", "tier"}),
    Source("salespeople", "sales_live_salesperson", frozenset({"salesperson"}) | _KINDS, frozenset({"salesperson"}) | _KINDS, kinds=True),
    Source("countries", "sales_live_country", frozenset({"country"}) | _KINDS, frozenset({"country"}) | _KINDS, kinds=True),
    _orders("hour", {"hour"}),
    _counted("categories", "category", {"category", "channel", "tier"}, fan="category"),
    _counted("products", "product", {"product"}, frozenset({"category", "q"}), fan="product", rungs=ProductSummary.rungs),
    _counted("customers", "customer", {"customer"}, costs=FEW_A_DAY),
    _counted("distinct customers", "customers", {"channel"}),
    Source("order lines", "sales_fact", frozenset(), frozenset()),
)


def source_for(scope: Scope, dimensions: frozenset[str], columns: frozenset[str]) -> Source:
    """The cheapest source with an exact answer; the last one always has one."""
    return next(source for source in SOURCES if source.answers(scope, dimensions, columns))
