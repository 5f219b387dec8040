"""How moves and applications are taken back: the log of stages is final, so undoing a move adds an event that points at it."""

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from dashboard.undo import CHANGED_SINCE, Conflict, references, referring, run

from .models import StageEvent

ERASE = "SELECT set_config('tallyboard.erase', %s, true)"
HISTORY = "jobs_stageevent"


def take_back_events(entries, user):
    """Answer each move with its inverse; an undone undo with the move again, at its own time, so that every metric is as before.

    First entries have no inverse: they leave with their application. What was answered before is not answered again; but where a move was
    taken back and made again since, it is the one made again that is taken back.
    """
    ids = [row_id for entry in entries for row_id in range(entry.row_id, entry.last_id + 1)]
    again = StageEvent.objects.effective().filter(application=OuterRef("application"), at=OuterRef("undoes__at"), to_stage=OuterRef("from_stage"))
    standing = StageEvent.objects.filter(pk__in=ids, from_stage__isnull=False, undone_by__isnull=True)
    standing = standing.exclude(Exists(again), undoes__isnull=False)
    same_move = {name: OuterRef(name) for name in ("application", "at", "from_stage", "to_stage")}
    taken_back = StageEvent.objects.filter(pk__in=ids, from_stage__isnull=False, undone_by__isnull=False, undoes__isnull=True)
    made_again = StageEvent.objects.effective().filter(Exists(taken_back.filter(**same_move))).exclude(pk__in=ids)
    events = StageEvent.objects.filter(Q(pk__in=standing.values("pk")) | Q(pk__in=made_again.values("pk"))).select_related("undoes").order_by("-pk")
    made = StageEvent.objects.bulk_create(inverse(event, user) for event in events)
    return len(made), []


def inverse(event: StageEvent, user) -> StageEvent:
    """The event that takes `event` back."""
    undone = event.undoes
    if undone is not None:
        stages = {"from_stage_id": undone.from_stage_id, "to_stage_id": undone.to_stage_id}
        return StageEvent(application_id=event.application_id, at=undone.at, actor=user, batch_id=undone.batch_id, note=undone.note, **stages)
    stages = {"from_stage_id": event.to_stage_id, "to_stage_id": event.from_stage_id}
    return StageEvent(application_id=event.application_id, actor=user, undoes=event, **stages)


MOVED = "SELECT DISTINCT application_id FROM {table} WHERE application_id BETWEEN %(first)s AND %(last)s AND from_stage_id IS NOT NULL"
FORGET = "DELETE FROM {table} WHERE application_id BETWEEN %(first)s AND %(last)s AND application_id <> ALL(%(kept)s) RETURNING application_id"
REMOVE = "DELETE FROM {table} WHERE id BETWEEN %(first)s AND %(last)s AND id <> ALL(%(kept)s) RETURNING id"


def take_back_applications(entries, user):
    """Delete added applications with the first entry of their log; those that were moved, edited or noted on since stay."""
    removed, conflicts = 0, []
    for entry in entries:
        bounds = {"first": entry.row_id, "last": entry.last_id}
        kept = dict.fromkeys(run(CHANGED_SINCE, entry.table, name=entry.table, entry=entry.pk, **bounds), "it was changed later")
        kept |= dict.fromkeys(run(MOVED, HISTORY, **bounds), "it was moved later")
        for child, column in references(entry.table):
            if child != HISTORY:
                kept |= dict.fromkeys(referring(child, column, **bounds), "it is in use")
        allow_erasing("on")
        run(FORGET, HISTORY, kept=list(kept), **bounds)
        allow_erasing("")
        removed += len(run(REMOVE, entry.table, kept=list(kept), **bounds))
        conflicts += [Conflict(entry.table, row_id, reason) for row_id, reason in sorted(kept.items())]
    return removed, conflicts


def allow_erasing(value: str) -> None:
    """Open or close the log of stages for deletion, in this transaction alone."""
    with connection.cursor() as cursor:
        cursor.execute(ERASE, [value])


def keep_batches(entries, user):
    """Leave a batch where it is: the entries of the log that name it are final, and an undone undo names it again."""
    return 0, []


INVERSES = {HISTORY: take_back_events, "jobs_application": take_back_applications, "jobs_batch": keep_batches}
