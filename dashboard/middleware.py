"""What every answer carries, and what a failing database looks like from outside."""

import logging
from http import HTTPStatus

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template import loader
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.timezone import localdate

from .changes import change_set
from .models import ApiToken, hash_token

logger = logging.getLogger(__name__)

QUERY_CANCELED = "57014"


def took_too_long(error: Exception) -> bool:
    """Whether the database gave up because of a time limit."""
    return getattr(error.__cause__, "sqlstate", None) == QUERY_CANCELED


class ShellMiddleware:
    """Sign in API tokens for exports, forbid caching of private pages, and turn database trouble into an honest 503."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Answer the request, then add what every answer carries."""
        if "Authorization" in request.headers:
            refusal = self.sign_in_by_token(request)
            if refusal:
                return refusal
        response = self.get_response(request)
        patch_vary_headers(response, ["HX-Request", "HX-Target", "HX-History-Restore-Request"])
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if settings.SESSION_COOKIE_NAME in request.COOKIES or request.path.startswith("/accounts/"):
            response.setdefault("Cache-Control", "private, no-store")
        return response

    def sign_in_by_token(self, request):
        """Make a reading request with a valid token its owner's; tokens never write and never open pages."""
        scheme, _, secret = request.headers["Authorization"].partition(" ")
        if scheme.lower() != "bearer" or request.method not in {"GET", "HEAD"} or "export" not in request.GET:
            return HttpResponse("A token reads exports only: GET with ?export=csv, xlsx or json.", status=401, content_type="text/plain")
        token = ApiToken.objects.select_related("user").filter(token_hash=hash_token(secret.strip()), user__is_active=True).first()
        if token is None:
            return HttpResponse("This token is not known.", status=401, content_type="text/plain")
        if token.last_used_on != localdate():
            ApiToken.objects.filter(pk=token.pk).update(last_used_on=localdate())
        request.user = token.user
        return None

    def process_exception(self, request, exception):
        """A database that is away, full or too slow is a 503 with a reason, never a 500 with a stack."""
        if not isinstance(exception, OperationalError | InterfaceError) and type(exception).__name__ != "PoolTimeout":
            return None
        too_slow = took_too_long(exception)
        logger.warning("database trouble on %s: %s", request.path, type(exception).__name__)
        body = loader.render_to_string("503.html", {"too_slow": too_slow})
        return HttpResponse(body, status=503, headers={"Retry-After": "5"})


class FailedError(Exception):
    """An answer that is a server error, raised so that its transaction does not stay: half of the edit was done when it failed."""

    def __init__(self, response):
        super().__init__(response.status_code)
        self.response = response


class AdminChangesMiddleware:
    """Make each POST in the administration one change set of its user: one transaction, so that the log knows who it was."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.prefix = None

    def __call__(self, request):
        """Wrap what writes; everything else passes."""
        self.prefix = self.prefix or reverse("admin:index")
        if request.method != "POST" or not request.path.startswith(self.prefix) or not request.user.is_authenticated:
            return self.get_response(request)
        try:
            return self.in_change_set(request)
        except FailedError as failure:
            return failure.response

    def in_change_set(self, request):
        """Answer inside a change set; raises FailedError with an answer that is a server error."""
        with change_set(request.user, "admin.edited", "edited in the administration"):
            response = self.get_response(request)
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise FailedError(response)
        return response
