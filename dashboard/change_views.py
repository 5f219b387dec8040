"""The change log as pages: what was done, by whom, row by row, and taking it back."""

import django_filters
from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import F, OuterRef, Subquery, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from .access import may_edit_sales, may_hire, signed_in
from .change_words import stories
from .filters import BaseFilterSet, DateInput
from .listing import PAGE_SIZES, Pages, list_page, page_size
from .models import ChangeSet, RowChange
from .tables import BaseTable, CountColumn, DateTimeColumn, TemplateCell, TextColumn
from .undo import AlreadyUndoneError, undo

MOST_CONFLICTS = 50


class ChangeFilter(BaseFilterSet):
    """Change sets by words, person and day."""

    q = django_filters.CharFilter(
        field_name="sentence",
        lookup_expr="icontains",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "What was done"}),
    )
    user = django_filters.ModelChoiceFilter(queryset=get_user_model().objects.order_by("username"), label="By", empty_label="anybody")
    since = django_filters.DateFilter(field_name="at", lookup_expr="date__gte", label="From", widget=DateInput)
    until = django_filters.DateFilter(field_name="at", lookup_expr="date__lte", label="To", widget=DateInput)

    class Meta:
        model = ChangeSet
        fields = []


class ChangeTable(BaseTable):
    """One row a change set."""

    sentence = TemplateCell("What", template_name="changes/_sentence.html", order_by=("sentence",))
    user = TextColumn("Who", default="outside the pages", order_by=("user__username",))
    at = DateTimeColumn("When", initial_sort_descending=True)
    rows_changed = CountColumn("Rows", orderable=False)
    state = TemplateCell("State", template_name="changes/_state.html", orderable=False)

    def value_sentence(self, record):
        """The sentence without its link, for exports."""
        return record.sentence

    def value_state(self, record):
        """Whether the set still stands, for exports."""
        return "undone" if record.undone else "done"


def visible_changes(user):
    """Change sets that this user may see, with the rows each changed."""
    rows = RowChange.objects.filter(change_set=OuterRef("pk")).order_by().values("change_set")
    total = rows.annotate(total=Sum(F("last_id") - F("row_id") + 1)).values("total")
    return ChangeSet.objects.for_user(user).select_related("user", "undo_of").annotate(rows_changed=Subquery(total))


@signed_in
def changes(request):
    """Everything that was changed, newest first."""
    filterset = ChangeFilter(request.GET, visible_changes(request.user), request=request)
    return list_page(request, filterset=filterset, table_class=ChangeTable, template="changes/changes.html", title="Changes")


@signed_in
def change(request, pk):
    """One change set, row by row."""
    return render(request, "changes/change.html", change_context(request, get_object_or_404(visible_changes(request.user), pk=pk)))


def change_context(request, target: ChangeSet) -> dict:
    """What the page of a change set shows."""
    pages = Pages(target.rows.order_by("pk"), page_size(request))
    page = pages.page(request.GET.get("page", 1))
    return {
        "change": target,
        "page_obj": page,
        "paginator": pages,
        "page_sizes": PAGE_SIZES,
        "stories": stories(list(page.object_list)),
        "may_undo": may_undo(request.user, target),
        "undone_by": target.undos.select_related("user").order_by("-pk").first() if target.undone else None,
    }


def may_undo(user, target: ChangeSet) -> bool:
    """Whoever may edit every side of the company that the set touched."""
    sides = {table.split("_")[0] for table in target.rows.order_by().values_list("table", flat=True).distinct()}
    return not target.undone and all({"sales": may_edit_sales, "jobs": may_hire}.get(side, lambda user: user.is_superuser)(user) for side in sides)


@require_POST
@signed_in
def undo_change(request, pk):
    """Take a change set back; whoever did it, and however long ago."""
    target = get_object_or_404(visible_changes(request.user), pk=pk)
    if target.undone:
        return undone_already(request, target)
    if not may_undo(request.user, target):
        raise PermissionDenied
    try:
        outcome = undo(target, request.user)
    except AlreadyUndoneError:
        return undone_already(request, target)
    if outcome.conflicts:
        return told_conflicts(request, target, outcome)
    messages.success(request, f"Undone: {target.sentence}.")
    return back(request, target)


def undone_already(request, target):
    """Say that somebody was faster; nothing is done twice."""
    messages.warning(request, f"This was undone before: {target.sentence}.")
    return back(request, target)


def told_conflicts(request, target, outcome):
    """Show the rows that were left alone, with before, mine and theirs."""
    context = change_context(request, target) | {"outcome": outcome, "conflicts": outcome.conflicts[:MOST_CONFLICTS]}
    response = render(request, "changes/change.html", context, status=409)
    if request.htmx:
        messages.warning(request, f"{outcome.restored:,} rows restored; {len(outcome.conflicts):,} were changed later and left alone.")
        response = HttpResponse(status=204)
        response["HX-Redirect"] = reverse("change", args=[target.pk])
    return response


def back(request, target):
    """The page the undo was asked from, made anew; the change's own page for a plain form."""
    if request.htmx:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return redirect("change", target.pk)
