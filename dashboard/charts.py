"""Geometry of the SVG charts: from figures to coordinates and paths. Pure functions; templates draw what they return, CSS colours it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

WIDTH, HEIGHT = 1180, 210
LEFT, RIGHT, TOP, BOTTOM = 52, 30, 12, 26
LABEL_ROOM = 78
WIDEST_BAR = 44.0
FEWEST_POINTS = 2  # of a line
SPARK_WIDTH, SPARK_HEIGHT = 84, 28


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    label: str


class Box(NamedTuple):
    """A rectangle: a bar."""

    x: float
    y: float
    width: float
    height: float


class Point(NamedTuple):
    """One figure of a chart: where it is, what it says, and the address of the rows behind it. `hit`, as path data, reacts to the pointer.

    Bars are None where there is no figure, and in a line chart.
    """

    x: float
    y: float
    label: str
    text: str
    url: str
    previous_text: str
    hit: str
    bar: Box | None
    base_bar: Box | None


@dataclass(frozen=True)
class Chart:
    """A chart ready to be drawn. `line`, `area` and `base` are SVG path data; bars are drawn from `points`; `unit` names what each stands for."""

    kind: str
    title: str
    unit: str
    description: str
    points: tuple[Point, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    zero: float
    line: str = ""
    area: str = ""
    base: str = ""
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def view_box(self) -> str:
        """The coordinates of all there is to see."""
        return f"0 0 {self.width} {self.height}"

    @property
    def left(self) -> int:
        """Where the plot begins."""
        return LEFT

    @property
    def axis(self) -> int:
        """Where the labels of the vertical axis end."""
        return LEFT - 8

    @property
    def right(self) -> int:
        """Where the plot ends."""
        return self.width - RIGHT

    @property
    def bottom(self) -> int:
        """The lower edge of the plot; labels of the horizontal axis stand below."""
        return self.height - BOTTOM


@dataclass(frozen=True)
class Spark:
    """A sparkline: SVG path data of its line and of the area below."""

    line: str
    area: str
    width: int = SPARK_WIDTH
    height: int = SPARK_HEIGHT


def nice_ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round values (1, 2, 2.5 or 5 times a power of ten apart) that enclose `low`, `high` and zero, about `count` steps."""
    low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        high = 1.0
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


def short(value: float) -> str:
    """An axis label: 1500 as "1.5k", 2000000 as "2M", 0.25 as "0.25"."""
    sign, size = ("−" if value < 0 else ""), abs(value)
    for limit, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size >= limit:
            return f"{sign}{size / limit:g}{unit}"
    return f"{sign}{size:g}"


def chart(
    labels: Sequence[str],
    current: Sequence[Decimal | int | None],
    previous: Sequence[Decimal | int | None] | None = None,
    *,
    kind: str = "line",
    title: str,
    unit: str = "",
    description: str,
    texts: Sequence[str],
    previous_texts: Sequence[str] = (),
    urls: Sequence[str] = (),
    percent: bool = False,
) -> Chart:
    """A line or bar chart of one measure over `labels`, with the compared figures behind it. None is a gap, not a zero."""
    barred = kind == "bar"
    now = [None if value is None else float(value) for value in current]
    before = [None if value is None else float(value) for value in previous or ()]
    known = [value for value in (*now, *before) if value is not None]
    ticks = nice_ticks(min(known, default=0.0), max(known, default=0.0))
    bottom = HEIGHT - BOTTOM

    def height_of(value: float) -> float:
        return round(bottom - (value - ticks[0]) / (ticks[-1] - ticks[0]) * (bottom - TOP), 1)

    places = _places(len(labels), kind)
    zero = height_of(0.0)
    room = (WIDTH - RIGHT - LEFT) / max(len(labels), 1)
    wide = min(WIDEST_BAR, room * 0.6)

    def bar(values: Sequence[float | None], index: int, left: float, width: float) -> Box | None:
        value = values[index] if barred and index < len(values) else None
        if value is None:
            return None
        return Box(round(left, 1), min(height_of(value), zero), round(width, 1), round(abs(height_of(value) - zero), 1))

    points, heights = [], [None if value is None else height_of(value) for value in now]
    hit = f" {TOP}h{round(room, 1)}v{bottom - TOP}h-{round(room, 1)}z"
    for index, x in enumerate(places):
        left, width = x - wide / 2, wide
        base_bar = bar(before, index, left, wide / 2 - 1) if before else None
        if before:
            left, width = x + 1, wide / 2 - 1
        points.append(
            Point(
                x=x,
                y=zero if heights[index] is None else heights[index],
                label=labels[index],
                text=texts[index],
                url=urls[index] if urls else "",
                previous_text=previous_texts[index] if index < len(previous_texts) else "",
                hit=f"M{round(x - room / 2, 1)}{hit}",
                bar=bar(now, index, left, width),
                base_bar=base_bar,
            )
        )
    runs = _runs(places, heights)
    return Chart(
        kind=kind,
        title=title,
        unit=unit,
        description=description,
        points=tuple(points),
        x_ticks=_x_ticks(labels, places),
        y_ticks=tuple(Tick(height_of(value), f"{value * 100:g} %" if percent else short(value)) for value in ticks),
        zero=zero,
        line=_line(runs),
        area=_area(runs, zero),
        base=_line(_runs(places, [None if value is None else height_of(value) for value in before])),
    )


