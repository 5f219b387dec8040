"""The daily clearing away of what nobody needs any more. Business data is never touched here."""

from datetime import timedelta

from axes.models import AccessAttempt, AccessLog
from django.core.management import call_command
from django.utils import timezone

from dashboard import once, signin
from dashboard.sessions import SessionStore


def tidy() -> None:
    """Delete expired sessions and links, forms sent before yesterday, task results older than two weeks, sign-ins older than three months."""
    signin.tidy()
    once.tidy()
    SessionStore.clear_expired()
    call_command("prune_db_task_results", min_age_days=14, verbosity=0)
    AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - timedelta(days=1)).delete()
    AccessLog.objects.filter(attempt_time__lt=timezone.now() - timedelta(days=90)).delete()
