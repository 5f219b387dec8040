"""The state of a sales view, made from its form alone and frozen: period, comparison, conditions, dimension, measures and order.

A figure and the rows behind it both come from a Scope, so they cannot disagree. It knows addresses and words; sums are reports.py's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property

from django.db.models import F, Func, Q, SmallIntegerField
from django.http import QueryDict
from django.urls import reverse

from dashboard.addresses import Words, spell
from dashboard.filters import cleaned_query
from dashboard.periods import Comparison, Period, compare, preset

from .measures import DEFAULT_MEASURES, DIMENSIONS, MEASURES, Dimension, Measure
from .models import COUNTED_STATUSES, OrderLine
from .report_filters import NONE, NONE_LABEL, SalesFilter

DEFAULT_BY = "category"
DEFAULT_PERIOD = "last_365_days"
PAGE_WORDS = frozenset({"page", "export", "header", "count", "filters"})
VIEW_WORDS = frozenset({"by", "measures", "period", "from", "to", "compare", "sort", "per_page", "edit"})
THINGS = frozenset({"category", "product", "customer", "tier", "channel", "salesperson"})
NOUNS = {"status": "orders", "kind": "lines"}
YES_NO_NAMES = {
    ("known", "yes"): "known customers",
    ("known", "no"): "unknown customers",
    ("costed", "yes"): "lines with cost",
    ("costed", "no"): "lines without cost",
}
ON_LINES = {
    "category": "product__category_id",
    "product": "product_id",
    "customer": "order__customer_id",
    "tier": "order__tier_id",
    "country": "order__country",
    "channel": "order__channel_id",
    "salesperson": "order__salesperson_id",
    "status": "order__status",
    "kind": "kind",
    "weekday": "order__placed_on__iso_week_day",
    "hour": "order_hour",
}


@dataclass(frozen=True)
class Condition:
    """What one word of the address asks for: database values, and whether rows without such a thing are in. `names` are for people."""

    word: str
    values: tuple
    names: tuple[str, ...]
    none: bool = False

    def on(self, path: str) -> Q:
        """The condition on a column; unknown keys are NULL in facts and 0 or '' in summaries."""
        wanted = Q(**{f"{path}__in": self.values})
        if not self.none:
            return wanted
        if self.word == "country":
            return wanted | Q(**{path: ""})
        return wanted | Q(**{f"{path}__isnull": True}) | Q(**{path: 0})


@dataclass(frozen=True)
class Scope:
    """See the module. `recorded` is from when to when there are orders; `had_previous` says whether there were any in the base or before."""

    dimension: Dimension
    measures: tuple[Measure, ...]
    period: Period
    preset: str
    comparison: Comparison | None
    conditions: tuple[Condition, ...]
    sort: str
    query: str
    recorded: Period | None
    had_previous: bool = True

    @classmethod
    def read(cls, form: SalesFilter, *, today: date) -> "Scope":
        """The scope that a valid form asks for."""
        words, recorded = form.cleaned_data, form.known.recorded
        name, period = _period(words, today, recorded)
        comparison = compare(words["compare"] or "none", period, today)
        return cls(
            dimension=DIMENSIONS[words["by"] or DEFAULT_BY],
            measures=tuple(MEASURES[name] for name in words["measures"] or DEFAULT_MEASURES),
            period=period,
            preset=name,
            comparison=comparison,
            conditions=tuple(_conditions(form)),
            sort=form.data.get("sort", ""),
            query=cleaned_query(form.data, without=frozenset({"late"})).urlencode(),
            recorded=recorded,
            had_previous=bool(comparison and recorded and comparison.base.end > recorded.start),
        )

    # What it speaks of

    @cached_property
    def by_word(self) -> Mapping[str, Condition]:
        """Its conditions by the word that set them."""
        return {condition.word: condition for condition in self.conditions}

    @property
    def first_measure(self) -> Measure:
        """The measure that the chart shows and the title names."""
        return self.measures[0]

    @property
    def statuses(self) -> tuple[str, ...]:
        """Statuses of the orders that count: those asked for, else all but cancelled and test orders."""
        asked = self.by_word.get("status")
        return asked.values if asked else tuple(status.value for status in COUNTED_STATUSES)

    def having(self, condition: Condition) -> "Scope":
        """The same scope with another condition for one word, compared with nothing."""
        others = tuple(other for other in self.conditions if other.word != condition.word)
        return replace(self, conditions=(*others, condition), comparison=None)

    def lines(self):
        """The order lines behind its figures, as a queryset of OrderLine."""
        lines = OrderLine.objects.filter(
            order__placed_on__gte=self.period.start, order__placed_on__lt=self.period.end, order__status__in=self.statuses
        )
        for condition in self.conditions:
            match condition.word:
                case "status":
                    continue
                case "known":
                    lines = lines.filter(order__customer__isnull=not condition.values[0])
                case "costed":
                    lines = lines.filter(unit_cost__isnull=not condition.values[0])
                case "q":
                    lines = lines.filter(containing("product__", condition.values[0]))
                case "hour":
                    lines = lines.alias(order_hour=Func(F("order__placed_at"), function="business_hour", output_field=SmallIntegerField()))
                    lines = lines.filter(condition.on("order_hour"))
                case word:
                    lines = lines.filter(condition.on(ON_LINES[word]))
        return lines

    # Addresses

    def url(self, name: str = "sales:report", **changes) -> str:
        """The address of this view with some words changed: a text, a list of texts, or None to take the word away."""
        if changes.get("from"):
            changes["period"] = None
        return self._lasting_words.at(_path(name), changes)

    @cached_property
    def _lasting_words(self) -> Words:
        """The words of its address that also hold for other pages and exports of it."""
        return Words((word, values) for word, values in QueryDict(self.query).lists() if word not in PAGE_WORDS)

    def left_out_url(self, **words: str) -> str:
        """The address of lines that this scope leaves out, by the words that would let them in."""
        return self.lines_with(dates(self.period) | words)

    def urls(self, word: str, values: Iterable[str], *gone: str) -> list[str]:
        """The addresses of this view with each of these values of one word, and without the words in `gone`."""
        base = self.url(**dict.fromkeys((word, *gone)))
        base += "&" if "?" in base else "?"
        return [base + spell(word, value) for value in values]

    def lines_url(self, measure: Measure, period: Period | None = None) -> str:
        """The address of all rows behind one figure, of this period or another, its dates spelled out."""
        return self.lines_with(self.on_lines(measure) | dates(period or self.period))

    def lines_prefix(self, measure: Measure) -> str:
        """The same without dates and without the words of a cell, for a table to complete: a page holds hundreds of them."""
        gone = (self.dimension.name, *(("subcategories",) if self.dimension.name == "category" else ()))
        return self.lines_with(self.on_lines(measure) | dict.fromkeys(gone))

    def lines_with(self, words: dict) -> str:
        """The address of order lines under the conditions of this view, with these words beside them."""
        return self._words_of_lines.at(_path("sales:lines"), words)

    @cached_property
    def _words_of_lines(self) -> Words:
        """The words of its address that hold for lines: its conditions."""
        return Words((word, values) for word, values in QueryDict(self.query).lists() if word not in PAGE_WORDS | VIEW_WORDS)

    def on_lines(self, measure: Measure) -> dict:
        """The words that say which lines are behind one measure."""
        words = {"measures": measure.name}
        if len(measure.kinds) == 1 and "kind" not in self.by_word:
            words["kind"] = measure.kinds[0]
        return words

    def cell(self, key: str | None) -> dict[str, str]:
        """The words that narrow this view to one of its groups, by the group's public key."""
        words = {self.dimension.name: NONE if key is None else key}
        if self.dimension.name == "category":
            words["subcategories"] = "no"  # a group holds what lies in the category itself
        return words

    @property
    def spelled_out(self) -> QueryDict:
        """The words of its address with the defaults filled in, for the form to show."""
        query = QueryDict(self.query, mutable=True)
        query["by"] = self.dimension.name
        query["compare"] = self.comparison.kind if self.comparison else "none"
        query.setlist("measures", [measure.name for measure in self.measures])
        if self.preset != "custom":
            query["period"] = self.preset
        return query

    @property
    def other_words(self) -> list[tuple[str, str]]:
        """The words of its address without the dates, for the form that asks for other dates."""
        query = QueryDict(self.query)
        gone = {"period", "from", "to", "page", "filters"}
        return [(word, value) for word, values in query.lists() if word not in gone for value in values]

    # Words

    @property
    def of(self) -> str:
        """What it is restricted to, in words: "Beverages, Web shop"; empty when it is everything."""
        return ", ".join(name for condition in self.conditions for name in condition.names)

    @property
    def title(self) -> str:
        """The view as a sentence: "Net sales by category, 1 Jan – 31 Dec 1997"."""
        of = f" of {self.of}" if self.of else ""
        return f"{self.first_measure.label}{of} by {self.dimension.label.lower()}, {self.period.label}{self.against}"

    @property
    def against(self) -> str:
        """Ends the title: ", against the same weekdays last year", or nothing."""
        return f", against {self.comparison.label}" if self.comparison else ""


