"""Imports as a page: upload, match columns, check, mend what is refused, import, undo."""

import csv
from datetime import timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.views.decorators.http import require_POST, require_safe

from .access import signed_in
from .exports import Echo, harmless
from .import_files import check_upload, is_worked_on, keep, preview
from .import_tasks import apply_import, check_import
from .importing import ImportFailedError
from .importing.maps import make_map, make_plan, same_header
from .imports import entities
from .listing import PAGE_SIZES, Pages, page_size
from .models import ENTITY_SIDES, RUNNING_STATES, Import, ImportState, may_import

LONGEST_NAME = 100
ENCODINGS = (("utf-8", "UTF-8"), ("cp1252", "Windows (cp1252)"))
LEAVE_OUT = "-"
LONGEST_ID = 19  # digits that a row's id can have
PATIENCE = timedelta(seconds=10)  # a task may wait this long for the worker before its silence means something


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
    """Keep an uploaded file; one with the header of an earlier import gets its map."""
    name = get_valid_filename(data["file"].name)[-LONGEST_NAME:]
    record = Import(user=user, entity=data["entity"], file_name=name, stored_as=keep(data["file"]), size=data["file"].size)
    try:
        record.header, _ = preview(record)
    except ImportFailedError as error:
        record.state, record.error = ImportState.FAILED, str(error)
    alike = Import.objects.filter(entity=record.entity, header=record.header, state=ImportState.DONE).exclude(words={}).first()
    record.words = alike.words if alike and record.header else {}
    record.save()
    return record


def import_or_404(request, pk) -> Import:
    """An import into a side of the company that this user may edit."""
    return get_object_or_404(Import.objects.for_user(request.user).select_related("user", "change"), pk=pk)


@require_safe
@signed_in
def import_page(request, pk):
    """One import, at whatever step it is; the step alone for the poll of a running one."""
    record = import_or_404(request, pk)
    part = "#step" if request.htmx and request.htmx.target == "step" else ""
    return render(request, f"imports/import.html{part}", page_context(request, record))


def page_context(request, record: Import, **extra) -> dict:
    """What the page of an import shows."""
    problems = Pages(record.problems.all(), page_size(request))
    running = record.state in RUNNING_STATES
    interrupted = running and record.started_at and timezone.now() - record.started_at > PATIENCE and not is_worked_on(record)
    return {
        "import": record,
        "running": running and not interrupted,
        "interrupted": interrupted,
        "columns": column_choices(record) if record.state not in {ImportState.DONE, *RUNNING_STATES} else [],
        "missing": missing_fields(record),
        "encodings": ENCODINGS,
        "page_obj": problems.page(request.GET.get("page", 1)),
        "paginator": problems,
        "page_sizes": PAGE_SIZES,
        **extra,
    }


def column_choices(record: Import) -> list[dict]:
    """Each column of the file with its first cells and the field it will fill."""
    try:
        header, rows = preview(record)
    except ImportFailedError:
        return []
    entity = entities()[record.entity]
    places = places_of(entity, header, record)
    choices = [(item.name, item.name.replace("_", " ")) for item in entity.fields]
    return [
        {
            "index": index,
            "name": name or f"Column {index + 1}",
            "cells": [row[index] for row in rows if index < len(row)],
            "field": places.get(index, LEAVE_OUT),
            "choices": choices,
        }
        for index, name in enumerate(header)
    ]


def places_of(entity, header, record: Import) -> dict[int, str]:
    """Which field each column fills: as chosen before, else as the engine recognises it."""
    chosen = record.words.get("columns", {})
    places = {}
    for item in entity.fields:
        wanted = chosen.get(item.name)
        wanted = [wanted] if isinstance(wanted, str) else wanted
        known = wanted if wanted is not None else (item.name, *item.synonyms)
        for index, name in enumerate(header):
            if index not in places and any(word and same_header(name) == same_header(word) for word in known):
                places[index] = item.name
                if wanted is None:
                    break
    return places


def missing_fields(record: Import) -> list[dict]:
    """Fields that no column of the file fills, with the value given for all rows, if any."""
    entity = entities()[record.entity]
    filled = set(places_of(entity, record.header, record).values())
    constants = record.words.get("constants", {})
    return [
        {"name": item.name, "label": item.name.replace("_", " "), "value": constants.get(item.name, ""), "required": item.required}
        for item in entity.fields
        if item.name not in filled
    ]


