"""The price rehearsal: what a change would do before it is made, the making, and what came of it."""

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from dashboard import listing
from dashboard.access import may_edit_sales, sales_page, sales_write
from dashboard.bulk import Plan
from dashboard.bulk_views import bulk
from dashboard.change_views import may_undo
from dashboard.filters import cleaned_query
from dashboard.models import ChangeSet

from . import pricing as prices
from .bulk import PRICING, REPRICE
from .filters import ProductFilter
from .models import Product
from .pricing_filters import RehearsalFilter
from .pricing_tables import LeftTable, RehearsalTable, RepricedTable
from .repricing import Aftermath

VIEW_WORDS = frozenset({"page", "per_page", "sort", "show", "export", "count"})  # how it is shown, not what would be done
LEFT = "left"


@sales_write
@require_safe
def pricing(request):
    """The rehearsal: new prices, margins, floors and effects of a price change on products of a filter, or on those selected."""
    filterset = RehearsalFilter(request.GET, Product.objects.all(), request=request)
    plan = plan_of(filterset, request.user)
    left = filterset.is_valid() and filterset.form.cleaned_data["show"] == LEFT
    return listing.list_page(
        request,
        filterset=filterset,
        rows=rows_shown(plan, filterset) if plan else Product.objects.none(),
        table_class=LeftTable if left else RehearsalTable,
        template="sales/pricing.html",
        title="Rehearse a price change",
        context={"examples": prices.EXAMPLES, **(in_all(plan, filterset) if plan else {})},
        table_kwargs={"reasons": plan.refusals if plan else ()} if left else {},
    )


def plan_of(filterset: RehearsalFilter, user) -> Plan | None:
    """What the confirmation of this page would do; None while the page does not say it."""
    if not filterset.is_valid() or not filterset.form.cleaned_data["how"]:
        return None
    words = QueryDict(mutable=True)
    query = cleaned_query(filterset.data, without=VIEW_WORDS)
    words.update({"action": REPRICE, "all": "1", "how": filterset.data["how"], "query": query.urlencode()})
    form = PRICING.form(words, PRICING)
    return Plan(PRICING, form, filterset, user) if form.is_valid() else None


def least_margin(filterset: RehearsalFilter):
    """The least margin as a ratio, or None."""
    margin = filterset.form.cleaned_data["margin"]
    return None if margin is None else margin / 100


def rows_shown(plan: Plan, filterset: RehearsalFilter):
    """The rows of the table: the products that would change, those that fall below a floor, or those left as they are."""
    show = filterset.form.cleaned_data["show"]
    judged = plan.judged.filter(left_because__gt=0) if show == LEFT else plan.rows
    rows = prices.rehearsed(judged, least_margin(filterset)).select_related("category").prefetch_related("recent")
    return rows.filter(floor=show) if show and show != LEFT else rows


def in_all(plan: Plan, filterset: RehearsalFilter) -> dict:
    """What the change would do in all, and what confirming it needs."""
    count, seen = plan.fingerprint()
    total = prices.outlook(prices.rehearsed(plan.rows, least_margin(filterset)))
    return {"plan": plan, "count": count, "seen": seen, "total": total, "left": list(plan.left_alone()), "scope": plan.scope(count)}


@sales_write
@require_POST
def pricing_apply(request):
    """Make the price change that the rehearsal showed."""
    return bulk(request, PRICING)


@sales_page
@require_safe
def repriced(request, pk):
    """What came of a price change: each product's days before and after, next to what was expected."""
    change = get_object_or_404(ChangeSet.objects.for_user(request.user).select_related("user"), pk=pk)
    aftermath = Aftermath.of(change)
    get_object_or_404(aftermath.entries[:1])
    filterset = ProductFilter(request.GET, aftermath.by_product(), request=request)
    return listing.list_page(
        request,
        filterset=filterset,
        table_class=RepricedTable,
        template="sales/repriced.html",
        title=f"What came of it: {change.sentence}",
        context={
            "change": change,
            "aftermath": aftermath,
            "total": aftermath.totals(),
            "may_undo": may_edit_sales(request.user) and may_undo(request.user, change),
        },
    )