def spark(values: Sequence[Decimal | int | None]) -> Spark | None:
    """A sparkline of `values`, from their smallest to their largest; None when there are fewer than two."""
    numbers = [None if value is None else float(value) for value in values]
    known = [value for value in numbers if value is not None]
    if len(known) < FEWEST_POINTS:
        return None
    low, floor, room = min(known), SPARK_HEIGHT - 2, SPARK_HEIGHT - 4
    spread = (max(known) - low) or 1.0
    heights = [None if value is None else round(floor - (value - low) / spread * room, 1) for value in numbers]
    runs = _runs(_spark_places(len(numbers)), heights)
    return Spark(_line(runs), _area(runs, SPARK_HEIGHT))


def bar_share(value: Decimal | None, largest: Decimal | None) -> float:
    """The width of a bar inside a cell, 0 to 100, measured against the largest figure of its column. Negative figures have none."""
    if not value or not largest or value < 0 or largest <= 0:
        return 0.0
    return round(min(float(value / largest), 1.0) * 100, 1)


@lru_cache(64)
def _spark_places(count: int) -> tuple[float, ...]:
    """The x coordinates of so many figures in a sparkline: those of all tiles of a page are the same."""
    return tuple(round(index * SPARK_WIDTH / (count - 1), 1) for index in range(count))


def _places(count: int, kind: str) -> list[float]:
    """Evenly spaced x coordinates; bars keep half a step free at both ends."""
    room = WIDTH - RIGHT - LEFT
    if kind == "bar":
        return [round(LEFT + room * (index + 0.5) / count, 1) for index in range(count)]
    if count == 1:
        return [LEFT + room / 2]
    margin = 12
    return [round(LEFT + margin + (room - 2 * margin) * index / (count - 1), 1) for index in range(count)]


def _x_ticks(labels: Sequence[str], places: Sequence[float]) -> tuple[Tick, ...]:
    """As many labels as have room beside each other, evenly chosen."""
    if not labels:
        return ()
    room = max(LABEL_ROOM, max(len(label) for label in labels) * 6.4 + 14)
    every = max(1, math.ceil(len(labels) * room / (WIDTH - RIGHT - LEFT)))
    return tuple(Tick(places[index], labels[index]) for index in range(0, len(labels), every))


@dataclass(frozen=True)
class Run:
    """A part of a line without a gap: its first and last x, and path data."""

    first: float
    last: float
    path: str


def _runs(places: Sequence[float], heights: Sequence[float | None]) -> list[Run]:
    """The parts of a line, which breaks where a figure is missing."""
    points = list(zip(places, heights, strict=False))
    parts = [points]
    if None in heights:
        parts = [list(part) for known, part in groupby(points, key=lambda point: point[1] is not None) if known]
    return [Run(part[0][0], part[-1][0], "M" + " L".join([f"{_written(x)} {_written(y)}" for x, y in part])) for part in parts if part]


@lru_cache(10 * (WIDTH + HEIGHT))
def _written(number: float) -> str:
    """A coordinate in tenths as path data: there are only so many, and they take long to write."""
    return f"{number:g}"


def _line(runs: Sequence[Run]) -> str:
    return " ".join(run.path for run in runs)


def _area(runs: Sequence[Run], floor: float) -> str:
    """What lies between a line and its floor."""
    return " ".join(f"{run.path} L{run.last:g} {floor:g} L{run.first:g} {floor:g} Z" for run in runs)
