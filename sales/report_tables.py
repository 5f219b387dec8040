"""The tables of the sales report and of the lines behind a figure. Every figure links to its rows."""

from collections.abc import Iterable
from dataclasses import replace

from django.urls import reverse
from django.utils.safestring import SafeString
from django_tables2.data import TableListData

from dashboard import charts, money
from dashboard.markup import escaped, filled
from dashboard.tables import BaseTable, CountColumn, DateColumn, Kind, MoneyColumn, NumberColumn, PercentColumn, TextColumn

from .answers import Late, Row
from .cell_links import CellLinks
from .measures import WRITERS, Measure
from .models import LineKind
from .report_filters import NONE, NONE_LABEL
from .reports import Report

LATE = {
    late: filled('<span class="{0}" title="{1}">{2}<span class="sr-only"> {1}</span></span>', late.name.lower(), late.value, sign)
    for late, sign in ((Late.COMING, "…"), (Late.MISSING, "–"))
}
UNIT_COLUMNS = {"money": MoneyColumn, "count": CountColumn, "ratio": PercentColumn, "number": NumberColumn}


class Ordered(TableListData):
    """Rows that come in their final order: a table shows which column they follow, and leaves them as they are."""

    def order_by(self, aliases):
        """Keep the order: the database sorted all rows, of which these are one page."""


def written(unit: str, value):
    """A figure as its unit writes it, or what stands for one that is late."""
    return LATE[value] if value.__class__ is Late else WRITERS[unit](value)


class Figure:
    """Part of a column whose figures link to the order lines behind them. `links` makes the address from a row, None where there is none."""

    links = None

    def render(self, value, record):
        """The figure as its unit writes it, linked."""
        text = LATE[value] if value.__class__ is Late else super().render(value)
        url = self.links(record) if self.links else None
        return SafeString(f'<a class="fig" href="{escaped(url)}">{text}</a>') if url else text  # digits and signs, or markup of ours


FIGURE_COLUMNS = {unit: type(f"Linked{column.__name__}", (Figure, column), {}) for unit, column in UNIT_COLUMNS.items()}


class BarColumn(FIGURE_COLUMNS["money"]):
    """The first measure: its figures with a bar behind, measured against the largest on the page."""

    def __init__(self, *args, unit, largest, **kwargs):
        super().__init__(*args, **kwargs)
        self.unit, self.largest = unit, largest

    def render(self, value, record):
        """Bar and linked figure."""
        text = WRITERS[self.unit](value)
        width = charts.bar_share(value, self.largest)
        return filled(
            '<span class="barcell"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
            '<rect x="{}" width="{}" height="10" rx="1"/></svg><span><a class="fig" href="{}">{}</a></span></span>',
            round(100 - width, 1),
            width,
            self.links(record),
            text,
        )


class ShareColumn(PercentColumn):
    """A row's part of the whole of the first measure."""


class MovedColumn(Kind):
    """How a figure moved against the base: a word or a percentage on screen, the plain ratio in exports."""

    unit = "ratio"
    numeric = True
    nulls_last = True
    empty_values = ()

    def __init__(self, *args, measure: Measure, **kwargs):
        super().__init__(*args, **kwargs)
        self.measure = measure

    def render(self, record):
        """Arrow, sign and word."""
        return moved(record.figures.change(self.measure), self.measure)


def moved(change: money.Change | None, measure: Measure):
    """A change as markup: arrow and sign always, colour by whether up is good for this measure."""
    if change is None:
        return ""
    if not change.direction:
        return filled('<span class="delta none">{}</span>', change.text)
    good = (change.direction > 0) == measure.good_up
    arrow = "▲" if change.direction > 0 else "▼"
    return filled('<span class="delta {}"><span aria-hidden="true">{}</span> {}</span>', "up" if good else "down", arrow, change.text)


class ReportTable(BaseTable):
    """One row a group. Columns are made from the measures of the scope, each with its base and change when there is a comparison."""

    class Meta(BaseTable.Meta):
        orderable = True

    @classmethod
    def of(cls, report: Report, rows: list[Row], more: Iterable[tuple[str, Kind]] = ()):
        """The table of some rows of a report, totals over all of them included; `more` are columns beside the figures."""
        scope = report.scope
        columns = [(scope.dimension.name, TextColumn(scope.dimension.label, accessor="label"))]
        rows = [replace(row, values=report.values(row.figures)) for row in rows]
        columns += [item for index, measure in enumerate(scope.measures) for item in cls._columns(report, rows, measure, first=not index)]
        columns += more
        name, descending = report.sort
        return cls(
            Ordered(rows),
            extra_columns=columns,
            order_by=(f"-{name}" if descending else name,),
            totals=report.values(report.totals),
            totals_label=f"All {scope.dimension.plural}",
            caption=scope.title,
            cell_context={"report": report},
        )

    @staticmethod
    def _columns(report, rows, measure, *, first):
        scope = report.scope
        links = CellLinks(report.scope, measure)
        if first and measure.unit in ("money", "count"):
            values = [row.figures.value(measure) for row in rows]
            largest = max((value for value in values if value is not None), default=None)
            column = BarColumn(measure.label, accessor=f"values__{measure.name}", unit=measure.unit, largest=largest, help_text=measure.help)
        else:
            column = FIGURE_COLUMNS[measure.unit](measure.label, accessor=f"values__{measure.name}", help_text=measure.help)
        column.links = links.now
        yield measure.name, column
        if first and measure.unit == "money":
            yield "share", ShareColumn("Share", accessor="values__share", orderable=False, help_text=f"Of all {measure.label.lower()}.")
        if scope.comparison:
            before = FIGURE_COLUMNS[measure.unit](
                f"{measure.label} before", accessor=f"values__{measure.name}_previous", help_text=scope.comparison.base.label
            )
            before.links = links.was
            yield f"{measure.name}_previous", before
            yield f"{measure.name}_change", MovedColumn("Change", accessor=f"values__{measure.name}_change", measure=measure)

    def row_key(self, record) -> str:
        """The public key of the group."""
        return NONE if record.key is None else record.key

    def row_label(self, record) -> str:
        """The group's name."""
        return record.label

    def render_total(self, column, value):
        """A total, linked to all rows it sums."""
        report = self.cell_context["report"]
        kind = column.column
        if isinstance(kind, MovedColumn):
            return moved(report.totals.change(kind.measure), kind.measure)
        text = written(kind.unit, value) if kind.unit in WRITERS else value
        measure = next((measure for measure in report.scope.measures if column.name in (measure.name, f"{measure.name}_previous")), None)
        if measure is None:
            return text
        period = report.scope.comparison.base if column.name.endswith("_previous") else None
        return filled('<a class="fig" href="{}">{}</a>', report.scope.lines_url(measure, period), text)


class LineTable(BaseTable):
    """Order lines, one row each."""

    order = TextColumn("Order", linkify=lambda record: reverse("sales:order", args=[record.order.number]), accessor="order__number")
    placed_on = DateColumn("Date", accessor="order__placed_on")
    customer = TextColumn("Customer", accessor="order__customer__name", default=NONE_LABEL)
    product = TextColumn("Product", accessor="product__name", linkify=lambda record: reverse("sales:product", args=[record.product.sku]))
    kind = TextColumn()
    quantity = CountColumn()
    unit_price = MoneyColumn()
    discount = MoneyColumn(help_text="Line discount and coupon share.")
    net = MoneyColumn("Net sales")
    cost = MoneyColumn()

    def render_kind(self, value):
        """The kind in words."""
        return LineKind(value).label

    def row_label(self, record) -> str:
        """Order and position."""
        return f"{record.order.number}, line {record.position}"
