"""Who may open which view. Roles are Django groups; superusers have all of them. Which rows: that is `for_user` querysets."""

from functools import wraps
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

MANAGERS = "Managers"
VIEWERS = "Viewers"
RECRUITERS = "Recruiters"
ROLES = (MANAGERS, VIEWERS, RECRUITERS)


def roles_of(user) -> frozenset[str]:
    """The roles of a signed-in user, read once per request."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    if user.is_superuser:
        return frozenset(ROLES)
    if not hasattr(user, "roles"):  # else they came with the session
        user.roles = frozenset(user.groups.values_list("name", flat=True)) & set(ROLES)
    return user.roles


def may_see_sales(user) -> bool:
    """Managers and viewers browse the sales pages."""
    return bool(roles_of(user) & {MANAGERS, VIEWERS})


def may_edit_sales(user) -> bool:
    """Only managers change products, prices and stock."""
    return MANAGERS in roles_of(user)


def may_hire(user) -> bool:
    """Recruiters browse and change everything on the hiring side."""
    return RECRUITERS in roles_of(user)


def to_sign_in(request) -> HttpResponse:
    """Send an anonymous request to the sign-in page, and back afterwards; an htmx request leaves its page for it.

    The page to come back to is the one in the browser's address bar, not the fragment's address.
    """
    if not request.htmx:
        return redirect_to_login(request.get_full_path())
    current = request.htmx.current_url or ""
    parts = urlsplit(current)
    back = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if not url_has_allowed_host_and_scheme(current, {request.get_host()}, require_https=request.is_secure()):
        back = resolve_url("home")
    response = HttpResponse(status=204)
    response["HX-Redirect"] = redirect_to_login(back).url
    return response


def _guard(allowed):
    def decorator(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.is_authenticated:
                return to_sign_in(request)
            if not allowed(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorator


signed_in = _guard(lambda user: True)
sales_page = _guard(may_see_sales)
sales_write = _guard(may_edit_sales)
hiring_page = _guard(may_hire)
