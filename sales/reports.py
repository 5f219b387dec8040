"""The figures of a scope: rows by its dimension, totals, a series over time, and what is left out. The only place that sums money.

Every question goes to the cheapest source that answers it exactly (sources.py), all those of one answer in one statement (asking.py).
Totals are questions of their own: orders, customers and ratios do not add up over rows.
"""

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from functools import cached_property

from dashboard import money
from dashboard.periods import WEEKDAYS, Period, step_for, step_label, step_start, steps

from . import asking
from .answers import Figures, Late, LeftOut, Plan, Row, Rows, Step
from .customer_packs import Ranking
from .known import Recorded, recorded_in
from .measures import COST_MEASURES, Measure
from .models import LineKind, OrderStatus
from .questions import READ, Page, Sums
from .report_filters import NONE_LABEL
from .scope import Condition, Scope, dates

MOST_POINTS = 190
NOW, WAS, LIKE = "now_", "was_", "like_"
MANY = frozenset({"customer", "product"})  # dimensions with so many groups that only those shown get more than their rank


class Report:
    """The answers to one scope, each asked once. With `over_time`, the course by `step` is wanted too, and the totals come out of it.

    `prepare` asks what a page needs in one statement; whatever else is looked at is asked when it is. Where a summary has most of an answer,
    but some sums can only be counted on the order lines, a report that does not `wait` leaves these out: their figures are late.
    """

    def __init__(self, scope: Scope, *, over_time: bool = False, wait: bool = True, late: Late = Late.COMING):
        self.scope = scope
        self.over_time = over_time
        self.late = late
        self.milliseconds = 0.0
        self._asked, self._found, self._grouped, self._courses, self._on_lines = {}, {}, {}, {}, {}
        self.columns = frozenset({"lines"}).union(*(measure.columns for measure in scope.measures))
        if COST_MEASURES & {measure.name for measure in scope.measures}:
            self.columns |= {"uncosted"}
        self.waits = True
        if not wait:
            # Rows cannot be put in an order by what is not known yet, and a chart of it would be empty.
            ordered, _ = self._column(self.sort[0]) or (None, "")
            row, *others = (scope.dimension.name,), self._totals_name[1:], (self.step,)
            wanted = [(ordered, row), *((scope.first_measure, keys) for keys in (row, *others))]
            self.waits = any(measure and self._counted_on_lines(*keys).intersection(measure.columns) for measure, keys in wanted)

    # Asking

    def prepare(self, *, page: int = 1, per_page: int | None = None) -> None:
        """Ask for rows, totals, course and what is left out, in one statement."""
        names = [self._rows_name(page, per_page), self._totals_name]
        if self.over_time:
            names.append(("sums", self.step))
        self._ask(*names, *(("left out", word) for word in self._left_out_words if not self._is_late(word)))

    def _ask(self, *names: tuple) -> list[dict]:
        """The rows of the first question, after asking all that were not asked before. A question has a name: its kind and what it needs."""
        new = {str(number): name for number, name in enumerate(dict.fromkeys(names)) if name not in self._found}
        if new:
            ranks = self._ranking and any(kind == "page" for kind, *_ in new.values())
            with asking.one_state() if ranks else nullcontext():
                questions = {number: self._question(*name) for number, name in new.items()}
                found, took = asking.ask({**questions, "recorded": Recorded()})
            self.milliseconds += took
            if self._outgrown(recorded_in(found["recorded"])):
                return self._ask(*names)
            for number, name in new.items():
                self._asked[name], self._found[name] = questions[number], found[number]
        return self._found[names[0]]

    def _question(self, kind: str, *needs) -> Sums | Page:
        match kind:
            case "sums":
                return self._sums(*needs)
            case "page":
                return self._page_question(*needs)
        return self._left_out_question(*needs)

    def _outgrown(self, recorded: Period | None) -> bool:
        """Whether there are days now that were not recorded when the questions were made; the scope knows them from here on."""
        known = self.scope.recorded
        if recorded is None or (known and known.start <= recorded.start and recorded.end <= known.end):
            return False
        self.scope = replace(self.scope, recorded=recorded)
        for known in (self._asked, self._found, self._grouped, self._courses):
            known.clear()
        return True

    def plan(self) -> Plan:
        """How it was answered so far."""
        sums = [question.sums if isinstance(question, Page) else question for question in self._asked.values()]
        sources = dict.fromkeys(source.name for one in sums for source, _ in one.parts)
        read = sum(
            int(rows[0]["all_read"]) if isinstance(self._asked[name], Page) and rows else sum(row.get(READ, 0) for row in rows)
            for name, rows in self._found.items()
        )
        return Plan(tuple(sources), read, self.milliseconds)

    def _sums(self, *keys: str) -> Sums:
        return Sums(self.scope, keys, self._spans(), self._summed(*keys))

    def _summed(self, *keys: str) -> frozenset[str]:
        """The sums that are asked for by some keys."""
        return self.columns if self.waits else self.columns - self._counted_on_lines(*keys)

    def _counted_on_lines(self, *keys: str) -> frozenset[str]:
        """The sums by some keys that only the order lines can tell, where a summary has the others."""
        if keys not in self._on_lines:
            parts = Sums(self.scope, keys, self._spans(), self.columns).parts
            found = frozenset().union(*(columns for source, columns in parts if source.is_facts))
            self._on_lines[keys] = found if "lines" not in found else frozenset()
        return self._on_lines[keys]

    def _is_late(self, word: str) -> bool:
        """Whether what a condition leaves out is told later."""
        return not self.waits and all(source.is_facts for source, _ in self._left_out_question(word).parts)

    @property
    def counts_rows_on_lines(self) -> bool:
        """Whether some figures of the rows are counted on the order lines, where a summary has the others."""
        return bool(self._counted_on_lines(self.scope.dimension.name))

    @cached_property
    def is_late(self) -> bool:
        """Whether anything is."""
        sums = [self._counted_on_lines(*keys) for keys in ((self.scope.dimension.name,), self._totals_name[1:], (self.step,))]
        return not self.waits and (any(sums) or any(self._is_late(word) for word in self._left_out_words))

    @property
    def late_measures(self) -> list[Measure]:
        """The measures with late figures, in rows or in totals."""
        late = self._counted_on_lines(self.scope.dimension.name) | self._counted_on_lines(*self._totals_name[1:])
        return [] if self.waits else [measure for measure in self.scope.measures if late.intersection(measure.columns)]

    def _spans(self) -> dict[str, tuple[Period, ...]]:
        spans = {NOW: (self.scope.period,)}
        if self.scope.comparison:
            spans[WAS] = self.scope.comparison.base_parts
            if self._like:
                spans[LIKE] = self.scope.comparison.current_parts
        return {name: periods for name, periods in spans.items() if periods}

    @cached_property
    def _like(self) -> bool:
        comparison = self.scope.comparison
        return bool(comparison) and comparison.current_parts != (self.scope.period,)

    def reads_lines(self) -> bool:
        """Whether its rows or its totals come from the order lines themselves, for want of a summary."""
        asked = (self._sums(self.scope.dimension.name), self._question(*self._totals_name))
        return any(source.is_facts for sums in asked for source, _ in sums.parts)

    # Rows

    def rows(self, *, page: int = 1, per_page: int | None = None) -> Rows:
        """The rows in the order of the scope; all of them without `per_page`. A page after the last is the last."""
        kind = self.scope.dimension.kind
        if kind == "clock":
            return _page(self._sorted(self._clock()), page, per_page)
        if kind == "step":
            step = self.scope.dimension.name
            found = _page(self._sorted(self._steps(step)), page, per_page)
            return replace(found, rows=[self._step_row(step, one) for one in found.rows])
        if per_page is None:  # a list that may be long comes as rows, not as one document
            whole = Report(replace(self.scope, recorded=None))  # nobody asks on the way whether more was recorded meanwhile
            every = [self._row(group) for group in asking.each(whole._page_question(1, None))]
            return Rows(every, len(every))
        found = self._ask(self._rows_name(page, per_page))
        if not found and page > 1:
            first = self._ask(self._rows_name(1, per_page))
            last = -(-first[0]["group_count"] // per_page) if first else 1
            return self.rows(page=last, per_page=per_page)
        return Rows([self._row(group) for group in found], found[0]["group_count"] if found else 0)

    def _rows_name(self, page: int, per_page: int | None) -> tuple:
        dimension = self.scope.dimension
        return ("sums", dimension.name) if dimension.kind in ("step", "clock") else ("page", page, per_page)

    def _page_question(self, page: int, per_page: int | None) -> Page:
        dimension = self.scope.dimension
        names = ("", "", "")
        if dimension.kind == "thing":
            names = (f"sales_{dimension.name}", *(path.split("__")[1] for path in (dimension.key, dimension.text)))
        question = Page(self._sums(dimension.name), *names, order=self._order)
        if per_page is None:
            return question
        question = replace(question, offset=(page - 1) * per_page, limit=per_page)
        ranking = self._ranking
        if ranking and (chosen := ranking.page(question.offset, question.limit)):
            self.milliseconds += chosen.milliseconds
            return replace(question, chosen=chosen)
        measure, _ = self._column(self.sort[0]) or (None, "")
        ranked = measure and dimension.name in MANY and "customers" not in measure.columns
        return replace(question, ranked_by=frozenset(measure.columns)) if ranked else question

    @property
    def _ranking(self) -> Ranking | None:
        """How customers are ranked without grouping all of them: by a plain sum, or how it moved, over periods alone."""
        measure, part = self._column(self.sort[0]) or (None, "")
        if self.scope.dimension.name != "customer" or not measure or not measure.is_sum or part == "change":
            return None
        sums = self._sums("customer")
        source, *others = (source for source, _ in sums.parts)
        if others or source.is_facts or source.conditions(self.scope)[0]:
            return None
        side = {name: number for number, name in enumerate(self._spans())}
        now, was = side[LIKE if LIKE in side else NOW], side.get(WAS)
        terms = {"": [(side[NOW], 1)], "previous": [(was, 1)], "delta": [(now, 1), (was, -1)]}[part]
        column = measure.columns[0]
        ranking = Ranking(sums.pieces(source), tuple((own, column, sign) for own, sign in terms if own is not None), self.sort[1])
        return ranking if ranking.fits else None

    @property
    def _order(self) -> tuple[str, ...]:
        """The order asked for as SQL, empty values last. "New" stands above every percentage, and what has none below."""
        name, descending = self.sort
        measure, part = self._column(name) or (None, "")
        if not measure:
            keys = ["lower(label)"]
        elif part in ("change", "delta"):
            now, was = measure.sorted_by(LIKE if LIKE in self._spans() else NOW), measure.sorted_by(WAS)
            if part == "delta" or measure.is_ratio:
                keys = [f"({now}) - ({was})"]
            else:
                share = f"CASE WHEN ({was}) > 0 THEN (({now}) - ({was}))::numeric / ({was}) ELSE {now} END"
                keys = [f"CASE WHEN ({was}) > 0 THEN 1 WHEN ({now}) > 0 THEN 2 ELSE 0 END", share]
        else:
            keys = [measure.sorted_by(WAS if part == "previous" else NOW)]
        return tuple(f"{key} {'DESC' if descending else 'ASC'} NULLS LAST" for key in keys)

    def _row(self, group: Mapping) -> Row:
        return Row(group["key"], group["label"] or NONE_LABEL, self._figures_of_group(group), self.scope.cell(group["key"]))

    def _figures_of_group(self, group: Mapping) -> Figures:
        """The figures of a row of a page, whose columns have the names of their spans before them."""
        columns = self._summed(self.scope.dimension.name)
        sides = {prefix: {column: group[prefix + column] for column in columns} for prefix in self._spans()}
        return self._figures(sides, dict.fromkeys(columns, 0))

    def _figures(self, sides: Mapping[str, Mapping[str, int]], nothing: Mapping[str, int]) -> Figures:
        def side(prefix):
            return sides.get(prefix, nothing)

        compared = self.scope.comparison
        return Figures(side(NOW), side(WAS) if compared else None, side(LIKE) if self._like else None, self.scope.had_previous, self.late)

    def _by_key(self, *keys: str) -> dict[object, Figures]:
        """The figures of each key (None without keys) from rows of sides. Who ordered comes in rows of its own, to be added."""
        groups: dict[object, dict[str, Mapping]] = {}
        found, prefixes, columns = self._ask(("sums", *keys)), list(self._spans()), self._summed(*keys)
        nothing = dict.fromkeys(columns, 0)
        for row in found:
            sides, side = groups.setdefault(row[keys[0]] if keys else None, {}), prefixes[row["side"]]
            sides[side] = {column: sides[side][column] + row[column] for column in columns} if side in sides else row
        return {key: self._figures(sides, nothing) for key, sides in groups.items()}

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
        _, *keys = self._totals_name
        if keys:
            return self._sum(self._by_step(*keys).values(), *keys)
        return self._by_key().get(None) or self._sum(())

    @property
    def _totals_name(self) -> tuple:
        return ("sums", self.step) if self.over_time and "customers" not in self.columns else ("sums",)

    @property
    def totals_source(self) -> str:
        """Where totals are read from, in words."""
        return " and ".join(source.name for source, _ in self._question(*self._totals_name).parts)

    @cached_property
    def step(self) -> str:
        """The step of the course: that of the rows, unless it would be too fine to read."""
        dimension, period = self.scope.dimension, self.scope.period
        if dimension.kind == "step" and not (
            dimension.name in ("day", "week") and period.days > MOST_POINTS * (7 if dimension.name == "week" else 1)
        ):
            return dimension.name
        step = step_for(period)
        # By weeks, every single day of the period is read: many rows where who ordered is joined bit by bit, or a word finds many products.
        return "month" if step == "week" and ("customers" in self.columns or "q" in self.scope.by_word) else step

    @cached_property
    def course(self) -> list[Row]:
        """The figures by `step`, steps without any included; each beside the step in its place in the base."""
        return [self._step_row(self.step, one) for one in self._steps(self.step)]

    def _by_step(self, step: str) -> dict[date, Figures]:
        if step not in self._grouped:
            self._grouped[step] = {date.fromisoformat(str(key)): figures for key, figures in self._by_key(step).items()}
        return self._grouped[step]

    def _steps(self, step: str) -> list[Step]:
        if step not in self._courses:
            self._courses[step] = self._laid_out(step)
        return self._courses[step]

    def _laid_out(self, step: str) -> list[Step]:
        found, periods = self._by_step(step), steps(self.scope.period, step)
        nothing = self._figures({}, dict.fromkeys(self._summed(step), 0))
        if not self.scope.comparison:
            return [Step(period, None, found.get(step_start(period.start, step), nothing)) for period in periods]
        bases, listed = steps(self.scope.comparison.base, step), []
        for period in periods:
            base = next(bases, None)
            own = found.get(step_start(period.start, step), nothing)
            partner = found.get(step_start(base.start, step), nothing) if base else nothing
            listed.append(Step(period, base, Figures(own.now, partner.was, own.like, own.had_previous, own.late)))
        return listed

    @staticmethod
    def _step_row(step: str, one: Step) -> Row:
        start = step_start(one.period.start, step)
        return Row(start.isoformat(), step_label(start, step), one.figures, dates(one.period), one.period, one.base)

    def _sum(self, figures: Iterable[Figures], *keys: str) -> Figures:
        """Figures by some keys added up, column by column."""
        figures, columns = list(figures), self._summed(*keys)

        def side(name):
            sides = [getattr(one, name) for one in figures]
            return {column: sum([sums[column] for sums in sides]) for column in columns}

        was = side("was") if self.scope.comparison else None
        return Figures(side("now"), was, side("like") if self._like else None, self.scope.had_previous, self.late)

    def _clock(self) -> list[Row]:
        names = (lambda n: WEEKDAYS[n - 1]) if self.scope.dimension.name == "weekday" else (lambda n: f"{n:02}:00")
        found = self._by_key(self.scope.dimension.name)
        return [Row(str(number), names(number), figures, self.scope.cell(str(number))) for number, figures in sorted(found.items())]

    def _sorted[T: (Row, Step)](self, rows: Iterable[T]) -> list[T]:
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
        found = []
        for word in (word for word in self._left_out_words if not self._is_late(word)):
            rows = sorted(self._ask(("left out", word)), key=lambda row: str(row[word]))
            found += [self._left_out_item(word, row) for row in rows]
        return [*filter(None, found), *self._without_cost()]

    @property
    def _left_out_words(self) -> list[str]:
        """The words whose conditions leave something out that is told: the status always, the others when they are asked for."""
        return ["status", *(word for word in ("kind", "known") if word in self.scope.by_word)]

    def _left_out_question(self, word: str) -> Sums:
        match word:
            case "status":
                others = tuple(status for status in OrderStatus.values if status not in self.scope.statuses)
            case "kind":
                others = tuple(name for name in LineKind.values if name not in self.scope.by_word["kind"].values)
            case _:
                others = (not self.scope.by_word["known"].values[0],)
        columns = {"lines", "orders"} if word == "status" else {"lines"}
        return Sums(self.scope.having(Condition(word, others, ())), (word,), {NOW: (self.scope.period,)}, frozenset(columns))

    def _left_out_item(self, word: str, row: Mapping) -> LeftOut | None:
        return {"status": self._left_out_status, "kind": self._left_out_kind, "known": self._left_out_known}[word](row)

    def _left_out_status(self, row: Mapping) -> LeftOut | None:
        name, orders, lines = OrderStatus(row["status"]), row["orders"], row["lines"]
        url = self.scope.left_out_url(status=name.value)
        if orders:
            return LeftOut(f"{name.label.lower()} order{'s' * (orders != 1)}", orders, url)
        return LeftOut(f"line{'s' * (lines != 1)} of {name.label.lower()} orders", lines, url) if lines else None

    def _left_out_kind(self, row: Mapping) -> LeftOut | None:
        kind = LineKind(row["kind"])
        return LeftOut(f"{kind.label.lower()} lines", row["lines"], self.scope.left_out_url(kind=kind.value)) if row["lines"] else None

    def _left_out_known(self, row: Mapping) -> LeftOut | None:
        words = ("with", "yes") if row["known"] else ("without", "no")
        return LeftOut(f"lines {words[0]} a customer", row["lines"], self.scope.left_out_url(known=words[1])) if row["lines"] else None

    def _without_cost(self) -> Iterable[LeftOut]:
        count = self.totals.now.get("uncosted", 0)
        if count and "costed" not in self.scope.by_word:
            yield LeftOut("lines without cost", count, self.scope.left_out_url(costed="no"))

    # What a row shows

    def values(self, figures: Figures) -> dict[str, object]:
        """The exact values of a row by column name: each measure, its base and change, and the share of the first."""
        values = {}
        for measure in self.scope.measures:
            values[measure.name] = figures.value(measure)
            if self.scope.comparison:
                values[f"{measure.name}_previous"] = figures.previous(measure)
                change = figures.change(measure)
                values[f"{measure.name}_change"] = change.share if change else figures.late
        first = self.scope.first_measure
        if first.unit == "money":
            values["share"] = money.ratio(figures.value(first), self.totals.value(first))
        return values


def _page(rows: list[Row], page: int, per_page: int | None) -> Rows:
    if per_page is None:
        return Rows(rows, len(rows))
    page = min(page, max(1, -(-len(rows) // per_page)))
    return Rows(rows[(page - 1) * per_page : page * per_page], len(rows))
