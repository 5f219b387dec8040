"""Imports as a page: upload, match columns, check, mend what is refused, import, stop, undo. Saved mappings are in import_map_views.py."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.views.decorators.http import require_POST, require_safe

from .access import signed_in
from .import_columns import ENCODINGS, ColumnsForm, columns_of, delimiter_choices, missing_fields
from .import_files import check_upload, keep, preview, refused_file
from .import_tasks import MOST_PROBLEMS, apply_import, check_import
from .importing import ImportFailedError
from .importing.maps import header_key, make_map, make_plan
from .imports import entities
from .listing import PAGE_SIZES, Pages, is_fragment, page_size
from .models import ENTITY_SIDES, RUNNING_STATES, Import, ImportMap, ImportState, ImportStep, may_import
from .progress import PATIENCE, is_worked_on

LONGEST_NAME = 100


def entity_choices(user) -> list[tuple[str, str]]:
    """Kinds of files this user may import."""
    names = [name for side, group in ENTITY_SIDES.items() if may_import(user, side) for name in group]
    return [(name, "Sales, one row an order line" if name == "sales" else name.replace("_", " ").capitalize()) for name in names]


class UploadForm(forms.Form):
    """A file, and what its rows are."""

    entity = forms.ChoiceField(label="What is in the file?")
    file = forms.FileField(label="File", help_text="CSV (also .csv.gz) or Excel, up to 200 MB.")

    def __init__(self, user, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["entity"].choices = entity_choices(user)

    def clean_file(self):
        """Refuse what is not a table, in a sentence."""
        upload = self.cleaned_data["file"]
        check_upload(upload)
        return upload


def may_see_imports(user) -> None:
    """Imports are for people who may edit a side of the company."""
    if not entity_choices(user):
        raise PermissionDenied


@signed_in
def imports(request):
    """The imports so far, and the form for a new one."""
    may_see_imports(request.user)
    form = UploadForm(request.user, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return redirect(received(request.user, form.cleaned_data))
    rows = Pages(Import.objects.for_user(request.user).select_related("user", "change"), page_size(request))
    context = {"form": form, "page_obj": rows.page(request.GET.get("page", 1)), "paginator": rows, "page_sizes": PAGE_SIZES}
    return render(request, "imports/imports.html", context, status=422 if form.errors else 200)


def received(user, data) -> Import:
    """Keep an uploaded file; one whose header is known gets the mapping saved for it, else that of the last import alike."""
    name = get_valid_filename(data["file"].name)[-LONGEST_NAME:]
    record = Import(user=user, entity=data["entity"], file_name=name, stored_as=keep(data["file"]), size=data["file"].size)
    read_header(record)
    saved = ImportMap.objects.filter(entity=record.entity, header=header_key(record.header)).order_by("-saved_at").first()
    alike = Import.objects.filter(entity=record.entity, header=record.header, state=ImportState.DONE).exclude(words={}).first()
    if record.header and (saved or alike):
        record.words, record.map_name = (saved.words, saved.name) if saved else (alike.words, alike.map_name)
    record.save()
    return record


def read_header(record: Import) -> None:
    """Read the header as the file is said to be written; a file that cannot be read says why."""
    try:
        record.header, _ = preview(record)
        record.state, record.error = ImportState.DRAFT, ""
    except ImportFailedError as error:
        record.header, record.state, record.error = [], ImportState.FAILED, str(error)


def import_or_404(request, pk) -> Import:
    """An import into a side of the company that this user may edit."""
    return get_object_or_404(Import.objects.for_user(request.user).select_related("user", "change"), pk=pk)


def is_running(record: Import) -> bool:
    """Whether a task works on the file, or soon will."""
    return record.state in RUNNING_STATES and not is_interrupted(record)


def is_interrupted(record: Import) -> bool:
    """Whether the work on the file has ended without a word: its process was killed."""
    started = record.state in RUNNING_STATES and record.started_at
    return bool(started) and timezone.now() - record.started_at > PATIENCE and not is_worked_on(record)


@require_safe
@signed_in
def import_page(request, pk):
    """One import, at whatever step it is; the step alone for the poll of a running one."""
    record = import_or_404(request, pk)
    part = "#step" if is_fragment(request, "step") else ""
    return render(request, f"imports/import.html{part}", page_context(request, record))


def page_context(request, record: Import, **extra) -> dict:
    """What the page of an import shows."""
    running = is_running(record)
    open_to_change = record.state != ImportState.DONE and not running
    problems = Pages(record.problems.all(), page_size(request))
    return {
        "import": record,
        "running": running,
        "interrupted": record.state in RUNNING_STATES and not running,
        "reading": record.step == ImportStep.READING,
        "open": open_to_change,
        "page_obj": problems.page(request.GET.get("page", 1)),
        "paginator": problems,
        "page_sizes": PAGE_SIZES,
        "most_problems": MOST_PROBLEMS,
        **(columns_context(record) if open_to_change else {}),
        **extra,
    }


def columns_context(record: Import) -> dict:
    """What the columns step shows."""
    return {
        "columns": columns_of(record),
        "missing": missing_fields(record),
        "encodings": ENCODINGS,
        "delimiters": list(delimiter_choices(record)),
        "maps": ImportMap.objects.filter(entity=record.entity),
    }


@require_safe
@signed_in
def import_columns(request, pk):
    """The columns step as the choices in the address would make it: a preview, nothing is kept."""
    record = import_or_404(request, pk)
    form = ColumnsForm(record, request.GET)
    problem = "" if form.is_valid() else form.problem
    if not form.field_errors():
        record.words = form.words
    if is_fragment(request, "columns-table"):
        return render(request, "imports/_columns_table.html", {"import": record, "problem": problem, "columns": columns_of(record)})
    return render(request, "imports/import.html", page_context(request, record, problem=problem))


@require_POST
@signed_in
def import_check(request, pk):
    """Keep how the columns are to be read, and check the whole file in the background."""
    record = import_or_404(request, pk)
    if record.state == ImportState.DONE or is_running(record):
        return redirect(record)
    form = ColumnsForm(record, request.POST)
    valid = form.is_valid()
    if not form.field_errors() and written_otherwise(record, form):
        return redirect(record)
    if not valid:
        return render(request, "imports/import.html", page_context(request, record, problem=form.problem), status=422)
    record.words = form.words
    start(record, ImportState.CHECKING, check_import)
    return redirect(record)


def written_otherwise(record: Import, form: ColumnsForm) -> bool:
    """Read the header again when the form says that the file is written in another way; whether its columns are others now."""
    before = list(record.header)
    if before and form.file_words().items() <= {"encoding": "utf-8", "delimiter": ",", **record.words.get("file", {})}.items():
        return False
    record.words = {**record.words, "file": {**record.words.get("file", {}), **form.file_words()}}
    read_header(record)
    record.save(update_fields=["words", "header", "state", "error"])
    return record.header != before


def start(record: Import, state: str, task, **options) -> None:
    """Hand an import to the worker."""
    fresh = {"rows_read": 0, "step": ImportStep.READING, "stop_asked": False, "started_at": timezone.now(), "error": ""}
    Import.objects.filter(pk=record.pk).update(state=state, words=record.words, **fresh)
    task.enqueue(record.pk, **options)


@require_POST
@signed_in
def import_stop(request, pk):
    """Stop a check or an import that is under way; nothing of it stays."""
    record = import_or_404(request, pk)
    if record.state in RUNNING_STATES:
        Import.objects.filter(pk=record.pk, state=record.state).update(stop_asked=True)
        messages.info(request, "It stops at the next step. If it was through already, the page says so.")
    return redirect(record)


@require_POST
@signed_in
def import_apply(request, pk):
    """Import what was checked; with refused rows only if the user said to leave them out."""
    record = import_or_404(request, pk)
    accept = request.POST.get("accept") == "refused"
    if record.state != ImportState.CHECKED:
        messages.warning(request, "Check the file first." if record.state != ImportState.DONE else "This file is already imported.")
    elif record.result.get("refused") and not accept:
        messages.error(request, "Some rows are refused. Mend them, or say that they may be left out.")
    elif Import.objects.filter(pk=record.pk, state=ImportState.CHECKED).update(state=ImportState.IMPORTING):
        start(record, ImportState.IMPORTING, apply_import, accept_refused=accept)
    return redirect(record)


class CorrectionForm(forms.Form):
    """A refused cell and what it should say."""

    problem = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    value = forms.CharField(max_length=1_000, required=False)
    page = forms.IntegerField(min_value=1, max_value=MOST_PROBLEMS, required=False)


@require_POST
@signed_in
def import_correct(request, pk):
    """Replace one refused cell; the next check reads the file with it."""
    record, form = import_or_404(request, pk), CorrectionForm(request.POST)
    problem = record.problems.filter(pk=form.cleaned_data["problem"]).first() if form.is_valid() else None
    place = None if problem is None or record.state != ImportState.CHECKED else place_of(record, problem.field)
    if place is None:
        messages.warning(request, "This cell is not in the way any more.")
        return redirect(record)
    record.corrections.setdefault(str(problem.line), {})[str(place)] = form.cleaned_data["value"]
    record.save(update_fields=["corrections"])
    record.problems.filter(line=problem.line, field=problem.field).delete()
    messages.success(request, f"Line {problem.line} is mended here; the file itself is not changed. Check again when you are through.")
    return redirect(f"{record.get_absolute_url()}?page={form.cleaned_data['page'] or 1}#problems")


def place_of(record: Import, field: str) -> int | None:
    """The position of the column that fills a field."""
    entity = entities()[record.entity]
    plan = make_plan(entity, record.header, make_map(record.words, entity))
    return next((places[0] for name, places, _ in plan.readers if name == field and places), None)


@require_safe
@signed_in
def import_refused(request, pk):
    """All refused cells of the last check as CSV: line, field, value and reason."""
    record = import_or_404(request, pk)
    try:
        stream = refused_file(record).open("rb")
    except FileNotFoundError:
        messages.info(request, "Nothing of this file is refused.")
        return redirect(record)
    return FileResponse(stream, as_attachment=True, filename=f"refused-{record.pk}.csv", content_type="text/csv; charset=utf-8")
