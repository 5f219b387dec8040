"""What a killed worker left half done starts again, unless it is what kills workers."""

import fcntl
import os
import threading

import pytest
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from dashboard import tasks


@pytest.fixture
def left_running(db):
    """A task as a killed worker leaves it: left_running("its worker", ...)."""

    def make(*workers: str) -> DBTaskResult:
        return DBTaskResult.objects.create(
            status=TaskResultStatus.RUNNING,
            worker_ids=list(workers),
            task_path="dashboard.import_tasks.check_import",
            args_kwargs={"args": [0], "kwargs": {}},
            backend_name="default",
            run_after=timezone.now(),
        )

    return make


def test_a_task_left_running_starts_again(left_running):
    mine, other = left_running("me"), left_running("somebody else")
    tasks.take_back("me")
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.status, mine.worker_ids) == (TaskResultStatus.READY, ["me"])
    assert other.status == TaskResultStatus.RUNNING


def test_a_task_that_ended_three_workers_is_given_up(left_running):
    mine = left_running("me", "me", "me")
    tasks.take_back("me")
    mine.refresh_from_db()
    assert mine.status == TaskResultStatus.FAILED
    assert "3 times" in mine.traceback


def test_only_one_worker_has_the_name_of_the_installation(tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "PREDECESSOR_PATIENCE", 0.3)
    first, second = (tasks.Runner(tmp_path, threading.Event()) for _ in range(2))
    assert first.alone
    assert not second.alone
    assert second.name.endswith(f"-{os.getpid()}")
    fcntl.flock(first.lock, fcntl.LOCK_UN)
    assert tasks.Runner(tmp_path, threading.Event()).name == first.name
