"""Forms that must not act twice: each answer brings them a random token, spent with a form's words in the transaction of what it does."""

import secrets
from collections.abc import Callable
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from .models import FormToken, hash_token

SPEND = "INSERT INTO dashboard_formtoken (token_hash, user_id, at) VALUES (%s, %s, %s) ON CONFLICT (token_hash) DO NOTHING"


def token_of(request) -> str:
    """The token of all forms of this answer; user, address and words tell them apart, and random text does not compress."""
    if not hasattr(request, "form_token"):
        request.form_token = secrets.token_urlsafe(16)
    return request.form_token


def once(request, act: Callable[[], int]) -> int | None:
    """What `act` returns, or None when this form was sent with the same words before: then nothing is done again.

    A double click or a second try after a lost answer sends the same token with the same words; other words with an old token (a page
    reached by the back button) are another wish. Two requests at once wait for each other at the unique hash. What was refused, by 0 or
    an exception, leaves the token unspent. Without a token `act` always runs.
    """
    with transaction.atomic():
        if request.POST.get("token") and not _spend(request):
            return None
        done = act()
        if not done:
            transaction.set_rollback(True)
        return done


def tidy() -> int:
    """Forget forms sent more than a day ago; returns how many."""
    return FormToken.objects.filter(at__lt=timezone.now() - timedelta(days=1)).delete()[0]


def _spend(request) -> bool:
    words = request.POST.copy()
    words.pop("csrfmiddlewaretoken", None)
    with connection.cursor() as cursor:
        cursor.execute(SPEND, [hash_token(f"{request.user.pk} {request.path} {words.urlencode()}"), request.user.pk, timezone.now()])
        return bool(cursor.rowcount)
