"""What a report answers with: rows and steps with their figures, what is left out, and how it was found. The questions are reports.py's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from itertools import starmap
from typing import NamedTuple

from dashboard import money
from dashboard.addresses import spell
from dashboard.periods import Period

from .measures import Measure


class Late(Enum):
    """What stands for a figure that only the order lines can tell, in a report that does not wait for them."""

    COMING = "being counted"
    MISSING = "not counted in time"


@dataclass(frozen=True)
class Figures:
    """The sums behind the figures of one row: of the period, of the base it is compared with, and of the part of the period that has a base.

    A measure whose sums are not there is `late`.
    """

    now: Mapping[str, int]
    was: Mapping[str, int] | None = None
    like: Mapping[str, int] | None = None
    had_previous: bool = True
    late: Late = Late.COMING

    def value(self, measure: Measure):
        """The figure of the period."""
        try:
            return measure.value(self.now)
        except KeyError:
            return self.late

    def previous(self, measure: Measure):
        """The figure of the base; None without comparison or before the first record."""
        if self.was is None or not self.had_previous:
            return None
        try:
            return measure.value(self.was)
        except KeyError:
            return self.late

    def change(self, measure: Measure) -> money.Change | None:
        """How it moved; None without comparison, and of what is late."""
        if self.was is None or self.value(measure) is self.late:
            return None
        if measure.name not in self._changes:
            current = measure.value(self.now if self.like is None else self.like)
            change = money.change(current, measure.value(self.was), had_previous=self.had_previous, is_ratio=measure.is_ratio)
            self._changes[measure.name] = change
        return self._changes[measure.name]

    @cached_property
    def _changes(self) -> dict[str, money.Change]:
        """How measures moved: a page tells it as a value, as a word and, of totals, in a tile."""
        return {}

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

    @cached_property
    def words(self) -> str:
        """The words that narrow an address to it: every figure of a row links to its lines."""
        return "&".join(starmap(spell, self.cell.items()))


class Step(NamedTuple):
    """A step of the calendar with its place in the base and its figures: what becomes a row only where it is shown."""

    period: Period
    base: Period | None
    figures: Figures


@dataclass(frozen=True)
class Rows:
    """Rows of one page in their order, and how many there are in all."""

    rows: list[Row]
    count: int


@dataclass(frozen=True)
class LeftOut:
    """What a scope does not count, with the address of its rows."""

    reason: str
    count: int
    url: str


@dataclass(frozen=True)
class Plan:
    """How an answer was found: from which sources, how many of their rows were read, in how many milliseconds."""

    sources: tuple[str, ...]
    rows_read: int
    milliseconds: float
