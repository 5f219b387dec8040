"""What a manager sees first in the morning: totals of the default period, their course, what moved, and what runs low."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.db.models import F
from django.http import QueryDict
from django.urls import reverse

from dashboard import charts
from dashboard.periods import Period

from .answers import Row
from .known import Known
from .measures import MEASURES
from .models import Product
from .report_filters import SalesFilter
from .report_page import Tile, chart, tiles
from .reports import Report
from .scope import Scope, dates

TILES = ("net_sales", "orders", "average_order_value", "gross_profit", "returns")
MOVER_DAYS = 30
LIST_LENGTH = 5


@dataclass(frozen=True)
class Mover:
    """A product whose net sales changed much, with the address of its lines."""

    row: Row
    url: str

    @property
    def change(self):
        """How its net sales moved."""
        return self.row.figures.change(MEASURES["net_sales"])

    @property
    def delta(self):
        """By how much, in money."""
        return self.change.delta


@dataclass(frozen=True)
class Overview:
    """The sales half of the overview; `scope` is None as long as nothing has been recorded."""

    scope: Scope | None
    tiles: list[Tile]
    chart: charts.Chart | None
    chart_url: str
    movers_scope: Scope | None
    up: list[Mover]
    down: list[Mover]
    up_url: str
    down_url: str
    low: list[Product]
    low_url: str


def overview(known: Known, today: date) -> Overview:
    """The overview on the company's day `today`."""
    low = list(Product.objects.active().to_reorder().filter(reorder_point__gt=0).order_by(F("stock") - F("reorder_point"), "pk")[:LIST_LENGTH])
    low_url = f"{reverse('sales:products')}?availability=low"
    if not known.recorded:
        return Overview(None, [], None, "", None, [], [], "", "", low, low_url)
    measures = ",".join(TILES)
    report = Report(_scope(f"measures={measures}", today, known), over_time=True)
    if report.scope.period.start > known.recorded.start:
        report = Report(_scope(f"measures={measures}&compare=year", today, known), over_time=True)
    movers = _movers_query(today, known)
    up, down = _movers(f"{movers}&sort=-net_sales_delta", today, known), _movers(f"{movers}&sort=net_sales_delta", today, known)
    return Overview(
        scope=report.scope,
        tiles=tiles(report),
        chart=chart(report, []),
        chart_url=report.scope.url(measures=None),
        movers_scope=up[0],
        up=[mover for mover in up[1] if mover.delta and mover.delta > 0],
        down=[mover for mover in down[1] if mover.delta and mover.delta < 0],
        up_url=f"{reverse('sales:report')}?{movers}&sort=-net_sales_delta",
        down_url=f"{reverse('sales:report')}?{movers}&sort=net_sales_delta",
        low=low,
        low_url=low_url,
    )


def _scope(query: str, today: date, known: Known) -> Scope:
    form = SalesFilter(QueryDict(query), reverse("sales:report"), known)
    form.is_valid()
    return Scope.read(form, today=today)


def _movers_query(today: date, known: Known) -> str:
    """The last 30 complete days against the 30 before; of the last days recorded, when nothing is sold any more."""
    last = min(known.recorded.last, today - timedelta(days=1))
    words = dates(Period.of_days(last - timedelta(days=MOVER_DAYS - 1), last))
    return urlencode({"by": "product", "measures": "net_sales", "compare": "previous"} | words)


def _movers(query: str, today: date, known: Known) -> tuple[Scope, list[Mover]]:
    scope = _scope(query, today, known)
    prefix = scope.lines_prefix(scope.first_measure)
    rows = Report(scope).rows(per_page=LIST_LENGTH).rows
    return scope, [Mover(row, f"{prefix}&{urlencode(dates(scope.period) | dict(row.cell))}") for row in rows]
