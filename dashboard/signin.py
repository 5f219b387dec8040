"""One-time sign-in links: made on the terminal, kept as a hash, good for one use within a day.

A link without a user makes the first administrator, and only while there is nobody at all: the place where an installation
could be taken over, so the rule is checked again, alone, at the moment of use.
"""

import secrets
from datetime import timedelta

from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from .access import ROLES
from .models import SignInLink, hash_token

LIFE = timedelta(hours=24)
FIRST_ADMINISTRATOR_LOCK = 7_305_001  # any number that nothing else locks


def make_link(user: User | None) -> str:
    """Make a link for the user, or for the first administrator, and return its path: the only copy of the secret."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(user=user, token_hash=hash_token(token), expires_at=timezone.now() + LIFE)
    return reverse("accounts:link" if user else "accounts:first", args=[token])


def live_links(token: str):
    """The link with this secret while it can still be used: a queryset of one or none."""
    links = SignInLink.objects.filter(token_hash=hash_token(token), used_at=None, expires_at__gt=timezone.now())
    return links.filter(user__is_active=True) | links.filter(user=None)


def redeem(token: str) -> SignInLink | None:
    """Use the link up; of many at once, one gets it and the others None."""
    link = live_links(token).select_related("user").first()
    if link and SignInLink.objects.filter(pk=link.pk, used_at=None).update(used_at=timezone.now()):
        return link
    return None


def awaits_first_administrator() -> bool:
    """Tell whether nobody has an account yet."""
    return not User.objects.exists()


def create_first_administrator(token: str, *, email: str, full_name: str, password: str) -> User | None:
    """Use up a link without a user and make the administrator; None when the link or the occasion is gone."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two links used in the same instant wait for each other here; the second then finds the first one's account.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST_ADMINISTRATOR_LOCK])
        if not awaits_first_administrator() or redeem(token) is None:
            return None
        user = User.objects.create_superuser(email, email, password, **split_name(full_name))
        user.groups.set(Group.objects.get_or_create(name=role)[0] for role in ROLES)
        return user


def split_name(full_name: str) -> dict[str, str]:
    """Django keeps two names: the last word is the family's."""
    first, _, last = full_name.strip().rpartition(" ")
    return {"first_name": first or last, "last_name": last if first else ""}


def tidy() -> int:
    """Delete links that are past their time; returns how many."""
    return SignInLink.objects.filter(expires_at__lt=timezone.now()).delete()[0]
