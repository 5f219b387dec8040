"""Report questions from the summaries against the same questions from order lines, turn about, as ratios of medians.

Run on a loaded database: `python manage.py shell -c "from benchmarks.reports import main; main()"`. Ratios travel between machines, times do not.
"""

import statistics
import time
from datetime import date
from unittest import mock

from django.db import connection
from django.http import QueryDict

from sales import questions, reports, rollups
from sales.report_filters import SalesFilter
from sales.known import Known
from sales.scope import Scope
from sales.sources import SOURCES

ROUNDS = 7
QUESTIONS = (
    "period=all&by=product",
    "period=all&by=category",
    "period=all&by=month",
    "period=all&by=customer&measures=net_sales,orders",
    "period=all&by=country&kind=sale&known=yes",
)


def ask(query: str) -> None:
    """Everything a report page asks: one page of rows, the course with the totals, and what is left out."""
    form = SalesFilter(QueryDict(query), "/sales/", Known.read())
    form.is_valid()
    report = reports.Report(Scope.read(form, today=date(2026, 1, 1)), over_time=True)
    report.rows(per_page=25)
    _ = report.totals, report.left_out


def timed(work, *arguments) -> float:
    """Milliseconds of one call."""
    started = time.perf_counter()
    work(*arguments)
    return (time.perf_counter() - started) * 1000


def from_lines(query: str) -> None:
    """The same, with every summary hidden."""
    with mock.patch.object(questions, "source_for", return_value=SOURCES[-1]):
        ask(query)


def main() -> None:
    """Print one line a question, and the cost of refreshing one day."""
    for query in QUESTIONS:
        ask(query)
        pairs = [(timed(ask, query), timed(from_lines, query)) for _ in range(ROUNDS)]
        fast, slow = (statistics.median(side) for side in zip(*pairs, strict=True))
        print(f"{query:48} summaries {fast:8.1f} ms   lines {slow:8.1f} ms   {slow / fast:6.1f} times")
    with connection.cursor() as cursor:
        cursor.execute("SELECT placed_on FROM sales_order GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
        busiest = cursor.fetchone()[0]
        times = []
        for _ in range(ROUNDS):
            cursor.execute("INSERT INTO sales_summarymark (day) VALUES (%s)", [busiest])
            times.append(timed(rollups.refresh))
        cursor.execute("INSERT INTO sales_summarymark (day) VALUES (%s)", [busiest])
        dirty = statistics.median(timed(ask, QUESTIONS[0]) for _ in range(ROUNDS))
        rollups.refresh()
    print(f"refresh of the busiest day {statistics.median(times):.1f} ms; the first question with that day marked {dirty:.1f} ms")
