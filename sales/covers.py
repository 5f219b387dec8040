"""How a period is read from rungs such as days, months and years: the cheapest sum of whole rungs, some of them taken off again.

17 January to 31 December is the year without sixteen days. A rung also stands for a part of it that holds everything recorded: the
last 365 days up to today end with the whole current year.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from dashboard.periods import Period, next_step, step_start

RUNGS = ("day", "month", "year")


class Costs(NamedTuple):
    """What one rung of each grain costs to read, in days. Most keys sell every day: a month has hardly more rows than a day."""

    day: float = 1.0
    pentad: float = 1.35
    month: float = 1.5
    quarter: float = 1.53
    year: float = 1.54


FLAT = Costs()


@dataclass(frozen=True)
class Piece:
    """Whole rungs of one grain; `sign` is -1 where they are taken off."""

    grain: str
    period: Period
    sign: int = 1


@lru_cache(1024)  # the questions of one page ask for the same spans, and so do its readers
def cover(
    period: Period, rungs: tuple[str, ...] = RUNGS, *, costs: Costs = FLAT, signed: bool = True, recorded: Period | None = None
) -> tuple[Piece, ...]:
    """The pieces that sum to `period`: the cheapest by `costs` a rung. `rungs` are the grains there are, from days upwards, each within the next.

    Nothing lies outside `recorded`, where given. Without `signed` nothing is taken off: what is no sum cannot be.
    """
    return tuple(_merged(_Cover(rungs, costs, recorded, signed=signed).of(period, len(rungs) - 1)[1]))


class _Cover:
    """One question's rules; each step returns what it costs and its pieces."""

    def __init__(self, rungs, costs, recorded, *, signed):
        self.rungs, self.costs, self.recorded, self.signed = rungs, costs, recorded, signed

    def of(self, period: Period, level: int) -> tuple[float, list[Piece]]:
        """The cheapest pieces for any period, from rungs of a level and finer ones."""
        if not level:
            return self._days(period), [Piece("day", period)]
        cost, pieces = 0.0, []
        for rung in _rungs(period, self.rungs[level]):
            part = self._of_rung(period.overlap(rung), rung, level)
            cost, pieces = cost + part[0], pieces + part[1]
        return cost, pieces

    def _of_rung(self, part: Period, rung: Period, level: int) -> tuple[float, list[Piece]]:
        grain = self.rungs[level]
        whole = getattr(self.costs, grain) if self._known(rung) else 0.0
        rest = [other for other in rung.without((part,)) if self._known(other)]
        if not rest:
            return whole, [Piece(grain, rung)]
        direct = self.of(part, level - 1)
        if not self.signed or direct[0] <= whole:
            return direct
        cost, pieces = whole, [Piece(grain, rung)]
        for other in rest:
            taken = self.of(other, level - 1)
            cost, pieces = cost + taken[0], [*pieces, *(Piece(piece.grain, piece.period, -piece.sign) for piece in taken[1])]
        return min(direct, (cost, pieces), key=lambda way: way[0])

    def _known(self, period: Period) -> Period | None:
        return period.overlap(self.recorded) if self.recorded else period

    def _days(self, period: Period) -> float:
        known = self._known(period)
        return known.days * self.costs.day if known else 0.0


def _rungs(period: Period, grain: str) -> Iterable[Period]:
    start = step_start(period.start, grain)
    while start < period.end:
        end = next_step(start, grain)
        yield Period(start, end)
        start = end


def _merged(pieces: Iterable[Piece]) -> list[Piece]:
    """The same with neighbours joined."""
    merged = []
    for piece in sorted(pieces, key=lambda piece: (piece.grain, piece.sign, piece.period.start)):
        last = merged[-1] if merged else None
        if last and (last.grain, last.sign, last.period.end) == (piece.grain, piece.sign, piece.period.start):
            merged[-1] = Piece(piece.grain, Period(last.period.start, piece.period.end), piece.sign)
        else:
            merged.append(piece)
    return merged
