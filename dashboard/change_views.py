"""The change log as pages: what was done, by whom, row by row, and taking it back."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import django_filters
from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.validators import RegexValidator
from django.db.models import BigIntegerField, Case, F, Func, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import make_aware
from django.views.decorators.http import require_POST

from .access import may_edit_sales, may_hire, may_see_sales, signed_in
from .change_words import conflicts_in_words, name_of_row, stories
from .filters import BaseFilterSet, DateInput
from .listing import PAGE_SIZES, Pages, is_fragment, list_page, page_size
from .models import ChangeSet
from .people import name_of
from .tables import BaseTable, CountColumn, DateTimeColumn, TemplateCell, TextColumn
from .undo import AlreadyUndoneError
from .undo_tasks import is_interrupted, take_back

# The first word of a change set's verb, and what people call it.
KINDS = (
    ("product", "Products"),
    ("category", "Categories"),
    ("tier", "Tiers"),
    ("customer", "Customers"),
    ("order", "Orders"),
    ("job", "Jobs"),
    ("application", "Applications"),
    ("candidate", "Candidates"),
    ("note", "Notes"),
    ("import", "Imports"),
    ("change", "Undo and redo"),
    ("admin", "Administration"),
    ("demo", "Sample company"),
    ("direct", "Outside the pages"),
)
ROW = RegexValidator(r"^(sales|jobs)_[a-z]{1,40}:[0-9]{1,18}$", "Write a table and a number, like sales_product:12.")


class PersonField(django_filters.fields.ModelChoiceField):
    """Choices that call people as the pages do."""

    def label_from_instance(self, obj):
        """The full name where it is known."""
        return name_of(obj)


class PersonFilter(django_filters.ModelChoiceFilter):
    """One of the people who sign in."""

    field_class = PersonField


class ChangeFilter(BaseFilterSet):
    """Change sets by words, kind, person, day, and the object that was changed."""

    q = django_filters.CharFilter(
        method="filter_words",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "What was done"}),
    )
    kind = django_filters.ChoiceFilter(label="What", choices=KINDS, empty_label="anything")
    user = PersonFilter(queryset=get_user_model().objects.order_by("username"), label="By", empty_label="anybody")
    since = django_filters.DateFilter(method="filter_since", label="From", widget=DateInput)
    until = django_filters.DateFilter(method="filter_until", label="To", widget=DateInput)
    of = django_filters.CharFilter(method="filter_of", label="Of", widget=forms.HiddenInput, validators=[ROW])

    class Meta:
        model = ChangeSet
        fields = []

    def filter_words(self, queryset, name, words):
        """Sets that say so."""
        return queryset.saying(words)

    def filter_since(self, queryset, name, day):
        """Sets of this day and later, in the company's time: a range that an index answers."""
        return queryset.filter(at__gte=start_of(day))

    def filter_until(self, queryset, name, day):
        """Sets of this day and earlier."""
        return queryset if day == date.max else queryset.filter(at__lt=start_of(day + timedelta(days=1)))

    def filter_of(self, queryset, name, value):
        """Sets that touched one row, given as table:id."""
        table, _, row_id = value.partition(":")
        return queryset.of_row(table, int(row_id))

    def chips(self):
        """What is set; the row by its name, for those who may see it."""
        return [replace(chip, value=self.named(chip.value)) if chip.label == "Of" else chip for chip in super().chips()]

    def named(self, value: str) -> str:
        """What the row is called."""
        table, _, row_id = value.partition(":")
        allowed = {"sales": may_see_sales, "jobs": may_hire}[table.split("_")[0]](self.request.user)
        return name_of_row(table, int(row_id)) if allowed else value


def start_of(day: date) -> datetime:
    """The first moment of a day of the company."""
    return make_aware(datetime.combine(day, time.min))


