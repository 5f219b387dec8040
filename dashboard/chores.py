"""How the worker does things again and again: when, and how patiently after a failure. What somebody asks for is a task, not a chore."""

import logging
import time
from collections.abc import Callable, Iterable

from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 60


class Chore:
    """One function, due every so many seconds; sooner while it finds work, later while it fails."""

    def __init__(self, path: str, period: float) -> None:
        self.path = path
        self.period = period
        self.due = 0.0
        self.failures = 0

    @property
    def run(self) -> Callable[[], int | None]:
        """The function itself; found late, so that a command which never runs it never imports it."""
        return import_string(self.path)

    def attempt(self) -> None:
        """Run once and decide when to come back; a database that is away is waited for, anything else is logged with its trace."""
        try:
            worked = self.run()
        except (DatabaseError, InterfaceError) as error:
            self.failures += 1
            logger.warning("%s: %s, trying again", self.path, type(error).__name__)
            connection.close()
        except Exception:
            self.failures += 1
            logger.exception("%s failed, trying again", self.path)
        else:
            self.failures = 0
            pause = 0 if worked and self.period <= 1 else self.period
            self.due = time.monotonic() + pause
            return
        self.due = time.monotonic() + min(2**self.failures, LONGEST_PAUSE)


def run_until(stopped: Callable[[float], bool], chores: Iterable[Chore]) -> None:
    """Do chores as they come due until `stopped(seconds)`, which also does the waiting, says so."""
    chores = list(chores)
    while True:
        close_old_connections()
        for chore in chores:
            if chore.due <= time.monotonic():
                chore.attempt()
        if stopped(max(min(chore.due for chore in chores) - time.monotonic(), 0)):
            return
