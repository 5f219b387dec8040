"""One road for every list: a bound filterset and a table become a page, a fragment or an export."""

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.contrib import messages
from django.contrib.postgres.aggregates import ArrayAgg
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django_tables2.rows import BoundRows

from . import exports
from .filters import SEEN, UNSHARED_WORDS, cleaned_query
from .lookups import APART
from .others import now_seen, told
from .tables import in_order

PAGE_SIZES = (25, 50, 100)
COUNT_CAP = 10_000
COUNT_COST = 2_500  # in the planner's units, of which a millisecond does about a hundred; small tables stay far below it
RESULTS = "results"


@dataclass(frozen=True)
class About:
    """What an export says of itself beside its rows."""

    title: str
    parameters: dict = field(default_factory=dict)
    notes: Iterable[tuple[str, str]] = ()
    left_out: Iterable[dict] = ()


@dataclass(frozen=True)
class Totals:
    """The totals row of a list: `of` sums up at most `most` rows, in one statement; with `unfiltered`, all rows there are too.

    It gets the rows as a queryset, and their ids where these were found already, so that nobody has to find them again.
    """

    of: Callable[[QuerySet, list[int] | None], dict]
    label: str
    most: int = COUNT_CAP
    unfiltered: bool = False


class Pages(Paginator):
    """Pages that never fail and never cost much: a number out of range is the nearest page, and pages end at the cap.

    A page that the rows do not fill says itself how many there are. Others are counted up to the cap; beyond it the count reads «10,000+»,
    and `exact` counts them all. Where the planner expects even that to take long, nothing is counted beyond this page: «50+». Of rows that
    are skipped only ids are read: the rows of a page are looked up by id, in the table's `records` where it has them. Where no index has the
    order of the rows, all their ids are read, once for the page, the count and the totals.
    """

    more = False

    def __init__(self, rows, per_page, *, exact=False, likely=None, **kwargs):
        super().__init__(rows, per_page, **kwargs)
        self.exact, self.likely = exact, likely
        self.table = rows.table if isinstance(rows, BoundRows) else None
        data = self.table.data.data if self.table else rows
        self.queryset = data if hasattr(data, "query") else None
        self.counted = self.queryset if self.table is None or self.table.unsorted is None else self.table.unsorted

    @cached_property
    def found(self) -> list | None:
        """The ids of all rows in their order, up to the cap and one, where a page of them costs as much: no index has their order."""
        apart = self.queryset is not None and APART in self.queryset.query.annotations and not self.exact
        if not apart:
            return None
        # As one array: thousands of rows take as long to receive as to sort.
        return self.queryset.values("pk")[: COUNT_CAP + 1].aggregate(ids=ArrayAgg("pk", default=[]))["ids"]

    @cached_property
    def count(self):
        """Rows, or the cap and one where there are more; one statement."""
        if self.queryset is None:
            return len(self.object_list)
        if self.found is not None:
            return len(self.found)
        if self.exact:
            return self.counted.order_by().count()
        return self.counted.order_by()[: COUNT_CAP + 1].count()

    @cached_property
    def costly(self) -> bool:
        """Whether the planner expects that counting takes long; the first ten thousand of all rows are soon counted."""
        if self.found is not None or not self.counted.query.has_filters():
            return False
        plan = self.counted.order_by().values("pk")[: COUNT_CAP + 1].explain(format="json")
        return json.loads(plan)[0]["Plan"]["Total Cost"] > COUNT_COST

    @property
    def num_pages(self) -> int:
        """Pages down to the cap, at least one."""
        return max(1, math.ceil(min(self.count, COUNT_CAP) / self.per_page))

    @property
    def uncounted(self) -> bool:
        """Whether the count says no more than that there are other rows after this page."""
        return self.more and not self.exact and self.costly

    @property
    def capped(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.uncounted or (not self.exact and self.count > COUNT_CAP)

    @property
    def shown_count(self) -> str:
        """The count as text."""
        return f"{self.count - 1:,}+" if self.capped else f"{self.count:,}"

    def page(self, number) -> Page:
        """The page asked for, the first for nonsense, the last for too much."""
        try:
            number = min(max(int(number), 1), COUNT_CAP // self.per_page)
        except (TypeError, ValueError):
            number = 1
        if self.exact:
            number = min(number, self.num_pages)
        start = (number - 1) * self.per_page
        rows = self._rows(start, start + self.per_page + 1)
        if not rows and number > 1:
            return self.page(min(self.num_pages, number - 1))
        self.more = len(rows) > self.per_page
        if not self.exact and (not self.more or self.uncounted):
            self.count = start + len(rows)
        rows = rows[: self.per_page]
        return self._get_page(BoundRows(rows, table=self.table) if self.table else rows, number, self)

    def _rows(self, start, end) -> list:
        if self.queryset is None:
            rows = self.object_list[start:end]
            return [row.record for row in rows] if self.table else list(rows)
        if not start and not (self.table and self.table.records is not None):
            return list(self.queryset[:end])
        keys = self._keys(start, end)
        return self.table.records_of(keys) if self.table else in_order(self.queryset, keys)

    def _keys(self, start, end) -> list[int]:
        if self.found is not None:
            return self.found[start:end]
        likely = self.likely(self.queryset, end) if self.likely else None
        keys = [] if likely is None else list(likely.values_list("pk", flat=True)[start:end])
        return keys if len(keys) == end - start else list(self.queryset.values_list("pk", flat=True)[start:end])


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
    table.request, table.unsorted = request, rows if hasattr(rows, "query") else None
    known = [alias for alias in request.GET.getlist("sort") if alias.lstrip("-") in table.columns.names()]
    sortable = [alias for alias in known if table.columns[alias.lstrip("-")].orderable]
    if sortable:
        table.order_by = sortable[:1]
    table.settle_order()
    return table


def list_page(
    request,
    *,
    filterset,
    table_class,
    template,
    title,
    rows=None,
    records=None,
    likely=None,
    context=None,
    table_kwargs=None,
    totals=None,
    about=None,
):
    """Answer a list request: the whole page, its `#results`, or an export of all its rows.

    `filterset` is bound to `request.GET` over a queryset the user may see. An invalid filter shows no rows and its errors.
    `rows` are the rows of the table where these are not simply the filter's own.
    `records` are the rows with everything the table shows, where the filtered queryset has only what filters and sorts need.
    `likely` says of sorted rows and a number in which part of them so many of the first likely are, where that is found sooner, or None.
    `totals` computes the figures of the totals row; longer lists than it takes have no such row and say so.
    """
    seen = now_seen()
    table = build_table(request, table_class, filterset.rows if rows is None else rows, **(table_kwargs or {}))
    table.records, chips = records, filterset.chips()
    if request.GET.get("export") in exports.FORMATS and filterset.is_valid():
        add_totals(table, Pages(table.rows, COUNT_CAP), totals, filterset.rows, chips)
        parameters = cleaned_query(request.GET, without=UNSHARED_WORDS).dict()
        return exports.respond(request, table, about or About(title=title, parameters=parameters))
    exact = request.GET.get("count") == "exact"
    table.paginate(Pages, per_page=page_size(request), page=request.GET.get("page", 1), exact=exact, likely=likely)
    add_totals(table, table.paginator, totals, filterset.rows, chips)
    if table.tells:
        table.told = told(request, filterset.queryset.model, [row.record.pk for row in table.page.object_list], table.tells)
    query = cleaned_query(request.GET, without=frozenset({"export", SEEN}))
    full = {
        "filter": filterset,
        "table": table,
        "page_obj": table.page,
        "paginator": table.paginator,
        "page_sizes": PAGE_SIZES,
        "most_summed": totals.most if totals and not table.totals else 0,
        "chips": chips,
        "seen": seen if table.tells else None,
        "title": title,
        "query": query.urlencode(),
        **(context or {}),
    }
    if not is_fragment(request):
        return render(request, template, full)
    response = render(request, f"{template}#{RESULTS}", full)
    response["HX-Push-Url"] = f"{request.path}?{query.urlencode()}" if query else request.path
    return response


def add_totals(table, paginator, totals: Totals | None, rows: QuerySet, chips: list) -> None:
    """Give the table its totals row, unless it is empty, or longer than such a row is made for."""
    if not totals or not paginator.count:
        return
    if (paginator.count <= totals.most and not paginator.capped) or (totals.unfiltered and not chips):
        table.totals, table.totals_label = totals.of(rows, paginator.found), totals.label


def render_row(request, table_class, record, *, status=200, **table_kwargs) -> HttpResponse:
    """One row of a list again, after an inline edit: the same markup as in the whole table; totals, where given, beside it out of band."""
    table = table_class([record], **table_kwargs)
    table.request = request
    return render(request, "partials/_row_again.html", {"table": table, "row": table.rows[0]}, status=status)


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
