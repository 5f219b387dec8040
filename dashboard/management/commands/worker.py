"""The one background process: chores on the main thread, tasks beside them; both outlive a restart of the database."""

import signal
import threading

from django.conf import settings
from django.core.management.base import BaseCommand

from dashboard import chores, lifeline, tasks

STOP_PATIENCE = 1.5  # seconds for a running task; what it did not commit is undone, and it starts again with the next worker


class Command(BaseCommand):
    """Drain summary marks, tidy up, run tasks."""

    help = "Runs background work until it is told to stop."
    requires_system_checks = []

    def handle(self, **options):
        """Work until SIGTERM, SIGINT or the end of the supervisor."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        lifeline.watch(stop.set)
        runner = tasks.Runner(settings.DATA_DIR, stop)
        runner.start()
        chores.run_until(stop.wait, [chores.Chore(*chore) for chore in settings.CHORES])
        runner.finish(STOP_PATIENCE)
