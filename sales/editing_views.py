"""Editing one cell: its editor on demand, the write, and what comes back: a row with its totals, a cell, or a page without script."""

import json

from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from dashboard import listing
from dashboard.access import sales_write
from dashboard.once import once
from dashboard.others import latest_change

from . import product_views, views
from .editing import Cell, Conflict, Editor, closed, element_id
from .forms import CellForm
from .models import Customer, Product, Tier

LISTS = {Product: product_views.row_again, Customer: views.customer_row_again}
PAGES = {Product: "sales:products", Customer: "sales:customers"}


@sales_write
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk, cell: Cell):
    """The editor of a cell, or the write that it asks for."""
    record = record_or_404(cell, pk)
    if request.method == "POST":
        return save(request, cell, record)
    if listing.is_fragment(request, f"effect-{cell.name}-{record.pk}"):
        return foretell(request, cell, record)
    if not listing.is_fragment(request, element_id(cell, record)):
        return page(request, Editor(cell, record, target="", next=back(request, cell)))
    return render(request, "sales/cells/editor.html", {"editor": Editor(cell, record, target=target_of(request, cell, record), fetched=True)})


def foretell(request, cell: Cell, record) -> HttpResponse:
    """What the change that is being typed would make of a number, before it is saved; nothing for anything else."""
    form = CellForm(cell, request.GET)
    told = form.is_valid() and not cell.chosen and form.wish.relative
    return HttpResponse(cell.foretold(form.wish, record) if told else "", content_type="text/plain")


def record_or_404(cell: Cell, pk: int):
    """The row with what its cells say."""
    if cell.owner is Product:
        return get_object_or_404(Product.objects.select_related("category").with_effective_price(), pk=pk)
    tiers = {tier.pk: tier for tier in Tier.objects.all()}
    customer = get_object_or_404(Customer.objects.with_tier(tiers.values()), pk=pk)
    customer.tier_name = tiers[customer.current_tier].name if customer.current_tier else ""
    return customer


def target_of(request, cell: Cell, record) -> str:
    """What an editor that came on demand replaces: the whole row in the cell's own list, where other cells and totals follow; else itself."""
    path = (request.htmx.current_url_abs_path or "").partition("?")[0]
    return f"row-{record.pk}" if path == reverse(PAGES[cell.owner]) else element_id(cell, record)


def save(request, cell: Cell, record) -> HttpResponse:
    """Write what was typed, if nobody else changed the cell since; say what happened."""
    if "keep" in request.POST:
        return answer(request, cell, record)
    form = CellForm(cell, request.POST)
    if not form.is_valid():
        return refuse(request, cell, record, form.sentence)
    wish, was = form.wish, form.cleaned_data["was"]
    if cell.is_now(wish, record):
        return answer(request, cell, record)
    # The value that the editor showed stands in the WHERE of the one UPDATE: whoever comes second changes nothing and is told.
    unchanged = Q(**{cell.field.attname: was}) if form.checked else Q()
    done = once(request, lambda: cell.act(cell.owner.objects.filter(unchanged, pk=record.pk), wish, request.user))
    now = record_or_404(cell, record.pk)
    if done == 0:
        theirs = form.checked and cell.now(now) != was
        return conflict(request, cell, now, wish) if theirs else refuse(request, cell, now, cell.impossible(wish, now))
    before = f"{cell.told(record)} → " if done else ""
    return answer(request, cell, now, f"{now}: {cell.label.lower()} {before}{cell.told(now)}")


def answer(request, cell: Cell, record, message: str = "") -> HttpResponse:
    """The row or the cell as it is now, with a toast where something was done; without htmx, back to where the form came from."""
    goal = HttpResponseRedirect(back(request, cell))
    if not request.htmx:
        return listing.done(request, None, message, back=goal) if message else goal
    response = HttpResponse(closed(cell, record)) if in_cell(request, cell, record) else LISTS[cell.owner](request, record.pk)
    if in_cell(request, cell, record) and f"{cell.name}=" in (request.htmx.current_url or ""):
        response["HX-Trigger"] = json.dumps({"regroup": ""})  # the view is restricted by what was edited, so that its figures follow
    return listing.done(request, response, message, back=goal) if message else response


def refuse(request, cell: Cell, record, sentence: str) -> HttpResponse:
    """The editor again with what was typed and why it was not done: 422."""
    typed = request.POST.get(cell.name, "")
    return again(request, Editor(cell, record, target="", typed=typed, error=sentence, next=back(request, cell)), 422)


def conflict(request, cell: Cell, record, wish) -> HttpResponse:
    """Both values and whose is to stand: 409."""
    change = latest_change(record, cell.field.column)
    theirs, mine = cell.said(record), cell.phrase(wish)
    sentence = f"{change.who} changed this to {theirs} {change.when}. You wrote {mine}." if change else f"It is {theirs} now. You wrote {mine}."
    typed = request.POST.get(cell.name, "")
    editor = Editor(cell, record, target="", typed=typed, error=sentence, conflict=Conflict(theirs, mine), next=back(request, cell))
    return again(request, editor, 409)


def again(request, editor: Editor, status: int) -> HttpResponse:
    """An editor that asks once more, where it was: in its row, in its cell, or on a page of its own."""
    cell, record = editor.cell, editor.record
    if not request.htmx:
        return page(request, editor, status=status)
    if not in_cell(request, cell, record):
        return LISTS[cell.owner](request, record.pk, status=status, editor=editor.at(f"row-{record.pk}"))
    return render(request, "sales/cells/editor.html", {"editor": editor.at(editor.id, fetched=True)}, status=status)


def page(request, editor: Editor, *, status: int = 200) -> HttpResponse:
    """The editor as a page: what a cell links to, for a browser without script."""
    title = f"{editor.cell.label} of {editor.record}"
    return render(request, "sales/cell.html", {"editor": editor, "title": title}, status=status)


def in_cell(request, cell: Cell, record) -> bool:
    """Whether the answer takes the place of the cell alone."""
    return request.htmx.target == element_id(cell, record)


def back(request, cell: Cell) -> str:
    """Where the form was opened, if that is one of our pages; else the list."""
    place = request.POST.get("next") or request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(place, {request.get_host()}, require_https=request.is_secure())
    return place if ours else reverse(PAGES[cell.owner])
