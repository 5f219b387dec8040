"""What a process remembers of the business data: values, and whole answers, for as long as nobody changes anything.

The key is the version of the data that came with the session (sessions.py), so nothing here can be stale and nothing has to be cleared.
"""

from collections.abc import Callable
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags, quote_etag
from django.utils.timezone import localdate

from .sessions import data_version

KEPT = ("Content-Type", "HX-Push-Url")
HOUR = 3600
RELEASE = max(file.stat().st_mtime_ns for pattern in ("*/*.py", "templates/**/*.html") for file in settings.BASE_DIR.glob(pattern))
_values = {}


def remembered[T](request, name: str, make: Callable[[], T]) -> T:
    """The value `make` gives for this state of the data; only the latest state is kept. Without a session it is made each time."""
    version = data_version(request)
    if version is None:
        return make()
    known = _values.get(name)
    if known is None or known[0] != version:
        known = _values[name] = (version, make())
    return known[1]


def same_answer(request, rights: str, make: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer `make` gave to the same request in the same state of the data, on the same day, for anybody with the same rights.

    Only for answers without anything of one person: no forms, no names, no messages. Carries an ETag, so that a client that kept the
    answer is told that it still holds.
    """
    version = data_version(request)
    if version is None:
        return make()
    words = (version, RELEASE, str(localdate()), rights, request.htmx.target if request.htmx else "", request.get_full_path())
    # Weak from the start: compression would make it so, and then the tag that comes back would not be the one that is known here.
    etag = f"W/{quote_etag(sha256('\n'.join(map(str, words)).encode()).hexdigest()[:32])}"
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return _tagged(HttpResponseNotModified(), etag)
    kept = cache.get(etag)
    if kept:
        response = HttpResponse(kept[0])
        for name, value in kept[1].items():
            response[name] = value
        return _tagged(response, etag)
    response = make()
    if response.status_code == 200 and not response.streaming:  # noqa: PLR2004 - an answer that is right
        cache.set(etag, (response.content, {name: response[name] for name in KEPT if name in response}), HOUR)
        _tagged(response, etag)
    return response


def _tagged(response: HttpResponse, etag: str) -> HttpResponse:
    response["ETag"] = etag
    patch_vary_headers(response, ["Cookie"])
    return response
