"""The steps of a bulk action: what it would do, the doing, and the page of one that runs in the background."""

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from . import listing
from .access import signed_in
from .bulk import AT_ONCE, BulkForm, BulkList, ChangedError, Plan
from .bulk_tasks import is_interrupted, run_in_background
from .models import BulkRun
from .once import once


def bulk(request, bulk_list: BulkList) -> HttpResponse:
    """A bulk action on rows of a list: first what it would do, then, confirmed with what was seen, the doing."""
    form = bulk_list.form(request.POST, bulk_list)
    filterset = bulk_list.filtered(request.POST.get("query", ""), request.user)
    if not form.is_valid() or not filterset.is_valid():
        if filterset.is_valid() and form.only_asks and not form.cleaned_data["seen"]:
            return ask(request, bulk_list, form)
        return confirm(request, bulk_list, form, status=422, filter=filterset)
    plan = Plan(bulk_list, form, filterset, request.user)
    if not plan.expected:
        return confirm(request, bulk_list, form, **plan.preview())
    try:
        done = in_background if plan.expected > AT_ONCE else at_once
        return done(request, plan)
    except ChangedError:
        return confirm(request, bulk_list, form, status=409, changed=True, **plan.preview())
    except IntegrityError as error:
        return confirm(request, bulk_list, form, status=409, rule=rule_of(error, bulk_list.model), **plan.preview())


def ask(request, bulk_list: BulkList, form: BulkForm) -> HttpResponse:
    """The step before the first: the one thing that the action cannot do without."""
    name, words = form.asks, list(form.words())
    form.errors.pop(name)  # nobody was asked for it yet
    return confirm(request, bulk_list, form, words=words, ask=form[name])


def rule_of(error: IntegrityError, model) -> str:
    """The sentence of the constraint that PostgreSQL named."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    found = next((rule for rule in model._meta.constraints if rule.name == name), None)
    return str(found.violation_error_message) if found else "A rule of the database forbids it."


def at_once(request, plan: Plan) -> HttpResponse:
    """Do it, and go back to the list; sent a second time it says the same and does nothing."""
    sentence = plan.sentence(plan.expected)
    once(request, lambda: plan.run().count)
    message = f"{sentence[:1].upper()}{sentence[1:]}."
    change = getattr(request.user, "last_change", None)
    back = redirect(plan.list.landing(change) if plan.list.landing and change else back_to_list(plan))
    return listing.done(request, back, message, back=back)


def in_background(request, plan: Plan) -> HttpResponse:
    """Hand it to the worker, and show how far it is; sent a second time it shows the same run."""

    def start() -> int:
        words = request.POST.copy()
        words.pop("csrfmiddlewaretoken", None)
        sentence = plan.sentence(plan.expected)
        which = {"side": plan.list.side, "list_name": plan.list.name, "words": words.urlencode()}
        run = BulkRun.objects.create(user=request.user, sentence=sentence, rows=plan.expected, **which)
        transaction.on_commit(lambda: run_in_background.enqueue(run.pk))
        return run.pk

    pk = once(request, start)
    return redirect(get_object_or_404(BulkRun, pk=pk) if pk else BulkRun.objects.filter(user=request.user).first())


def back_to_list(plan: Plan) -> str:
    """The list as it was filtered."""
    query = plan.data["query"]
    return f"{reverse(plan.list.page)}{'?' if query else ''}{query}"


def confirm(request, bulk_list: BulkList, form: BulkForm, *, status: int = 200, **context) -> HttpResponse:
    """The step between asking and doing: a dialog over the list, or a page of its own without script."""
    dialog = listing.is_fragment(request, "confirm")
    query = form.cleaned_data.get("query", "")
    full = {
        "form": form,
        "list": bulk_list,
        "dialog": dialog,
        "action_url": reverse(bulk_list.url),
        "list_url": reverse(bulk_list.page),
        "query": query,
        "words": form.words() if form.is_valid() else (),
    }
    return render(request, "bulk/confirm.html#confirm" if dialog else "bulk/confirm.html", {**full, **context}, status=status)


@require_safe
@signed_in
def bulk_run(request, pk):
    """One background action, however it stands; the state alone for the poll of a running one."""
    run = get_object_or_404(BulkRun.objects.for_user(request.user).select_related("user", "change"), pk=pk)
    part = "#state" if listing.is_fragment(request, "state") else ""
    return render(request, f"bulk/run.html{part}", {"run": run, "title": run.sentence, "interrupted": is_interrupted(run)})