@require_POST
@signed_in
def import_check(request, pk):
    """Keep how the columns are to be read, and check the whole file in the background."""
    record = import_or_404(request, pk)
    if record.state in {ImportState.DONE, *RUNNING_STATES}:
        return redirect(record)
    if not record.header:
        return read_again(request, record)
    record.words = words_from(request.POST, record)
    try:
        make_plan(entities()[record.entity], record.header, make_map(record.words, entities()[record.entity]))
    except ImportFailedError as error:
        return render(request, "imports/import.html", page_context(request, record, problem=str(error)), status=422)
    start(record, ImportState.CHECKING, check_import)
    return redirect(record)


def read_again(request, record: Import):
    """Read the header in the encoding now chosen; the columns come next."""
    record.words = with_encoding({}, request.POST)
    try:
        record.header, _ = preview(record)
        record.state, record.error = ImportState.DRAFT, ""
    except ImportFailedError as error:
        record.state, record.error = ImportState.FAILED, str(error)
    record.save(update_fields=["words", "header", "state", "error"])
    return redirect(record)


def with_encoding(words: dict, data) -> dict:
    """The same words, with the encoding chosen in the form."""
    if data.get("encoding") not in dict(ENCODINGS):
        return words
    return {**words, "file": {**words.get("file", {}), "encoding": data["encoding"]}}


def words_from(data, record: Import) -> dict:
    """The sections of a map file that the form stands for; sections it does not show stay."""
    words = dict(record.words)
    names = [item.name for item in entities()[record.entity].fields]
    columns = dict.fromkeys(names, "")
    for index, header in enumerate(record.header):
        name = data.get(f"column-{index}", LEAVE_OUT)
        if name in columns:
            columns[name] = [*columns[name], header] if columns[name] else [header]
    words["columns"] = {name: wanted[0] if len(wanted) == 1 else wanted for name, wanted in columns.items()}
    words["constants"] = {name: data[f"constant-{name}"].strip() for name in names if not columns[name] and data.get(f"constant-{name}", "").strip()}
    formats = dict(words.get("formats", {}))
    formats |= {name: [data[f"format-{name}"]] for name in names if data.get(f"format-{name}")}
    words["formats"] = formats
    return with_encoding(words, data)


def start(record: Import, state: str, task, **options) -> None:
    """Hand an import to the worker."""
    Import.objects.filter(pk=record.pk).update(state=state, words=record.words, rows_read=0, started_at=timezone.now(), error="")
    task.enqueue(record.pk, **options)


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


@require_POST
@signed_in
def import_correct(request, pk):
    """Replace one refused cell; the next check reads the file with it."""
    record = import_or_404(request, pk)
    wanted = request.POST.get("problem", "")
    problem = record.problems.filter(pk=wanted if wanted.isdecimal() and len(wanted) < LONGEST_ID else 0).first()
    if problem is None:
        messages.warning(request, "This cell is not in the way any more.")
        return redirect(record)
    entity = entities()[record.entity]
    plan = make_plan(entity, record.header, make_map(record.words, entity))
    positions = next((places for name, places, _ in plan.readers if name == problem.field), ())
    if record.state == ImportState.CHECKED and positions:
        cells = record.corrections.setdefault(str(problem.line), {})
        cells[str(positions[0])] = request.POST.get("value", "")[:1_000]
        record.save(update_fields=["corrections"])
        record.problems.filter(line=problem.line, field=problem.field).delete()
        messages.success(request, f"Line {problem.line} is mended here; the file itself is not changed. Check again when you are through.")
    return redirect(f"{record.get_absolute_url()}#problems")


@require_safe
@signed_in
def import_refused(request, pk):
    """The refused cells as CSV."""
    record = import_or_404(request, pk)
    writer = csv.writer(Echo())
    rows = record.problems.values_list("line", "field", "value", "reason").iterator(chunk_size=2_000)
    lines = (writer.writerow([line, *map(harmless, rest)]) for line, *rest in rows)
    response = StreamingHttpResponse([writer.writerow(["line", "field", "value", "reason"]), *lines], content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-{record.pk}.csv"'
    return response
