"""What the page shell needs on every page: navigation by role, and the company's settings."""

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from .access import may_edit_sales, may_hire, may_see_sales

SALES_PAGES = (
    ("Sales", "sales:report"),
    ("Products", "sales:products"),
    ("Customers", "sales:customers"),
    ("Orders", "sales:orders"),
)
HIRING_PAGES = (
    ("Jobs", "jobs:jobs"),
    ("Applications", "jobs:applications"),
    ("Candidates", "jobs:candidates"),
)


def navigation(request) -> list[dict]:
    """The pages this user may open, the current one marked by the longest address that fits."""
    pages = [("Overview", "home")]
    if may_see_sales(request.user):
        pages += SALES_PAGES
    if may_hire(request.user):
        pages += HIRING_PAGES
    if len(pages) > 1:
        pages.append(("Changes", "changes"))
    entries = [{"label": label, "url": reverse(name)} for label, name in pages]
    fitting = [entry for entry in entries if request.path == entry["url"] or (entry["url"] != "/" and request.path.startswith(entry["url"]))]
    if fitting:
        max(fitting, key=lambda entry: len(entry["url"]))["current"] = True
    return entries


def shell(request) -> dict:
    """Context of the shell; costs one query for the roles of a signed-in user who is no superuser."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"currency": settings.CURRENCY, "navigation": []}
    return {
        "currency": settings.CURRENCY,
        "navigation": SimpleLazyObject(lambda: navigation(request)),  # fragments have no use for it
        "may_edit_sales": may_edit_sales(user),
        "may_see_sales": may_see_sales(user),
        "may_hire": may_hire(user),
    }
