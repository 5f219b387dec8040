"""Tables of 25 rows through our template and through the stock one of django-tables2, from rows that were read before."""

import time

from django.http import QueryDict
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import timezone

from sales.known import Known
from sales.models import Order
from sales.report_filters import SalesFilter
from sales.report_tables import ReportTable
from sales.reports import Report
from sales.scope import Scope
from sales.tables import OrderTable

from .addresses import address, aligned
from .data import Setting
from .results import Findings
from .timing import Case, interleaved

TITLE = "Tables drawn"
STOCK, OURS = "django_tables2/bootstrap5.html", "partials/_table.html"
REPEATS = 10


def run(setting: Setting) -> Findings:
    """A report and a list, made and drawn in both ways."""
    setting.client()
    findings = Findings()
    path = address(aligned(setting.recorded)["1 year"], by="product")
    form = SalesFilter(QueryDict(path.partition("?")[2]), "/sales/", Known.read())
    form.is_valid()
    report = Report(Scope.read(form, today=timezone.localdate()), over_time=True)
    rows = report.rows(per_page=25).rows
    orders = list(Order.objects.for_list().order_by("-pk")[:25])
    tables = {"report": (lambda: ReportTable.of(report, rows), path), "list of orders": (lambda: OrderTable(orders), "/sales/orders/")}
    taken = interleaved(
        [
            Case(f"{name}, {words}", many(make, template, where))
            for name, (make, where) in tables.items()
            for words, template in (("ours", OURS), ("stock", STOCK))
        ],
        setting.rounds,
    )
    for name in tables:
        findings.at_most(
            f"25 rows of a {name}: our template against the stock bootstrap5 one", 0.5, taken[f"{name}, ours"].median / taken[f"{name}, stock"].median
        )
    findings.table("Medians and p95, ms", ["table", "median", "p95"], [[name, samples.median, samples.p95] for name, samples in taken.items()])
    return findings


def many(make, template: str, path: str):
    """Make and draw a table a few times; milliseconds of one."""
    request, loaded = RequestFactory().get(path), get_template(template)

    def draw() -> float:
        started = time.perf_counter()
        for _ in range(REPEATS):
            table = make()
            table.request = request
            loaded.render({"table": table, "title": "Rows"}, request)
        return (time.perf_counter() - started) * 1000 / REPEATS

    return draw
