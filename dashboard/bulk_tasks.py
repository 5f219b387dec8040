"""The background half of bulk actions: the same plan, run by the worker."""

from django.db import transaction
from django.http import QueryDict
from django.tasks import task
from django.utils import timezone

from .bulk import ChangedError, Plan, list_named
from .models import BulkRun, RunState
from .money import count_text
from .progress import PATIENCE, Progress, is_worked_on

NOT_ALLOWED = "The filter, or what you may do, has changed since you confirmed it."


@task()
def run_in_background(pk: int) -> None:
    """Do a confirmed action whole or not at all. Its end and its rows change in the same transaction: the page never says done before they are.

    A task whose worker was killed comes a second time: it begins anew, or finds the work committed.
    """
    run = BulkRun.objects.select_related("user").get(pk=pk)
    if not run.running:
        return
    plan = plan_of(run)
    if plan is None:
        refuse(run, NOT_ALLOWED)
        return
    try:
        with Progress(run) as progress, transaction.atomic():
            progress.tell(state=RunState.RUNNING, rows_done=0)
            run.change = plan.run(lambda rows: progress.tell(rows_done=rows))
            run.state, run.rows_done = RunState.DONE, run.change.count
            BulkRun.objects.filter(pk=pk).update(state=run.state, rows_done=run.rows_done, change=run.change)
    except ChangedError as error:
        refuse(run, f"These are not the {plan.list.plural} you confirmed any more: there are {count_text(error.count)} now.")
    except Exception:
        refuse(run, "Something went wrong here.")
        raise


def refuse(run: BulkRun, reason: str) -> None:
    """End a run that changed nothing."""
    BulkRun.objects.filter(pk=run.pk).update(state=RunState.REFUSED, reason=reason, rows_done=0)


def plan_of(run: BulkRun) -> Plan | None:
    """The plan as it was confirmed; None when the form, the filter or the user's rights do not allow it any more."""
    found = list_named(run.side, run.list_name)
    form = found.form(QueryDict(run.words), found)
    filterset = found.filtered(form.data.get("query", ""), run.user)
    allowed = run.user is not None and run.user.is_active and found.allowed(run.user)
    return Plan(found, form, filterset, run.user) if allowed and form.is_valid() and filterset.is_valid() else None


def is_interrupted(run: BulkRun) -> bool:
    """Whether a run should be worked on and nobody does: the worker is away, or was killed and has not taken it up again."""
    return run.running and timezone.now() - run.created_at > PATIENCE and not is_worked_on(run)
