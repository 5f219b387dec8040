"""The entry point of the web server: Django with the limits that a request has to keep."""

import os

import django
from django.core.handlers.wsgi import WSGIHandler
from django.urls import get_resolver

from dashboard import lifeline, postgres

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
os.environ.setdefault("STATEMENT_TIMEOUT", "5")
django.setup(set_prefix=False)
# Imported before the first worker is forked, the pages are shared by all workers and ready for the first visitor.
get_resolver().url_patterns  # noqa: B018
lifeline.wait_for_go()
postgres.hold()
application = WSGIHandler()