class ChangeTable(BaseTable):
    """One row a change set; in the course of time alone, which has an index however long the log is."""

    sentence = TemplateCell("What", template_name="changes/_sentence.html", orderable=False)
    user = TextColumn("Who", default="outside the pages", orderable=False)
    at = DateTimeColumn("When", initial_sort_descending=True)
    rows_changed = CountColumn("Rows", orderable=False)
    state = TemplateCell("State", template_name="changes/_state.html", orderable=False)

    def render_user(self, value):
        """The full name where it is known, in exports too."""
        return name_of(value)

    value_user = render_user

    def value_sentence(self, record):
        """The sentence without its link, for exports."""
        return record.sentence

    def value_state(self, record):
        """Whether the set still stands, for exports."""
        return "undone" if record.undone else "done"


def visible_changes(user):
    """Change sets that this user may see, with the rows each changed: as its action said, else as the log tells."""
    logged = Func("pk", function="tallyboard_rows_changed", output_field=BigIntegerField())
    rows = Case(When(count__gt=0, then=F("count")), default=logged, output_field=BigIntegerField())
    return ChangeSet.objects.for_user(user).select_related("user", "undo_of").annotate(rows_changed=rows)


@signed_in
def changes(request):
    """Everything that was changed, newest first."""
    filterset = ChangeFilter(request.GET, visible_changes(request.user), request=request)
    return list_page(request, filterset=filterset, table_class=ChangeTable, template="changes/changes.html", title="Changes")


@signed_in
def change(request, pk):
    """One change set, row by row; its undo alone for the poll of a running one."""
    target = get_object_or_404(visible_changes(request.user), pk=pk)
    part = "#undoing" if is_fragment(request, "undoing") else ""
    return render(request, f"changes/change.html{part}", change_context(request, target))


def change_context(request, target: ChangeSet) -> dict:
    """What the page of a change set shows."""
    pages = Pages(target.rows.order_by("pk"), page_size(request))
    page = pages.page(request.GET.get("page", 1))
    run = target.undo_runs.select_related("user").first()
    return {
        "change": target,
        "page_obj": page,
        "paginator": pages,
        "page_sizes": PAGE_SIZES,
        "stories": stories(list(page.object_list)),
        "run": run,
        "running": run is not None and run.finished_at is None and not is_interrupted(run),
        "left_alone": conflicts_in_words(run.left_alone) if run and not target.undone else [],
        "may_undo": may_undo(request.user, target),
        "undone_by": target.undos.select_related("user").order_by("-pk").first() if target.undone else None,
    }


def may_undo(user, target: ChangeSet) -> bool:
    """Whoever may edit every side of the company that the set touched."""
    sides = ((target.touches_sales, may_edit_sales), (target.touches_jobs, may_hire))
    return not target.undone and any(touched for touched, _ in sides) and all(may(user) for touched, may in sides if touched)


@require_POST
@signed_in
def undo_change(request, pk):
    """Take a change set back; whoever did it, and however long ago. A big one is taken back in the background."""
    target = get_object_or_404(visible_changes(request.user), pk=pk)
    if target.undone:
        return undone_already(request, target)
    if not may_undo(request.user, target):
        raise PermissionDenied
    try:
        run = take_back(target, request.user)
    except AlreadyUndoneError:
        return undone_already(request, target)
    if run.finished_at is None:
        return to_page(request, target)
    if run.conflicts:
        return told_conflicts(request, target, run)
    messages.success(request, f"Undone: {target.sentence}.")
    return back(request, target)


def undone_already(request, target):
    """Say that somebody was faster; nothing is done twice."""
    messages.warning(request, f"This was undone before: {target.sentence}.")
    return back(request, target)


def told_conflicts(request, target, run):
    """Show the rows that were left alone, with before, mine and theirs."""
    if request.htmx:
        messages.warning(request, f"{run.restored:,} rows restored; {run.conflicts:,} were changed later and left alone.")
        return to_page(request, target)
    return render(request, "changes/change.html", change_context(request, target), status=409)


def to_page(request, target):
    """The change's own page, which shows how its undo goes or went."""
    if not request.htmx:
        return redirect("change", target.pk)
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
