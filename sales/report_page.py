"""What stands around the table of a report: the view as a sentence, the tiles of totals, and the chart."""

from dataclasses import dataclass
from typing import NamedTuple

from dashboard import charts, money
from dashboard.periods import COMPARISONS, PRESETS, Period

from .answers import Row
from .cell_links import CellLinks
from .measures import DIMENSIONS, MEASURES, WRITERS, Measure
from .report_tables import written
from .reports import Report
from .scope import Scope

MOST_TILES = 6
FEWEST_FOR_A_LINE = 3


class Choice(NamedTuple):
    """One way to change a part of the sentence."""

    label: str
    url: str
    current: bool = False


class Dates(NamedTuple):
    """A form for dates of one's own: the days shown now, and the other words of the address."""

    period: Period
    words: list[tuple[str, str]]


@dataclass(frozen=True)
class Part:
    """A piece of the sentence: plain words, a link (`url`), or words with choices, and with a form for dates."""

    text: str
    choices: tuple[Choice, ...] = ()
    url: str = ""
    name: str = ""
    dates: Dates | None = None


@dataclass(frozen=True)
class Tile:
    """A total with its change and course."""

    measure: Measure
    text: str
    change: money.Change | None
    url: str
    spark: charts.Spark | None

    @property
    def tone(self) -> str:
        """Is "up" where the change is good, "down" where it is bad, "none" where it is neither."""
        if not self.change or not self.change.direction:
            return "none"
        return "up" if (self.change.direction > 0) == self.measure.good_up else "down"


def sentence(scope: Scope, dimensions: tuple[Choice, ...]) -> list[Part]:
    """The title in parts, each of which changes the view; `dimensions` are the segments below it."""
    return [
        Part(scope.first_measure.label, tuple(_measures(scope)), name="Measure"),
        Part(" of "),
        Part(scope.of or "everything sold", url=scope.url(filters="open"), name="Filters"),
        Part(" by "),
        Part(scope.dimension.label.lower(), dimensions, name="Group by"),
        Part(", "),
        Part(scope.period.label, tuple(_periods(scope)), name="Period", dates=Dates(scope.period, scope.other_words)),
        Part(", against " if scope.comparison else ", compared with "),
        Part(COMPARISONS[scope.comparison.kind] if scope.comparison else "nothing", tuple(_comparisons(scope)), name="Compare with"),
    ]


def _measures(scope: Scope):
    names = [measure.name for measure in scope.measures]
    orders = [",".join([name, *(other for other in names if other != name)]) for name in MEASURES]
    for measure, url in zip(MEASURES.values(), scope.urls("measures", orders, "sort"), strict=True):
        yield Choice(measure.label, url, measure.name == names[0])


def dimensions(scope: Scope) -> tuple[Choice, ...]:
    """The segments: every dimension, one click away."""
    ways = zip(DIMENSIONS.values(), scope.urls("by", DIMENSIONS, "sort"), strict=True)
    return tuple(Choice(dimension.label, url, dimension is scope.dimension) for dimension, url in ways)


def _periods(scope: Scope):
    names = [name for name in PRESETS if name != "custom"]
    for name, url in zip(names, scope.urls("period", names, "from", "to"), strict=True):
        yield Choice(PRESETS[name], url, name == scope.preset)


def _comparisons(scope: Scope):
    kind = scope.comparison.kind if scope.comparison else "none"
    for name, label in COMPARISONS.items():
        yield Choice(label.capitalize(), scope.url(compare=None if name == "none" else name, sort=None), name == kind)


def tiles(report: Report) -> list[Tile]:
    """The totals of the first measures."""
    return [
        Tile(
            measure,
            written(measure.unit, report.totals.value(measure)),
            report.totals.change(measure),
            report.scope.lines_url(measure),
            _spark(report, measure),
        )
        for measure in report.scope.measures[:MOST_TILES]
    ]


def _spark(report: Report, measure: Measure) -> charts.Spark | None:
    values = [row.figures.value(measure) for row in report.course]
    return None if report.late in values else charts.spark(values)


def chart(report: Report, rows: list[Row]) -> charts.Chart | None:
    """The first measure over time; by weekday or hour, over those (`rows` of the report). None without a figure."""
    scope = report.scope
    by_clock = scope.dimension.kind == "clock"
    rows = sorted(rows, key=lambda row: int(row.key)) if by_clock else report.course
    if not rows or all(row.figures.empty for row in rows):
        return None
    measure, write = scope.first_measure, WRITERS[scope.first_measure.unit]
    compared = scope.comparison and scope.had_previous
    lines_of = CellLinks(scope, measure, dimension=by_clock).now
    unit = scope.dimension.name if by_clock else report.step
    before = [row.figures.previous(measure) if by_clock or row.base else None for row in rows] if compared else None
    return charts.chart(
        [row.label for row in rows],
        [row.figures.value(measure) for row in rows],
        before,
        kind="bar" if by_clock or len(rows) < FEWEST_FOR_A_LINE else "line",
        title=f"{measure.label} per {unit}",
        unit=unit,
        description=f"{measure.label}, {scope.period.label}{scope.against}; {write(report.totals.value(measure))} in all.",
        texts=[write(row.figures.value(measure)) for row in rows],
        previous_texts=[write(value) for value in before] if before else (),
        urls=[lines_of(row) for row in rows],
        percent=measure.is_ratio,
    )
