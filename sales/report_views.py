"""The sales report and the order lines behind a figure."""

import re

from django.core.paginator import Paginator
from django.db import OperationalError
from django.db.models import F
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard import exports
from dashboard.access import may_edit_sales, sales_page
from dashboard.filters import UNSHARED_WORDS, cleaned_query
from dashboard.listing import PAGE_SIZES, RESULTS, About, is_fragment, list_page, page_size
from dashboard.memory import same_answer
from dashboard.middleware import took_too_long

from . import report_cells, reports
from .answers import Late
from .known import Known
from .models import OrderLine
from .proof import proof
from .report_filters import SalesFilter
from .report_page import chart, dimensions, sentence, tiles
from .report_tables import LineTable, ReportTable
from .scope import Scope

MOST_CELLS = 1600
MOST_LINES_AT_ONCE = 1_000_000  # counting something on so many order lines takes a quarter of a second
LATE = "late"  # the place on the page that asks for what is late


class KnownPages(Paginator):
    """Pages of rows that were counted with them."""

    capped = uncounted = False

    def __init__(self, count: int, per_page: int):
        super().__init__(range(count), per_page)

    @property
    def shown_count(self) -> str:
        """The count as text."""
        return f"{self.count:,}"


@sales_page
@require_safe
def report(request):
    """Any measures by any dimension, compared, as page, fragment or export; a fragment is the same for all with the same rights.

    Where the order lines have to be counted for some of the figures, a page comes without these and asks for them as soon as it is there.
    """
    if not is_fragment(request) and not is_fragment(request, LATE):
        return answer_report(request)
    rights = f"{may_edit_sales(request.user)} {request.user.is_superuser}"
    try:
        return same_answer(request, rights, lambda: answer_report(request))
    except OperationalError as error:
        if not is_fragment(request, LATE) or not took_too_long(error):
            raise
    return answer_report(request, late=Late.MISSING)  # not kept: the next time may be a better one


def answer_report(request, *, late: Late = Late.COMING):
    """Ask and show."""
    form = SalesFilter(request.GET, request.path, Known.to(request))
    if not form.is_valid():
        return _answer(request, {"filter": form, "title": "Sales", "paginator": KnownPages(0, PAGE_SIZES[0])})
    scope = Scope.read(form, today=timezone.localdate())
    exporting = request.GET.get("export") in exports.FORMATS
    wait = exporting or (form.cleaned_data["late"] and late is Late.COMING) or not takes_long(scope, form.known)
    answer = reports.Report(scope, over_time=not exporting, wait=wait, late=late)
    if exporting:
        return exports.respond(request, ReportTable.of(answer, answer.rows().rows), _about(request, answer))
    sizes = page_sizes(scope)
    per_page = min(page_size(request), sizes[-1])
    answer.prepare(page=_number(request), per_page=per_page)
    rows = answer.rows(page=_number(request), per_page=per_page)
    paginator = KnownPages(rows.count, per_page)
    edit = form.cleaned_data["edit"] if may_edit_sales(request.user) else []
    more = report_cells.columns(request, scope, report_cells.shown_cells(scope, edit), rows.rows)
    segments = dimensions(scope)
    context = {
        "filter": form,
        "scope": scope,
        "report": answer,
        "rows": rows,
        "title": scope.title,
        "sentence": sentence(scope, segments),
        "segments": segments,
        "tiles": tiles(answer),
        "chart": chart(answer, rows.rows),
        "filter_form": SalesFilter(scope.spelled_out, request.path, form.known) if request.GET.get("filters") == "open" else None,
        "close_filters": scope.url(),
        "table": ReportTable.of(answer, rows.rows, more),
        "edit_menu": report_cells.menu(scope, edit) if may_edit_sales(request.user) else [],
        "paginator": paginator,
        "page_obj": paginator.get_page(_number(request)),
        "page_sizes": sizes,
        "late_url": _late_url(request) if answer.is_late else "",
        "plan": answer.plan() if request.user.is_superuser else None,
    }
    return _answer(request, context)


@sales_page
@require_safe
def lines(request):
    """The order lines behind a figure, with the figure, their own sum, and whether both are equal."""
    form = SalesFilter(request.GET, request.path, Known.to(request))
    form.queryset = OrderLine.objects.none()
    context, about = {"title": "Order lines"}, None
    if form.is_valid():
        scope = Scope.read(form, today=timezone.localdate())
        form.queryset = (
            scope.lines()
            .select_related("order__customer", "product")
            .annotate(discount=F("discount_amount") + F("coupon_share"))
            .order_by("-order__placed_on", "-pk")
        )
        context |= {"scope": scope, "proof": proof(scope), "back": scope.url("sales:report", sort=None)}
        about = About(title=f"Order lines: {scope.title}", parameters=cleaned_query(request.GET, without=UNSHARED_WORDS).dict())
    return list_page(
        request, filterset=form, table_class=LineTable, template="sales/lines.html", title=context["title"], context=context, about=about
    )


def takes_long(scope: Scope, known: Known) -> bool:
    """Whether so many order lines lie in the period, and what it is compared with, that nobody should wait until they are counted."""
    days = scope.period.days + (scope.comparison.base.days if scope.comparison else 0)
    return known.lines_on(days) > MOST_LINES_AT_ONCE


def page_sizes(scope: Scope) -> list[int]:
    """The page sizes on offer: fewer rows where there are many columns, because every cell carries the address of its lines."""
    columns = len(scope.measures) * (3 if scope.comparison else 1)
    return [size for size in PAGE_SIZES if size == PAGE_SIZES[0] or size * columns <= MOST_CELLS]


def _number(request) -> int:
    """The page asked for; the first for nonsense."""
    text = request.GET.get("page", "")
    return max(1, int(text)) if re.fullmatch(r"[0-9]{1,8}", text) else 1


def _late_url(request) -> str:
    """Where what is late of this very page comes from."""
    query = cleaned_query(request.GET)
    query["late"] = "yes"
    return f"{request.path}?{query.urlencode()}"


def _about(request, answer) -> About:
    scope = answer.scope
    notes = [("Period", scope.period.label)]
    if scope.comparison:
        notes.append(("Compared with", f"{scope.comparison.base.label}, {scope.comparison.label}"))
    if scope.of:
        notes.append(("Filters", scope.of))
    return About(
        title=scope.title,
        parameters=cleaned_query(request.GET, without=UNSHARED_WORDS).dict(),
        notes=notes,
        left_out=[{"reason": item.reason, "count": item.count, "url": item.url} for item in answer.left_out],
    )


def _answer(request, context):
    """The whole page, its results with the address that shows the same again, or what was late of them."""
    context |= {"chips": context["filter"].chips()}
    if is_fragment(request, LATE):
        return render(request, "sales/_late.html", context)
    if not is_fragment(request):
        return render(request, "sales/report.html", context)
    response = render(request, f"sales/report.html#{RESULTS}", context)
    query = cleaned_query(request.GET, without=frozenset({"export"}))
    response["HX-Push-Url"] = f"{request.path}?{query.urlencode()}" if query else request.path
    return response
