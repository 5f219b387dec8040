"""How many wrong sign-ins are borne: counted before the password is checked, so that a flood never reaches the costly hash.

django-axes brings the hooks, the table and the admin pages; the counting is ours, because its own reads first and writes
after the check: of forty tries at once it lets as many through as there are threads.
"""

import hashlib
import ipaddress
import logging
import os
from dataclasses import dataclass
from datetime import timedelta

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.db import connection
from django.db.models import F
from django.shortcuts import render
from django.utils import timezone

logger = logging.getLogger("dashboard.security")

ANYBODY = ""  # the name under which an address is counted whoever it tries to be
LONGEST_NAME = 255
# One statement counts and answers, so two tries can never read the same count. A window begins with its first try.
COUNT = """
    INSERT INTO axes_accessattempt AS attempt
        (username, ip_address, user_agent, failures_since_start, attempt_time, get_data, post_data, http_accept, path_info)
    VALUES (%(name)s, %(address)s, '', 1, %(now)s, '', '', '', '')
    ON CONFLICT (username, ip_address, user_agent) DO UPDATE SET
        failures_since_start = CASE WHEN attempt.attempt_time > %(start)s THEN attempt.failures_since_start + 1 ELSE 1 END,
        attempt_time = CASE WHEN attempt.attempt_time > %(start)s THEN attempt.attempt_time ELSE %(now)s END
    RETURNING failures_since_start, attempt_time
"""


@dataclass(frozen=True)
class Limit:
    """So many tries within so long."""

    tries: int
    window: timedelta

    def take(self, name: str, address: str) -> int:
        """Count a try; returns the seconds to wait, 0 when it may go ahead."""
        now = timezone.now()
        with connection.cursor() as cursor:
            cursor.execute(COUNT, {"name": name, "address": address, "now": now, "start": now - self.window})
            count, since = cursor.fetchone()
        return max(1, int((since + self.window - now).total_seconds())) if count > self.tries else 0


# An account is counted per address: strangers who guess at it never lock its owner out elsewhere.
ACCOUNT = Limit(10, timedelta(minutes=15))
ADDRESS = Limit(30, timedelta(minutes=3))


class Handler(AxesDatabaseHandler):
    """Lets a try go ahead or not; a success gives back what it took."""

    def is_allowed(self, request, credentials=None) -> bool:
        """Count the try, for the address first: once that is used up, further names leave no rows."""
        address = request.axes_ip_address
        wait = ADDRESS.take(ANYBODY, address) or ACCOUNT.take(account_name(request, credentials), address)
        request.retry_after = wait
        request.axes_locked_out = bool(wait)
        return not wait

    def user_login_failed(self, sender, credentials, request=None, **kwargs) -> None:
        """Say so in the log, without the name; the try is counted already."""
        if request is not None:
            what = "refused, too many" if request.axes_locked_out else "failed"
            digest = hashlib.sha256(account_name(request, credentials).encode()).hexdigest()[:12]
            logger.warning("sign-in %s: account %s from %s", what, digest, request.axes_ip_address)

    def user_logged_in(self, sender, request, user, **kwargs) -> None:
        """Forget the person's failures here, and take this try off the address's count."""
        super().user_logged_in(sender, request, user, **kwargs)
        here = AccessAttempt.objects.filter(ip_address=request.axes_ip_address)
        here.filter(username=user.get_username()).delete()
        here.filter(username=ANYBODY, failures_since_start__gt=0).update(failures_since_start=F("failures_since_start") - 1)
        logger.info("sign-in: user %s from %s", user.pk, request.axes_ip_address)


def account_name(request, credentials) -> str:
    """The name that was typed, in one spelling and within what the table holds."""
    name = get_client_username(request, credentials) or "?"
    return name.replace("\0", "").strip().lower()[:LONGEST_NAME] or "?"


def client_address(request) -> str:
    """Who asks: the peer, or, when the peer is our proxy, the one that the proxy names last."""
    peer = request.META.get("REMOTE_ADDR") or "127.0.0.1"
    trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1").split(",")  # the web server's own setting
    if peer in trusted or "*" in trusted:
        named = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        try:
            return str(ipaddress.ip_address(named))
        except ValueError:
            pass
    return peer


def too_many(request, original_response, credentials):
    """The page for a refused try."""
    minutes = -(-request.retry_after // 60)
    response = render(request, "accounts/locked.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(request.retry_after)
    return response