@cache
def _path(name: str) -> str:
    """The path of a page without arguments; the table of addresses never changes while we run."""
    return reverse(name)


def containing(prefix: str, text: str) -> Q:
    """Products whose name or SKU contains a text."""
    return Q(**{f"{prefix}name__icontains": text}) | Q(**{f"{prefix}sku__icontains": text})


def dates(period: Period) -> dict[str, str]:
    """A period as the words `from` and `to`, both inside it."""
    return {"from": period.start.isoformat(), "to": period.last.isoformat()}


def _period(words: Mapping, today: date, recorded: Period | None) -> tuple[str, Period]:
    """The period asked for with its preset's name; dates win over presets, and one date alone reaches to the end of what is recorded."""
    first, last = words["from"], words["to"]
    if first and last:
        return "custom", Period.of_days(first, last)
    if first or last:
        known = recorded or Period.of_days(today, today)
        first = first or min(known.start, last)
        return "custom", Period.of_days(first, last or max(known.last, first))
    name = words["period"]
    if not name:
        default = preset(DEFAULT_PERIOD, today)
        name = DEFAULT_PERIOD if recorded and recorded.last >= default.start else "all"
    return name, preset(name, today, recorded if name == "all" else None)


def _conditions(form: SalesFilter) -> Iterable[Condition]:
    """One condition for each word that is set."""
    words = form.cleaned_data
    for word in SalesFilter.CONDITIONS:
        value = words[word]
        if not value:
            continue
        if word in THINGS:
            ids = [thing.pk for thing in value if thing]
            if word == "category" and ids and words["subcategories"] != "no":
                ids = form.known.branch(ids)
            names = tuple(str(thing) if thing else NONE_LABEL for thing in value)
            yield Condition(word, tuple(ids), names, none=None in value)
        elif isinstance(value, list):
            yield _of_choices(word, value, dict(form.fields[word].choices))
        elif word == "q":
            yield Condition(word, (value,), (f"“{value}”",))
        else:
            yield Condition(word, (value == "yes",), (YES_NO_NAMES[word, value],))


def _of_choices(word: str, chosen: list[str], labels: Mapping[str, str]) -> Condition:
    """A condition on fixed words: countries, statuses, kinds, weekdays, hours."""
    names = tuple(f"{labels[name].lower()} {NOUNS[word]}" if word in NOUNS else labels[name] for name in chosen)
    values = [name for name in chosen if name != NONE]
    return Condition(word, tuple(int(value) for value in values) if word in ("weekday", "hour") else tuple(values), names, none=NONE in chosen)
