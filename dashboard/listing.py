"""One road for every list: a bound filterset and a table become a page, a fragment or an export."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django_tables2.rows import BoundRows

from . import exports
from .filters import UNSHARED_WORDS, cleaned_query

PAGE_SIZES = (25, 50, 100)
COUNT_CAP = 10_000
RESULTS = "results"


@dataclass(frozen=True)
class About:
    """What an export says of itself beside its rows."""

    title: str
    parameters: dict = field(default_factory=dict)
    notes: Iterable[tuple[str, str]] = ()
    left_out: Iterable[dict] = ()


class Pages(Paginator):
    """Pages that never fail: a number out of range is the nearest page, and long lists are counted up to a cap.

    Beyond the cap the count reads «10,000+» and pages end there; `exact` counts everything.
    """

    def __init__(self, rows, per_page, *, exact=False, **kwargs):
        super().__init__(rows, per_page, **kwargs)
        self.exact = exact

    @cached_property
    def count(self):
        """Rows, or the cap where there are more; one statement."""
        queryset = self.object_list.data.data if isinstance(self.object_list, BoundRows) else self.object_list
        if not hasattr(queryset, "query"):
            return len(queryset)
        if self.exact:
            return queryset.order_by().count()
        return min(queryset.order_by()[: COUNT_CAP + 1].count(), COUNT_CAP + 1)

    @property
    def capped(self) -> bool:
        """Whether there are more rows than were counted."""
        return not self.exact and self.count > COUNT_CAP

    @property
    def shown_count(self) -> str:
        """The count as text."""
        return f"{COUNT_CAP:,}+" if self.capped else f"{self.count:,}"

    def page(self, number) -> Page:
        """The page asked for, the first for nonsense, the last for too much."""
        return self._get_page(self.object_list[slice(*self._bounds(number))], self._number(number), self)

    def _number(self, number) -> int:
        try:
            return min(max(int(number), 1), self.num_pages)
        except (TypeError, ValueError):
            return 1

    def _bounds(self, number):
        start = (self._number(number) - 1) * self.per_page
        return start, start + self.per_page


def page_size(request) -> int:
    """Rows a page: 25, 50 or 100; anything else is 25."""
    wanted = request.GET.get("per_page", "")
    return int(wanted) if wanted in {str(size) for size in PAGE_SIZES} else PAGE_SIZES[0]


def is_fragment(request, name: str = RESULTS) -> bool:
    """Whether only the partial `name` is asked for; boosted and history requests get whole pages."""
    return bool(request.htmx) and request.htmx.target == name and not request.htmx.history_restore_request


def build_table(request, table_class, rows, **kwargs):
    """The table of `rows`, sorted by the address where its columns allow it, never tied; not yet paged."""
    table = table_class(rows, **kwargs)
    table.request = request
    known = [alias for alias in request.GET.getlist("sort") if alias.lstrip("-") in table.columns.names()]
    sortable = [alias for alias in known if table.columns[alias.lstrip("-")].orderable]
    if sortable:
        table.order_by = sortable[:1]
    table.settle_order()
    return table


def list_page(request, *, filterset, table_class, template, title, context=None, table_kwargs=None, about=None):
    """Answer a list request: the whole page, its `#results`, or an export of all its rows.

    `filterset` is bound to `request.GET` over a queryset the user may see. An invalid filter shows no rows and its errors.
    """
    table = build_table(request, table_class, filterset.rows, **(table_kwargs or {}))
    about = about or About(title=title, parameters=cleaned_query(request.GET, without=UNSHARED_WORDS).dict())
    if request.GET.get("export") in exports.FORMATS and filterset.is_valid():
        return exports.respond(request, table, about)
    table.paginate(Pages, per_page=page_size(request), page=request.GET.get("page", 1), exact=request.GET.get("count") == "exact")
    query = cleaned_query(request.GET, without=frozenset({"export"}))
    full = {
        "filter": filterset,
        "table": table,
        "page_obj": table.page,
        "paginator": table.paginator,
        "page_sizes": PAGE_SIZES,
        "chips": filterset.chips(),
        "title": title,
        "query": query.urlencode(),
        **(context or {}),
    }
    if not is_fragment(request):
        return render(request, template, full)
    response = render(request, f"{template}#{RESULTS}", full)
    response["HX-Push-Url"] = f"{request.path}?{query.urlencode()}" if query else request.path
    return response


def render_row(request, table_class, record, *, status=200, **table_kwargs) -> HttpResponse:
    """One row of a list again, after an inline edit: the same markup as in the whole table."""
    table = table_class([record], **table_kwargs)
    table.request = request
    return render(request, "partials/_row.html", {"table": table, "row": table.rows[0]}, status=status)


def toast(response, message: str, *, level: str = "ok", change=None) -> HttpResponse:
    """Let the answer say what happened in a toast, with a way to take the change set `change` back; `level` is ok or error."""
    triggers = json.loads(response.get("HX-Trigger", "{}"))
    triggers["toast"] = {"message": message, "level": level, "undo": reverse("undo_change", args=[change.pk]) if change else ""}
    response["HX-Trigger"] = json.dumps(triggers)
    return response


def done(request, response, message: str, *, back: HttpResponse, level: str = "ok") -> HttpResponse:
    """After a write: the fragment with a toast for htmx, or `back` (a redirect) with a message for a plain form."""
    change = getattr(request.user, "last_change", None)
    if request.htmx:
        return toast(response, message, level=level, change=change)
    tags = f"undo-{change.pk}" if change else ""
    messages.add_message(request, messages.ERROR if level == "error" else messages.SUCCESS, message, extra_tags=tags)
    return back
