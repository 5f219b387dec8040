"""Bulk actions of the hiring lists."""

from django.views.decorators.http import require_POST

from dashboard.access import hiring_page
from dashboard.bulk_views import bulk

from .bulk import APPLICATIONS, JOBS


@hiring_page
@require_POST
def jobs_bulk(request):
    """Publish, pause, close or delete jobs."""
    return bulk(request, JOBS)


@hiring_page
@require_POST
def applications_bulk(request):
    """Move applications to a stage, or reject them."""
    return bulk(request, APPLICATIONS)
