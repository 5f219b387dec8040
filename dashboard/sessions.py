"""How long a sign-in lasts: idle time and an absolute limit, which a cookie's own age cannot tell apart."""

import time
from contextlib import suppress

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.db import DatabaseError
from django.dispatch import receiver

BEGAN = "began"
SEEN = "seen"
GRAIN = 60  # seconds; how exactly idle time is kept, for one write a minute and not one a request


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
