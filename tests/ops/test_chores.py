"""Chores come back at once while there is work, in time when there is none, later and later while they fail."""

import pytest
from django.db import OperationalError

from dashboard import chores

calls = []


def busy_twice():
    calls.append("busy")
    return 1 if len(calls) < 3 else 0


def broken():
    calls.append("broken")
    raise ValueError("a mistake")


def away():
    calls.append("away")
    raise OperationalError("no server")


@pytest.fixture(autouse=True)
def _clean():
    calls.clear()


def run(path: str, rounds: int) -> list[float]:
    """Do so many rounds and return the waits between them."""
    waits = []

    def stopped(wait: float) -> bool:
        waits.append(wait)
        chore.due = 0
        return len(waits) == rounds

    chore = chores.Chore(f"{__name__}.{path}", 1)
    chores.run_until(stopped, [chore])
    return waits


def test_work_found_means_no_wait(db, monkeypatch):
    monkeypatch.setattr(chores, "import_string", lambda path: busy_twice)
    assert [round(wait, 1) for wait in run("busy_twice", 4)] == [0, 0, 1, 1]


@pytest.mark.parametrize("function", [broken, away])
def test_failures_wait_longer_each_time_and_never_for_ever(db, monkeypatch, caplog, function):
    monkeypatch.setattr(chores, "import_string", lambda path: function)
    assert [round(wait) for wait in run(function.__name__, 8)] == [2, 4, 8, 16, 32, 60, 60, 60]
    assert ("Traceback" in caplog.text) is (function is broken)
