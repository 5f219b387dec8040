"""The figures of a scope: rows by its dimension, totals, a series over time, and what is left out. The only place that sums money.

Every question goes to the cheapest source that answers it exactly (sources.py). Totals are questions of their own: orders, customers and
ratios do not add up over rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from django.db.models import Case, Count, ExpressionWrapper, F, Max, Min, Q, Value, When, Window
from django.db.models.functions import ExtractIsoWeekDay, Lower, Trunc

from dashboard import money
from dashboard.periods import WEEKDAYS, Period, step_for, step_label, step_start, steps

from .measures import COST_MEASURES, EXACT, Measure
from .models import LineKind, OrderStatus
from .report_filters import NONE_LABEL
from .scope import Condition, Scope, dates
from .sources import Source, source_for
from .summaries import ChannelSummary

MOST_POINTS = 190
NOW, WAS, LIKE = "now_", "was_", "like_"
# "new" stands above every percentage, and what has none below.
CHANGE_RANK = Case(When(change_was__gt=0, then=Value(1)), When(change_now__gt=0, then=Value(2)), default=Value(0))
CHANGE_SHARE = Case(
    When(change_was__gt=0, then=ExpressionWrapper((F("change_now") - F("change_was")) / F("change_was"), EXACT)),
    default=F("change_now"),
    output_field=EXACT,
)


@dataclass(frozen=True)
class Figures:
    """The sums behind the figures of one row: of the period, of the base it is compared with, and of the part of the period that has a base."""

    now: Mapping[str, int]
    was: Mapping[str, int] | None = None
    like: Mapping[str, int] | None = None
    had_previous: bool = True

    def value(self, measure: Measure):
        """The figure of the period."""
        return measure.value(self.now)

    def previous(self, measure: Measure):
        """The figure of the base; None without comparison or before the first record."""
        return measure.value(self.was) if self.was is not None and self.had_previous else None

    def change(self, measure: Measure) -> money.Change | None:
        """How it moved; None without comparison."""
        if self.was is None:
            return None
        current = measure.value(self.now if self.like is None else self.like)
        return money.change(current, measure.value(self.was), had_previous=self.had_previous, is_ratio=measure.is_ratio)

    @property
    def empty(self) -> bool:
        """Whether no line stands behind it in any period."""
        return not self.now["lines"] and not (self.was and self.was["lines"])


@dataclass(frozen=True)
class Row:
    """One group of a report. `key` is public and stable, None for rows without such a thing; `period` is set for steps of the calendar."""

    key: str | None
    label: str
    figures: Figures
    cell: Mapping[str, str] = field(default_factory=dict)
    period: Period | None = None
    base: Period | None = None
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Rows:
    """Rows of one page in their order, how many there are in all, and which source gave them."""

    rows: list[Row]
    count: int
    source: Source


@dataclass(frozen=True)
class LeftOut:
    """What a scope does not count, with the address of its rows."""

    reason: str
    count: int
    url: str


def recorded() -> Period | None:
    """From the first to the last day with an order line, cancelled ones included; None before the first."""
    days = ChannelSummary.objects.filter(grain="day").aggregate(first=Min("start"), last=Max("start"))
    return Period.of_days(days["first"], days["last"]) if days["first"] else None


class Report:
    """The answers to one scope, each asked once. With `over_time`, the course by `step` is wanted too, and the totals come out of it."""

    def __init__(self, scope: Scope, *, over_time: bool = False):
        self.scope = scope
        self.over_time = over_time
        self.columns = frozenset({"lines"}).union(*(measure.columns for measure in scope.measures))
        if COST_MEASURES & {measure.name for measure in scope.measures}:
            self.columns |= {"uncosted"}
        self._asked: dict[str, dict[date, Figures]] = {}

    # Rows

    def rows(self, *, page: int = 1, per_page: int | None = None) -> Rows:
        """The rows in the order of the scope; all of them without `per_page`. A page after the last is the last."""
        dimension = self.scope.dimension
        if dimension.kind == "step":
            return _page(self._sorted(self._steps(dimension.name)), page, per_page, self._source(dimension.name))
        if dimension.kind == "clock":
            return _page(self._sorted(self._clock()), page, per_page, self._source(dimension.name))
        return self._groups(page, per_page)

    def _source(self, *dimensions: str) -> Source:
        return source_for(self.scope, frozenset(dimensions), self.columns)

    def _groups(self, page: int, per_page: int | None) -> Rows:
        dimension, source = self.scope.dimension, self._source(self.scope.dimension.name)
        groups = self._query(source, frozenset({dimension.name}))
        group = {"group_key": F(dimension.key), "group_label": F(dimension.text)}
        if dimension.kind == "thing":
            group["group_id"] = F(f"{dimension.name}_id")
        groups = groups.values(**group).annotate(**self._sums(source, frozenset({dimension.name})))
        groups = groups.filter(Q(now_lines__gt=0) | Q(was_lines__gt=0) if self.scope.comparison else Q(now_lines__gt=0))
        groups = self._ordered(groups.annotate(group_count=Window(Count("*"))))
        if per_page is None:
            found = list(groups)
            return Rows([self._row(group) for group in found], len(found), source)
        found = list(groups[(page - 1) * per_page : page * per_page])
        if not found and page > 1:
            last = max(1, -(-groups.count() // per_page))
            return self._groups(last, per_page) if last < page else Rows([], 0, source)
        return Rows([self._row(group) for group in found], found[0]["group_count"] if found else 0, source)

    def _row(self, group: Mapping) -> Row:
        key = group["group_key"] or None
        return Row(key, group["group_label"] or NONE_LABEL, self._figures(group), self.scope.cell(key))

    def _ordered(self, groups):
        """The order asked for with empty values last, then the label, then the key: nothing ties."""
        name, descending = self.sort
        ties = [Lower("group_label").asc(nulls_last=True), F("group_key").asc(nulls_last=True)]
        measure, part = self._column(name) or (None, "")
        if part in ("change", "delta"):
            now, was = LIKE if self._like else NOW, WAS
            groups = groups.alias(change_now=measure.order(now), change_was=measure.order(was))
            keys = [F("change_now") - F("change_was")] if part == "delta" or measure.is_ratio else [CHANGE_RANK, CHANGE_SHARE]
        elif measure:
            groups = groups.alias(sorted_by=measure.order(WAS if part == "previous" else NOW))
            keys = [F("sorted_by")]
        else:
            keys = [Lower("group_label")]
        return groups.order_by(*(key.desc(nulls_last=True) if descending else key.asc(nulls_last=True) for key in keys), *ties)

    @cached_property
    def sort(self) -> tuple[str, bool]:
        """The column rows are sorted by, and whether downwards. Unless asked, the calendar runs forward and the rest by the first measure."""
        name, descending = self.scope.sort.removeprefix("-"), self.scope.sort.startswith("-")
        if name == self.scope.dimension.name or self._column(name):
            return name, descending
        if self.scope.dimension.kind in ("step", "clock"):
            return self.scope.dimension.name, False
        return self.scope.first_measure.name, True

    def _column(self, name: str) -> tuple[Measure, str] | None:
        """The measure and part a name to sort by means here; "delta", the plain difference, is no column but sorts movers."""
        for measure in self.scope.measures:
            if name == measure.name:
                return measure, ""
            for part in ("previous", "change", "delta"):
                if name == f"{measure.name}_{part}" and self.scope.comparison:
                    return measure, part
        return None

    # Totals and the course over time

    @cached_property
    def totals(self) -> Figures:
        """The figures over all rows: from the course where everything adds up over time, else from a question of their own."""
        if self.over_time and "customers" not in self.columns:
            return self._sum(self._by_step(self.step).values())
        source = self.totals_source
        return self._figures(self._query(source, frozenset()).aggregate(**self._sums(source, frozenset())))

    @cached_property
    def totals_source(self) -> Source:
        """Where totals are read from."""
        return self._source()

    @cached_property
    def step(self) -> str:
        """The step of the course: that of the rows, unless it would be too fine to read."""
        dimension, period = self.scope.dimension, self.scope.period
        if dimension.kind == "step" and not (
            dimension.name in ("day", "week") and period.days > MOST_POINTS * (7 if dimension.name == "week" else 1)
        ):
            return dimension.name
        return step_for(period)

    @cached_property
    def course(self) -> list[Row]:
        """The figures by `step`, steps without any included; each beside the step in its place in the base."""
        return self._steps(self.step)

    def _by_step(self, step: str) -> dict[date, Figures]:
        if step not in self._asked:
            dimensions, source = frozenset({step}), self._source(step)
            groups = self._query(source, dimensions).values(group_key=Trunc("start", step)).annotate(**self._sums(source, dimensions))
            self._asked[step] = {_day(group["group_key"]): self._figures(group) for group in groups.order_by()}
        return self._asked[step]

    def _steps(self, step: str) -> list[Row]:
        found, comparison = self._by_step(step), self.scope.comparison
        nothing = self._sum(())
        bases = list(steps(comparison.base, step)) if comparison else []
        rows = []
        for index, piece in enumerate(steps(self.scope.period, step)):
            base = bases[index] if index < len(bases) else None
            own = found.get(step_start(piece.start, step), nothing)
            partner = found.get(step_start(base.start, step), nothing) if base else nothing
            key, name = step_start(piece.start, step).isoformat(), step_label(step_start(piece.start, step), step)
            rows.append(Row(key, name, replace(own, was=partner.was), dates(piece), piece, base))
        return rows

    def _sum(self, figures: Iterable[Figures]) -> Figures:
        """Figures added up, column by column."""
        figures = list(figures)

        def side(name):
            return {column: sum(getattr(one, name)[column] for one in figures) for column in self.columns}

        was = side("was") if self.scope.comparison else None
        return Figures(side("now"), was, side("like") if self._like else None, self.scope.had_previous)

    def _clock(self) -> list[Row]:
        dimension = self.scope.dimension
        dimensions = frozenset({dimension.name})
        source = self._source(dimension.name)
        number = ExtractIsoWeekDay("start") if dimension.name == "weekday" else F("hour")
        groups = self._query(source, dimensions).values(group_key=number).annotate(**self._sums(source, dimensions)).order_by()
        names = (lambda n: WEEKDAYS[n - 1]) if dimension.name == "weekday" else (lambda n: f"{n:02}:00")
        found = {int(group["group_key"]): self._figures(group) for group in groups}
        return [Row(str(number), names(number), figures, self.scope.cell(str(number))) for number, figures in sorted(found.items())]

    def _sorted(self, rows: Iterable[Row]) -> list[Row]:
        rows = [row for row in rows if not row.figures.empty]
        name, descending = self.sort
        if name == self.scope.dimension.name:
            return rows[::-1] if descending else rows
        measure, part = self._column(name)

        def key(row):
            if part in ("change", "delta"):
                change = row.figures.change(measure)
                return None if change.kind == "no data" else change.sort_key if part == "change" else change.delta
            return row.figures.previous(measure) if part == "previous" else row.figures.value(measure)

        known = sorted((row for row in rows if key(row) is not None), key=key, reverse=descending)
        return known + [row for row in rows if key(row) is None]

    # Left out

    @cached_property
    def left_out(self) -> list[LeftOut]:
        """What lies in the period under the same conditions but is not counted, each with the address of its rows."""
        return [*self._left_out_statuses(), *self._left_out_kinds(), *self._without_cost()]

    def _left_out_statuses(self) -> Iterable[LeftOut]:
        others = tuple(status for status in OrderStatus.values if status not in self.scope.statuses)
        wide = self.scope.having(Condition("status", others, ()))
        for group in self._counts(wide, "status", frozenset({"lines", "orders"})):
            name, orders, lines = OrderStatus(group["status"]), int(group["now_orders"]), int(group["now_lines"])
            url = self.scope.left_out_url(status=name.value)
            if orders:
                yield LeftOut(f"{name.label.lower()} order{'s' * (orders != 1)}", orders, url)
            elif lines:
                yield LeftOut(f"line{'s' * (lines != 1)} of {name.label.lower()} orders", lines, url)

    def _left_out_kinds(self) -> Iterable[LeftOut]:
        asked = self.scope.by_word.get("kind")
        if asked:
            others = tuple(kind for kind in LineKind.values if kind not in asked.values)
            for group in self._counts(self.scope.having(Condition("kind", others, ())), "kind", frozenset({"lines"})):
                kind = LineKind(group["kind"])
                url = self.scope.left_out_url(kind=kind.value)
                yield LeftOut(f"{kind.label.lower()} lines", int(group["now_lines"]), url)
        known = self.scope.by_word.get("known")
        if known:
            for group in self._counts(self.scope.having(Condition("known", (not known.values[0],), ())), "known", frozenset({"lines"})):
                url = self.scope.left_out_url(known="no" if known.values[0] else "yes")
                yield LeftOut(f"lines {'without' if known.values[0] else 'with'} a customer", int(group["now_lines"]), url)

    def _without_cost(self) -> Iterable[LeftOut]:
        count = self.totals.now.get("uncosted", 0)
        if count and "costed" not in self.scope.by_word:
            url = self.scope.left_out_url(costed="no")
            yield LeftOut("lines without cost", count, url)

    def _counts(self, scope: Scope, dimension: str, columns: frozenset[str]):
        source = source_for(scope, frozenset({dimension}), columns)
        within = source.within((scope.period,), scope, frozenset())
        return source.rows(scope).filter(within).values(dimension).annotate(**source.sums(columns, NOW, within)).order_by(dimension)

    # Shared by all questions

    def values(self, figures: Figures) -> dict[str, object]:
        """The exact values of a row by column name: each measure, its base and change, and the share of the first."""
        values = {}
        for measure in self.scope.measures:
            values[measure.name] = figures.value(measure)
            if self.scope.comparison:
                values[f"{measure.name}_previous"] = figures.previous(measure)
                values[f"{measure.name}_change"] = figures.change(measure).share
        first = self.scope.first_measure
        if first.unit == "money":
            values["share"] = money.ratio(figures.value(first), self.totals.value(first))
        return values

    @property
    def _like(self) -> bool:
        comparison = self.scope.comparison
        return bool(comparison) and comparison.current_parts != (self.scope.period,)

    def _periods(self) -> dict[str, tuple[Period, ...]]:
        periods = {NOW: (self.scope.period,)}
        if self.scope.comparison:
            periods[WAS] = self.scope.comparison.base_parts
            if self._like:
                periods[LIKE] = self.scope.comparison.current_parts
        return periods

    def _query(self, source: Source, dimensions: frozenset[str]):
        parts = [part for prefix, periods in self._periods().items() if prefix != LIKE for part in periods]
        return source.rows(self.scope).filter(source.within(tuple(parts), self.scope, dimensions))

    def _sums(self, source: Source, dimensions: frozenset[str]) -> dict:
        sums = {}
        for prefix, periods in self._periods().items():
            sums |= source.sums(self.columns, prefix, source.within(periods, self.scope, dimensions))
        return sums

    def _figures(self, found: Mapping) -> Figures:
        def side(prefix):
            return {column: int(found[prefix + column] or 0) for column in self.columns}

        comparison = self.scope.comparison
        return Figures(side(NOW), side(WAS) if comparison else None, side(LIKE) if self._like else None, self.scope.had_previous)


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _page(rows: list[Row], page: int, per_page: int | None, source: Source) -> Rows:
    if per_page is None:
        return Rows(rows, len(rows), source)
    page = min(page, max(1, -(-len(rows) // per_page)))
    return Rows(rows[(page - 1) * per_page : page * per_page], len(rows), source)
