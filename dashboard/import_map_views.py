"""Saved mappings of the import page: save, use, rename, delete."""

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from .access import signed_in
from .import_columns import ColumnsForm
from .import_views import import_or_404, is_running, may_see_imports, page_context
from .importing.maps import header_key
from .listing import PAGE_SIZES, Pages, page_size
from .models import Import, ImportMap, ImportState


class NameForm(forms.ModelForm):
    """What a mapping is called."""

    class Meta:
        model = ImportMap
        fields = ["name"]


class ChosenForm(forms.Form):
    """Which mapping is to be used."""

    map = forms.ModelChoiceField(ImportMap.objects.none())

    def __init__(self, record: Import, data):
        super().__init__(data)
        self.fields["map"].queryset = ImportMap.objects.filter(entity=record.entity)


@require_safe
@signed_in
def import_maps(request):
    """The mappings there are, of the sides this user may edit."""
    may_see_imports(request.user)
    rows = Pages(ImportMap.objects.for_user(request.user).select_related("user"), page_size(request))
    context = {"page_obj": rows.page(request.GET.get("page", 1)), "paginator": rows, "page_sizes": PAGE_SIZES}
    return render(request, "imports/maps.html", context)


@require_POST
@signed_in
def import_map_save(request, pk):
    """Keep the choices on the page of a file under a name; a mapping of this name is replaced."""
    record = import_or_404(request, pk)
    form, name = ColumnsForm(record, request.POST), NameForm(request.POST)
    if not (form.is_valid() and name.is_valid()):
        problem = form.problem or "Give the mapping a name of at most 80 characters."
        return render(request, "imports/import.html", page_context(request, record, problem=problem), status=422)
    called = name.cleaned_data["name"]
    keep = {"header": header_key(record.header), "words": form.words, "user": request.user, "saved_at": timezone.now()}
    saved = ImportMap.objects.filter(entity=record.entity, name__iexact=called)
    if not saved.update(**keep):
        ImportMap.objects.create(entity=record.entity, name=called, **keep)
    Import.objects.filter(pk=record.pk).exclude(state=ImportState.DONE).update(words=form.words, map_name=called)
    messages.success(request, f"Saved the mapping “{called}”. A file with this header gets it by itself.")
    return redirect(record)


@require_POST
@signed_in
def import_map_use(request, pk):
    """Read a file by a saved mapping, as far as it has its columns."""
    record = import_or_404(request, pk)
    form = ChosenForm(record, request.POST)
    if record.state == ImportState.DONE or is_running(record):
        return redirect(record)
    if not form.is_valid():
        messages.warning(request, "Choose a mapping first.")
        return redirect(record)
    chosen = form.cleaned_data["map"]
    columns, absent = fitting(chosen.words.get("columns", {}), set(header_key(record.header)))
    record.words, record.map_name = {**chosen.words, "columns": columns}, chosen.name
    record.state = ImportState.DRAFT
    record.save(update_fields=["words", "map_name", "state"])
    if absent:
        messages.warning(request, f"Used “{chosen}”; this file has no column {', '.join(absent)}.")
    else:
        messages.success(request, f"Used “{chosen}”.")
    return redirect(record)


def fitting(columns: dict, there: set[str]) -> tuple[dict, list[str]]:
    """The columns of a map that a header has, and those that it lacks."""
    kept, absent = {}, []
    for name, wanted in columns.items():
        headers = [wanted] if isinstance(wanted, str) else wanted
        found = [header for header in headers if not header or header_key([header])[0] in there]
        absent += [header for header in headers if header not in found]
        kept[name] = found[0] if len(found) == 1 else found or ""
    return kept, absent


@require_POST
@signed_in
def import_map_rename(request, pk):
    """Call a mapping something else."""
    saved = get_object_or_404(ImportMap.objects.for_user(request.user), pk=pk)
    before = saved.name
    form = NameForm(request.POST, instance=saved)
    try:
        with transaction.atomic():
            done = form.is_valid() and form.save()
    except IntegrityError:
        done = None
    if done:
        messages.success(request, f"“{before}” is “{saved.name}” now.")
    else:
        messages.error(request, "A mapping needs a name of its own, of at most 80 characters.")
    return redirect("import_maps")


@require_POST
@signed_in
def import_map_delete(request, pk):
    """Forget a mapping; imports made with it keep what they read."""
    saved = get_object_or_404(ImportMap.objects.for_user(request.user), pk=pk)
    saved.delete()
    messages.success(request, f"Deleted the mapping “{saved.name}”.")
    return redirect("import_maps")
