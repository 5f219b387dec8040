"""Undo as it was asked for: at once, or by the worker when more rows are concerned than a page should wait for."""

from django.db import IntegrityError, transaction
from django.tasks import task
from django.utils import timezone

from .models import ChangeSet, UndoRun
from .progress import PATIENCE, Progress, is_worked_on
from .undo import AlreadyUndoneError, Conflict, rows_in, undo

AT_ONCE = 10_000  # rows; as many as a bulk action does at once
MOST_CONFLICTS = 50  # kept for the page; the count is exact all the same


def take_back(target: ChangeSet, user) -> UndoRun:
    """Undo `target`, or hand it to the worker when it is big; one that is under way already is not begun again.

    Raises AlreadyUndoneError when nothing is left to do.
    """
    run = UndoRun(target=target, user=user, rows=rows_in(target))
    if run.rows <= AT_ONCE:
        undo(target, user, finish=lambda restored, conflicts: keep(run, restored, conflicts))
        return run
    try:
        with transaction.atomic():
            run.save()
            transaction.on_commit(lambda: undo_in_background.enqueue(run.pk))
    except IntegrityError:
        run = target.undo_runs.get(finished_at=None)
        if is_interrupted(run):
            undo_in_background.enqueue(run.pk)
    return run


def is_interrupted(run: UndoRun) -> bool:
    """Whether an undo that was handed to the worker is not being worked on, although it should be."""
    return run.finished_at is None and timezone.now() - run.started_at > PATIENCE and not is_worked_on(run)


@task()
def undo_in_background(pk: int) -> None:
    """Take a big set back. What the page shows of it is written in the same transaction, so that a killed worker leaves all or nothing."""
    run = UndoRun.objects.select_related("target", "user").get(pk=pk)
    try:
        with Progress(run) as progress:
            run.refresh_from_db(fields=["finished_at"])
            if run.finished_at:
                return  # a task whose worker was killed after the commit comes a second time
            undo(
                run.target,
                run.user,
                watch=lambda rows: progress.tell(rows_done=rows),
                finish=lambda restored, conflicts: keep(run, restored, conflicts),
            )
    except AlreadyUndoneError:
        keep(run, 0, [])


def keep(run: UndoRun, restored: int, conflicts: list[Conflict]) -> None:
    """Write down how an undo ended."""
    run.rows_done, run.restored, run.conflicts, run.finished_at = run.rows, restored, len(conflicts), timezone.now()
    run.left_alone = [
        {"table": conflict.table, "row_id": conflict.row_id, "reason": conflict.reason, "fields": conflict.fields}
        for conflict in conflicts[:MOST_CONFLICTS]
    ]
    run.save()
