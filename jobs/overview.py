"""What a recruiter needs in the morning: the figures and short lists of the overview page."""

from datetime import date

from django.urls import reverse
from django.utils import timezone

from .models import Application, Job, JobStatus

LIST_LENGTH = 6


def overview(user, today: date) -> dict:
    """`tiles`, each a figure with the address of the rows behind it, and `lists` of the newest and the longest waiting applications.

    `today` is the company's day; waiting is measured to this moment.
    """
    now = timezone.now()
    applications = Application.objects.for_user(user)
    dated = applications.filter(applied_at__isnull=False)
    stalled = applications.waiting_too_long(now)
    open_jobs = Job.objects.for_user(user).filter(status=JobStatus.OPEN)
    listed, waiting = reverse("jobs:applications"), f"{reverse('jobs:applications')}?waiting="
    related = ("job", "candidate", "stage")
    arrived = dated.filter(applied_at__date=today)
    return {
        "tiles": [
            {"label": "Open jobs", "value": open_jobs.count(), "url": f"{reverse('jobs:jobs')}?status=open"},
            {"label": "Waiting for a first look", "value": applications.unread().count(), "url": f"{waiting}first_look"},
            {"label": "Waiting too long", "value": stalled.count(), "url": f"{waiting}too_long&sort=waiting"},
            {
                "label": "Applied today",
                "value": arrived.count(),
                "url": f"{listed}?applied_from={today}&applied_to={today}",
            },
        ],
        "lists": [
            {
                "name": "latest",
                "label": "Latest applications",
                "rows": list(dated.order_by("-applied_at", "-pk").select_related(*related)[:LIST_LENGTH]),
                "url": f"{listed}?sort=-applied_at",
                "empty": "Nobody has applied yet.",
            },
            {
                "name": "stalled",
                "label": "Waiting too long",
                "rows": list(stalled.order_by("-overdue", "pk").select_related(*related)[:LIST_LENGTH]),
                "url": f"{waiting}too_long&sort=waiting",
                "empty": "Nobody waits longer than the limit of their stage.",
            },
        ],
    }
