"""The entry point of the web server: Django with the limits that a request has to keep."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from dashboard import postgres

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
os.environ.setdefault("STATEMENT_TIMEOUT", "5")
postgres.hold()
application = get_wsgi_application()
# Everything imported before the first worker is forked is shared by all workers, and no visitor waits for it.
get_resolver().url_patterns  # noqa: B018
