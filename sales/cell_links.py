"""Addresses of the order lines behind the figures of a table or a chart, made from one prefix: a page holds hundreds of them."""

from urllib.parse import urlencode

from .measures import Measure
from .reports import Row
from .scope import Scope, dates


class CellLinks:
    """The addresses of one measure. Rows of the calendar bring their days, others the words of their group unless `dimension` is False."""

    def __init__(self, scope: Scope, measure: Measure, *, dimension: bool = True):
        self.base = scope.lines_prefix(measure) if dimension else scope.url("sales:lines", **scope.on_lines(measure) | {"from": None, "to": None})
        self.period = urlencode(dates(scope.period))
        self.before = urlencode(dates(scope.comparison.base)) if scope.comparison else ""

    def now(self, row: Row) -> str:
        """Of the period."""
        if row.period:
            return f"{self.base}&{urlencode(dates(row.period))}"
        return f"{self.base}&{self.period}&{urlencode(row.cell)}"

    def was(self, row: Row) -> str | None:
        """Of the base; None for a step that has no partner."""
        if row.period:
            return f"{self.base}&{urlencode(dates(row.base))}" if row.base else None
        return f"{self.base}&{self.before}&{urlencode(row.cell)}"
