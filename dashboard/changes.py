"""A change set around every write: one transaction that knows who acts and what is being done, in words."""

from contextlib import contextmanager

from django.db import connection, transaction

from .models import ChangeSet

SETTING = "tallyboard.change_set"


@contextmanager
def change_set(user, verb: str, sentence: str, *, undo_of: ChangeSet | None = None):
    """Run the writes inside in one transaction, logged by triggers as one change set.

    Yields the change set; the caller sets `count` to the rows changed, and may rewrite `sentence`, before leaving. The set's id is
    known to the triggers through a setting of this transaction alone (`SET LOCAL`), which no pooler can hand to somebody else.
    A set in which nothing changed is not kept.
    """
    nested = connection.in_atomic_block
    with transaction.atomic():
        change = ChangeSet.objects.create(user=user if user and user.pk else None, verb=verb, sentence=sentence, undo_of=undo_of)
        outer = _exchange(str(change.pk))
        yield change
        if nested:
            _exchange(outer)
        if change.count or change.rows.exists():
            change.save(update_fields=["count", "sentence"])
            if user:
                user.last_change = change  # so that the answer to this request can offer to take it back
        else:
            change.delete()


def _exchange(value: str) -> str:
    """Set the change set that triggers write to, and return the one before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), ''), set_config(%s, %s, true)", [SETTING, SETTING, value])
        return cursor.fetchone()[0]
