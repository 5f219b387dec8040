"""The overview and the error pages."""

from django.http import HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils import timezone

from jobs.overview import overview as hiring_overview
from sales.known import Known
from sales.overview import overview as sales_overview

from .access import may_hire, may_see_sales, signed_in


@signed_in
def home(request):
    """How we did and whom we are hiring: what each role needs in the morning."""
    today = timezone.localdate()
    context = {
        "sales": sales_overview(Known.to(request), today) if may_see_sales(request.user) else None,
        "hiring": hiring_overview(request.user, today) if may_hire(request.user) else None,
        "today": today,
    }
    return render(request, "home.html", context)


def error_page(request, status: int, title: str, text: str):
    """A page of our own for an error: what happened and where to go, nothing about the inside."""
    return render(request, "error.html", {"title": title, "text": text, "status": status}, status=status)


def bad_request(request, exception):
    """400."""
    return error_page(request, 400, "That request was not understood", "The address or form was damaged on its way. Try again.")


def forbidden(request, exception):
    """403."""
    return error_page(request, 403, "This page is not open to you", "Your role does not include it; an administrator can change that.")


def not_found(request, exception):
    """404."""
    return error_page(request, 404, "There is nothing here", "It was moved or deleted, or the address has a slip in it.")


def server_error(request):
    """500, rendered without a request so that nothing in it can fail again."""
    return HttpResponse(loader.render_to_string("500.html"), status=500)


def csrf_failure(request, reason=""):
    """403 for a form that was open too long or sent from elsewhere."""
    return error_page(request, 403, "This form has expired", "Nothing was saved. Go back, reload the page and send it again.")
