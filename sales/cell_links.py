"""Addresses of the order lines behind the figures of a table or a chart, made from one prefix: a page holds hundreds of them."""

from dashboard.periods import Period

from .answers import Row
from .measures import Measure
from .scope import Scope


class CellLinks:
    """The addresses of one measure. Rows of the calendar bring their days, others the words of their group unless `dimension` is False."""

    def __init__(self, scope: Scope, measure: Measure, *, dimension: bool = True):
        base = scope.lines_prefix(measure) if dimension else scope.lines_with(scope.on_lines(measure))
        self.base = f"{base}&"
        self.period = f"{self.base}{_days(scope.period)}&"
        self.before = f"{self.base}{_days(scope.comparison.base)}&" if scope.comparison else ""

    def now(self, row: Row) -> str:
        """Of the period."""
        return (self.base if row.period else self.period) + row.words

    def was(self, row: Row) -> str | None:
        """Of the base; None for a step that has no partner."""
        if row.period:
            return self.base + _days(row.base) if row.base else None
        return self.before + row.words


def _days(period: Period) -> str:
    """A period as words of an address: digits and dashes need no quoting."""
    return f"from={period.start.isoformat()}&to={period.last.isoformat()}"
