"""Staying signed in: one statement brings the session, its user with roles, and the state of the data; and how long a sign-in lasts.

The session engine and the backend of the settings, and two middlewares: who asks (VisitMiddleware), and idle time with an absolute limit
(SessionLimits), which a cookie's own age cannot tell apart. What Django checks of a session and its user is checked by Django.
"""

import time
from contextlib import suppress
from contextvars import ContextVar

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends import db
from django.db import DatabaseError
from django.dispatch import receiver
from django.utils.functional import SimpleLazyObject

from .access import ROLES

BEGAN = "began"
SEEN = "seen"
GRAIN = 60  # seconds; how exactly idle time is kept, for one write a minute and not one a request
_arrived = ContextVar("arrived", default=None)  # the user of the session that is being looked at, while it is


class SessionStore(db.SessionStore):
    """Sessions that know their user. `visit` is the stored row of this one with its user, `roles` and `version`, or None."""

    visit = None

    @classmethod
    def get_model_class(cls):
        """Our own table; imported late, because settings name this module before models can be."""
        from .models import Session  # noqa: PLC0415

        return Session

    def _get_session_from_db(self):
        self.visit = self.model.objects.visit(self.session_key)
        if self.visit is None:
            self._session_key = None
        return self.visit

    def create_model_instance(self, data):
        """The row, with its user beside the data."""
        row = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        return row


class Backend(ModelBackend):
    """Passwords and permissions as Django has them; a user who came with the session is not fetched again."""

    def get_user(self, user_id):
        """The user with this id, if active."""
        user = _arrived.get()
        if user is not None and user.pk == user_id:
            return user if self.user_can_authenticate(user) else None
        return super().get_user(user_id)


class VisitMiddleware(AuthenticationMiddleware):
    """`request.user` as always, from the statement that read the session."""

    def process_request(self, request):
        """Look at nothing before somebody asks."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: user_of(request))


def user_of(request):
    """The user of a request, by Django's own rules."""
    request.session.get(SESSION_KEY)  # reads the session, unless it was read
    visit = request.session.visit
    if visit and visit.user:
        visit.user.roles = frozenset(visit.roles) & set(ROLES)
    token = _arrived.set(visit.user if visit else None)
    try:
        return get_user(request)
    finally:
        _arrived.reset(token)


def data_version(request) -> str | None:
    """What identifies the business data as this request found it: equal texts, equal data. None without a session."""
    request.session.get(SESSION_KEY)
    visit = getattr(request.session, "visit", None)
    return visit.version if visit else None


@receiver(user_logged_in)
def note_beginning(sender, request, user, **kwargs) -> None:
    """Note when the session began; middleware cannot tell a sign-in from a request."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())


class SessionLimits:
    """Sign out a session that was idle too long or has lasted too long; staff's sooner than others'."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        """Look at the times before anybody relies on the user; a visitor without a session costs nothing."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            with suppress(DatabaseError):  # whoever needs the session next says so properly
                self.check(request)
        return self.get_response(request)

    def check(self, request) -> None:
        """End the session or note that it is alive."""
        began, now = request.session.get(BEGAN), int(time.time())
        if began is None:
            return
        longest = settings.SESSION_LONGEST_STAFF if request.path.startswith("/admin/") else settings.SESSION_LONGEST
        idle = now - request.session[SEEN]
        if idle > settings.SESSION_IDLE or now - began > longest:
            logout(request)
        elif idle >= GRAIN:
            request.session[SEEN] = now
