"""A change set around every write: one transaction that knows who acts and what is being done, in words."""

from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from .models import ChangeSet

SETTING = "tallyboard.change_set"
BRIEF = timedelta(seconds=1)
# The row and the setting that names it travel together: a write pays for its change set with two statements, not four.
OPEN = """
WITH made AS (
    INSERT INTO dashboard_changeset (user_id, at, verb, sentence, count, undo_of_id) VALUES (%s, %s, %s, %s, 0, %s) RETURNING id)
SELECT id, coalesce(current_setting(%s, true), ''), set_config(%s, id::text, true) FROM made
"""
CLOSE = """
WITH kept AS (UPDATE dashboard_changeset SET count = %s, sentence = %s, at = %s WHERE id = %s)
SELECT set_config(%s, %s, true)
"""


@contextmanager
def change_set(user, verb: str, sentence: str, *, undo_of: ChangeSet | None = None):
    """Run the writes inside in one transaction, logged by triggers as one change set.

    Yields the change set; the caller sets `count` to the rows changed, and may rewrite `sentence`, before leaving. The set's id is
    known to the triggers through a setting of this transaction alone (`SET LOCAL`), which no pooler can hand to somebody else.
    A set inside another gives the setting back. A set in which nothing changed is not kept.
    """
    with transaction.atomic():
        change, outer = _open(ChangeSet(user=user if user and user.pk else None, verb=verb, sentence=sentence, undo_of=undo_of))
        yield change
        kept = bool(change.count) or change.rows.exists()
        if timezone.now() - change.at > BRIEF:
            change.at = timezone.now()  # nobody saw a long one before its end: see others.py
        _execute(CLOSE, [change.count, change.sentence, change.at, change.pk, SETTING, outer])
        if not kept:
            change.delete()
        elif user:
            user.last_change = change  # so that the answer to this request can offer to take it back


def _open(change: ChangeSet) -> tuple[ChangeSet, str]:
    """Write the set and let the triggers know it; the set, and the id of the one around it or ''."""
    change.at = timezone.now()
    words = [change.user_id, change.at, change.verb, change.sentence, change.undo_of_id]
    change.pk, outer, _ = _execute(OPEN, [*words, SETTING, SETTING])
    return change, outer


def _execute(statement: str, parameters: list) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()
