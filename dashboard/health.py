"""What a load balancer or a monitor asks: is the process alive, and can it do its work. Says nothing about the inside."""

from functools import cache

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpResponse
from django.views.decorators.cache import never_cache


@never_cache
def live(request):
    """The process answers; no database involved, so that its absence restarts nobody."""
    return HttpResponse("alive\n", content_type="text/plain")


@never_cache
def ready(request):
    """The database answers and has every migration of this code."""
    try:
        missing = known_migrations() - MigrationRecorder(connection).applied_migrations().keys()
    except (DatabaseError, InterfaceError):
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain", headers={"Retry-After": "5"})
    if missing:
        return HttpResponse("migrations are pending\n", status=503, content_type="text/plain", headers={"Retry-After": "30"})
    return HttpResponse("ready\n", content_type="text/plain")


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Every migration that this code brings; read from the files once."""
    return frozenset(MigrationLoader(None).disk_migrations)
