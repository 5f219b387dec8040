"""A change set around every write: one transaction that knows who acts and what is being done, in words."""

from contextlib import contextmanager

from django.db import connection, transaction

from .models import ChangeSet


@contextmanager
def change_set(user, verb: str, sentence: str):
    """Run the writes inside in one transaction, recorded as one change set.

    Yields the change set; the caller sets `count` to the rows changed before leaving. The actor and the change set's id are also
    set for the transaction alone (`SET LOCAL`), where triggers can read them: safe behind transaction poolers. Nothing is recorded
    when nothing changed.
    """
    with transaction.atomic():
        change = ChangeSet.objects.create(user=user if user and user.pk else None, verb=verb, sentence=sentence)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('tallyboard.actor', %s, true), set_config('tallyboard.change_set', %s, true)",
                [str(user.pk if user else ""), str(change.pk)],
            )
        yield change
        if change.count:
            change.save(update_fields=["count", "sentence"])
        else:
            change.delete()
