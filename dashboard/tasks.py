"""Runs the tasks that people asked for, inside the worker, and takes back those that a killed worker left half done."""

import fcntl
import hashlib
import logging
import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

from django.db import DatabaseError, InterfaceError, connection
from django.tasks import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

logger = logging.getLogger(__name__)

MOST_TRIES = 3  # a task that takes its worker down with it must not do so for ever
PREDECESSOR_PATIENCE = 3  # seconds


class Runner:
    """The package's loop, on a thread of its own, for as long as the worker lives."""

    def __init__(self, data_dir: Path, stop: threading.Event) -> None:
        self.stop = stop
        self.lock = (data_dir / "worker.lock").open("w")
        self.alone = take(self.lock)
        digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
        # The only worker of an installation keeps its name, and so knows what its predecessor was at.
        self.name = f"{socket.gethostname()[:40]}-{digest if self.alone else os.getpid()}"
        self.worker = Worker(
            queue_names=["*"],
            interval=1,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=self.name,
            excluded_queue_names=[],
        )
        self.thread = threading.Thread(target=self.work, name="tasks", daemon=True)

    def start(self) -> None:
        """Begin, in the background."""
        self.thread.start()

    def finish(self, patience: float) -> None:
        """Take no further task and leave the present one so many seconds."""
        self.worker.running = False
        self.thread.join(patience)

    def work(self) -> None:
        """Keep the loop going: it gives up when the database is away for a moment."""
        forgotten = self.alone
        while not self.stop.is_set():
            try:
                if forgotten:
                    take_back(self.name)
                    forgotten = False
                self.worker.run()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("tasks: %s, trying again", type(error).__name__)
                connection.close()
                self.stop.wait(2)


def take(lock) -> bool:
    """Take the lock of the installation's worker, giving a predecessor that was just told to stop a moment to go."""
    deadline = time.monotonic() + PREDECESSOR_PATIENCE
    while time.monotonic() < deadline:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.1)
    return False


def take_back(name: str) -> None:
    """Make the tasks that this worker's predecessor was running ready again: what they did not commit never happened."""
    for task in DBTaskResult.objects.running().filter(worker_ids__contains=[name]):
        if len(task.worker_ids) < MOST_TRIES:
            DBTaskResult.objects.filter(pk=task.pk).update(status=TaskResultStatus.READY, started_at=None)
            logger.warning("task %s was left half done and starts again", task.pk)
        else:
            task.set_failed(RuntimeError(f"The worker ended {MOST_TRIES} times while it ran this task."))
            logger.error("task %s ended its worker %s times and is given up", task.pk, MOST_TRIES)
