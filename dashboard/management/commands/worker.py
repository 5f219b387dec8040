"""The one background process: chores on the main thread, tasks beside them; both outlive a restart of the database."""

import logging
import os
import signal
import socket
import threading

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, connection
from django_tasks_db.management.commands.db_worker import Worker

from dashboard import chores, lifeline

logger = logging.getLogger(__name__)

STOP_PATIENCE = 1.5  # seconds for a running task; what it did not commit is undone


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
        worker = Worker(
            queue_names=["*"],
            interval=1,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=f"{socket.gethostname()[:40]}-{os.getpid()}",
            excluded_queue_names=[],
        )
        tasks = threading.Thread(target=run_tasks, args=[worker, stop], name="tasks", daemon=True)
        tasks.start()
        chores.run_until(stop.wait, [chores.Chore(*chore) for chore in settings.CHORES])
        worker.running = False
        tasks.join(STOP_PATIENCE)


def run_tasks(worker: Worker, stop: threading.Event) -> None:
    """Keep the package's loop going: it gives up when the database is away for a moment."""
    while not stop.is_set():
        try:
            worker.run()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("tasks: %s, trying again", type(error).__name__)
            connection.close()
            stop.wait(2)
