"""Moves and new applications taken back: the log of stages keeps both, and every figure is as before."""

import pytest
from django.utils import timezone

from dashboard.changes import change_set
from dashboard.undo import undo
from jobs import pipeline
from jobs.models import Application, Candidate, Job, Pipeline, StageEvent


@pytest.fixture
def job(db):
    return Job.objects.create(
        key="backend", title="Backend", slug="backend", pipeline=Pipeline.objects.first(), status="open", openings=1,
        opened_at=timezone.now(), published_at=timezone.now(), country="NL",
    )  # fmt: skip


@pytest.fixture
def application(job, recruiter):
    candidate = Candidate.objects.create(full_name="Ada Byron", email="ada@example.com", key="ada")
    return pipeline.enter(Application(job=job, candidate=candidate, key="a1"), recruiter)


def snapshot():
    fields = ("stage_id", "stage_since", "status", "hired_at", "closed_at")
    return list(Application.objects.values(*fields)), list(Job.objects.values("hired_count")), effective()


def effective():
    return list(StageEvent.objects.effective().order_by("at").values("from_stage_id", "to_stage_id", "at"))


def move_to(application, kind, user):
    stage = application.job.pipeline.stages.filter(kind=kind).first()
    with change_set(user, "application.moved", "moved Ada Byron") as change:
        change.count = pipeline.move(Application.objects.filter(pk=application.pk), stage, user)
    return change


@pytest.mark.parametrize("kind", ["interview", "hired"])
def test_undone_move_leaves_every_figure_as_before(application, recruiter, kind):
    before = snapshot()
    change = move_to(application, kind, recruiter)
    after = snapshot()
    outcome = undo(change, recruiter)
    assert (snapshot(), outcome.conflicts) == (before, [])
    assert StageEvent.objects.count() == 3
    undo(outcome.change, recruiter)
    assert snapshot() == after
    assert undo(change, recruiter).conflicts == []  # the same move once more, which was made again meanwhile
    assert snapshot() == before
    assert pipeline.problems() == []


def test_undone_entry_removes_the_application_and_its_log(job, recruiter):
    candidate = Candidate.objects.create(full_name="Ada Byron", email="ada@example.com", key="ada")
    with change_set(recruiter, "application.added", "added Ada Byron") as change:
        pipeline.enter(Application(job=job, candidate=candidate, key="a1"), recruiter)
    outcome = undo(change, recruiter)
    assert (Application.objects.count(), StageEvent.objects.count(), outcome.conflicts) == (0, 0, [])
    undo(outcome.change, recruiter)
    assert (Application.objects.count(), StageEvent.objects.count()) == (1, 1)


def test_application_moved_since_is_not_removed(job, recruiter):
    candidate = Candidate.objects.create(full_name="Ada Byron", email="ada@example.com", key="ada")
    with change_set(recruiter, "application.added", "added Ada Byron") as change:
        application = pipeline.enter(Application(job=job, candidate=candidate, key="a1"), recruiter)
    move_to(application, "interview", recruiter)
    outcome = undo(change, recruiter)
    assert len(outcome.conflicts) == 1
    assert (Application.objects.count(), StageEvent.objects.count()) == (1, 2)
