"""What a recruiter needs in the morning: the figures and short lists of the overview page."""

from datetime import date

from django.db.models import F
from django.utils import timezone

from .models import Application, Job

LIST_LENGTH = 6


def overview(user, today: date) -> dict:
    """Figures with the addresses behind them, and the newest and the longest waiting applications.

    `today` is the company's day; waiting is measured to this moment on it.
    """
    now = timezone.now()
    jobs = Job.objects.for_user(user)
    applications = Application.objects.for_user(user)
    stalled = applications.waiting_too_long(now)
    related = ("job", "candidate", "stage")
    return {
        "tiles": [
            {"name": "open_jobs", "label": "Open jobs", "value": jobs.filter(status="open").count(), "url": "/jobs/?status=open"},
            {"name": "unread", "label": "Waiting for a first look", "value": applications.unread().count(), "url": ""},
            {"name": "stalled", "label": "Waiting too long", "value": stalled.count(), "url": ""},
        ],
        "latest": list(applications.filter(applied_at__isnull=False).order_by("-applied_at", "-pk").select_related(*related)[:LIST_LENGTH]),
        "stalled": list(stalled.order_by(F("overdue").desc(), "pk").select_related(*related)[:LIST_LENGTH]),
    }
