#!/usr/bin/env python
"""Runs one management command, with the embedded database up for as long as the command needs it."""

import os
import signal
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError

from dashboard import postgres

# These never open a connection, so they need not wait for a cluster.
WITHOUT_DATABASE = {"help", "--help", "-h", "version", "--version", "collectstatic", "diffsettings"}


def main(arguments: list[str]) -> None:
    """Run the command; a terminated command still leaves the cluster tidy."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if len(arguments) > 1 and arguments[1] not in WITHOUT_DATABASE:
        postgres.hold()
    try:
        execute_from_command_line(arguments)
    except OperationalError as error:  # the database is away, full or shutting down: nothing that a traceback would explain
        sys.exit(f"The database failed: {' '.join(str(error).split())}")


if __name__ == "__main__":
    main(sys.argv)
