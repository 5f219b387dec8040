"""Bulk actions on jobs and applications: what they leave alone and why, their words, their statements, and undo."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.bulk_views import bulk
from dashboard.models import ChangeSet
from jobs import pipeline
from jobs.bulk import APPLICATIONS, JOBS
from jobs.models import Application, Candidate, Job, JobHold, RejectionReason, StageEvent
from tests.bulk import both, first
from tests.sales.test_bulk import analyze, confirmed_request

from .factories import make_application, make_job, make_pipeline, stage

JOBS_URL, APPLICATIONS_URL = "/jobs/bulk/", "/jobs/applications/bulk/"


def last_change():
    return ChangeSet.objects.exclude(verb="direct").first()


# --- Jobs ----------------------------------------------------------------------------------------------------------------
def test_publishing_names_those_it_leaves_out_and_why(recruiter_client):
    ready, empty, opened = make_job(status="draft"), make_job(status="draft", description=" "), make_job()
    asked = {"action": "publish", "all": "1", "query": ""}
    body = recruiter_client.post(JOBS_URL, asked).content.decode()
    assert f'1 stays as before: write a description before publishing. <span class="muted">{empty.title}</span>' in body
    assert f'1 stays as before: open already. <span class="muted">{opened.title}</span>' in body
    both(recruiter_client, JOBS_URL, asked)
    ready.refresh_from_db()
    assert (ready.status, ready.published_at is not None, ready.opened_at is not None) == ("open", True, True)
    assert last_change().sentence == "published 1 job"


def test_jobs_of_a_filter_are_paused_with_their_holds_and_undone(recruiter_client):
    jobs = [make_job(department="Platform") for _ in range(3)]
    other = make_job()
    both(recruiter_client, JOBS_URL, {"action": "pause", "all": "1", "query": "department=Platform&status=open"})
    assert set(Job.objects.filter(status="paused")) == set(jobs)
    assert JobHold.objects.count() == 3
    change = last_change()
    assert change.sentence == "paused 3 jobs of Platform, Status: Open"
    recruiter_client.post(f"/changes/{change.pk}/undo/")
    assert set(Job.objects.filter(status="open")) == {*jobs, other}
    assert JobHold.objects.count() == 0


def test_closing_ends_the_holds_of_paused_jobs(recruiter_client):
    job = make_job(status="paused")
    JobHold.objects.create(job=job, period=(timezone.now() - timedelta(days=2), None))
    both(recruiter_client, JOBS_URL, {"action": "close", "ids": [job.pk]})
    assert Job.objects.values_list("status", flat=True).get() == "closed"
    assert JobHold.objects.get().period.upper is not None


def test_only_drafts_that_nobody_applied_to_are_deleted_and_come_back_whole(recruiter_client):
    draft, applied, opened = make_job(status="draft", skills=["SQL"]), make_job(status="draft"), make_job()
    make_application(applied)
    asked = {"action": "delete", "all": "1", "query": ""}
    body = recruiter_client.post(JOBS_URL, asked).content.decode()
    assert f'somebody applied. <span class="muted">{applied.title}</span>' in body
    assert f'only drafts are deleted; close it instead. <span class="muted">{opened.title}</span>' in body
    both(recruiter_client, JOBS_URL, asked)
    assert set(Job.objects.all()) == {applied, opened}
    recruiter_client.post(f"/changes/{last_change().pk}/undo/")
    assert Job.objects.get(pk=draft.pk).job_skills.get().skill.name == "SQL"


def test_somebody_who_applies_between_makes_a_deletion_void(recruiter_client):
    draft = make_job(status="draft")
    confirmed = first(recruiter_client, JOBS_URL, {"action": "delete", "ids": [draft.pk]})
    make_application(draft)
    assert recruiter_client.post(JOBS_URL, confirmed).status_code == 409
    assert Job.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"action": "publish"},
        {"action": "publish", "all": "1"},
        {"action": "burn", "ids": ["1"]},
        {"action": "delete", "ids": ["x", "1' or 1", "9" * 30]},
        {"action": "publish", "all": "1", "query": "status=nonsense"},
        {"action": "publish", "all": "1", "query": "skill=no-such-skill", "seen": f"1.{'a' * 32}"},
    ],
)
def test_wrong_form_or_filter_changes_no_job(recruiter_client, sent):
    make_job(status="draft")
    assert recruiter_client.post(JOBS_URL, sent).status_code == 422
    assert list(Job.objects.values_list("status", flat=True)) == ["draft"]


def test_rows_of_the_other_side_are_out_of_reach(manager_client, viewer_client, outsider_client):
    job = make_job()
    application = make_application(job)
    for person in (manager_client, viewer_client, outsider_client):
        assert person.post(JOBS_URL, {"action": "close", "ids": [job.pk]}).status_code == 403
        assert person.post(APPLICATIONS_URL, {"action": "reject", "ids": [application.pk]}).status_code == 403
    assert Job.objects.get().status == "open"


# --- Applications --------------------------------------------------------------------------------------------------------
def test_moving_asks_for_the_stage_and_offers_none_that_hires(recruiter_client):
    application = make_application(make_job())
    body = recruiter_client.post(APPLICATIONS_URL, {"action": "move", "ids": [application.pk]}).content.decode()
    assert "To which stage?" in body
    assert "Interview</option>" in body
    assert "Hired</option>" not in body


def test_applications_are_moved_with_their_history_and_taken_back(recruiter_client, recruiter):
    job = make_job()
    screen = stage(job, "screen")
    moving = [make_application(job) for _ in range(3)]
    there, hired, elsewhere = make_application(job), make_application(job), make_application(make_job(pipeline=make_pipeline()))
    Application.objects.filter(pk=there.pk).update(stage=screen)
    pipeline.move(Application.objects.filter(pk=hired.pk), stage(job, "hired"), recruiter)
    rejected = make_application(job)
    pipeline.close(Application.objects.filter(pk=rejected.pk), "rejected", RejectionReason.objects.first())
    asked = {"action": "move", "stage": screen.pk, "all": "1", "query": ""}
    body = recruiter_client.post(APPLICATIONS_URL, asked).content.decode()
    for reason in ("there already", "hired; move them one by one", "their job has other stages", "rejected or withdrawn; reopen them first"):
        assert f"1 stays as before: {reason}" in body
    events = StageEvent.objects.count()
    both(recruiter_client, APPLICATIONS_URL, asked)
    assert set(Application.objects.filter(stage=screen)) == {*moving, there}
    assert elsewhere.stage_id == Application.objects.get(pk=elsewhere.pk).stage_id
    latest = list(StageEvent.objects.order_by("-pk")[:3])
    assert StageEvent.objects.count() == events + 3
    assert {(event.from_stage.kind, event.to_stage, event.actor) for event in latest} == {("applied", screen, recruiter)}
    assert last_change().sentence == "moved all 3 applications to Screen"
    assert pipeline.problems() == [] or all("no log" in problem or "not where" in problem for problem in pipeline.problems())
    recruiter_client.post(f"/changes/{last_change().pk}/undo/")
    assert set(Application.objects.filter(stage=screen)) == {there}
    assert StageEvent.objects.filter(undoes__in=latest).count() == 3


def test_applications_of_a_job_are_rejected_for_a_reason_and_undone(recruiter_client):
    job, reason = make_job(title="Analyst"), RejectionReason.objects.first()
    mine, other = [make_application(job) for _ in range(2)], make_application(make_job())
    asked = {"action": "reject", "reason": reason.pk, "all": "1", "query": f"job={job.slug}"}
    both(recruiter_client, APPLICATIONS_URL, asked)
    assert set(Application.objects.filter(status="rejected", reason=reason)) == set(mine)
    assert last_change().sentence == f"rejected 2 applications of Analyst: {reason.name}"
    assert "Nothing to change here" in recruiter_client.post(APPLICATIONS_URL, asked).content.decode()
    recruiter_client.post(f"/changes/{last_change().pk}/undo/")
    assert set(Application.objects.filter(status="active")) == {*mine, other}


# --- Statements ----------------------------------------------------------------------------------------------------------
def make_drafts(rows: int) -> dict:
    """So many drafts of a department."""
    common = {"pipeline": make_job().pipeline, "description": "Do.", "status": "draft", "department": "Platform"}
    Job.objects.bulk_create(Job(key=f"d{n}", slug=f"d-{n}", title=f"Draft {n}", **common) for n in range(rows))
    return {}


def make_applications(rows: int) -> dict:
    """So many applications for one job."""
    job, now = make_job(title="Target"), timezone.now()
    people = Candidate.objects.bulk_create(Candidate(key=f"c{n}", full_name=f"Person {n}") for n in range(rows))
    common = {"job": job, "stage": stage(job, "applied"), "applied_at": now, "stage_since": now}
    Application.objects.bulk_create(Application(key=f"a{n}", candidate=person, **common) for n, person in enumerate(people))
    return {"slug": job.slug, "stage": stage(job, "screen").pk, "reason": RejectionReason.objects.first().pk}


@pytest.mark.parametrize("rows", [100, 10_000])
@pytest.mark.parametrize(
    ("bulk_list", "make", "actions"),
    [
        (JOBS, make_drafts, [f"action={action}&all=1&query=department%3DPlatform" for action in ("publish", "pause", "close")]),
        (JOBS, make_drafts, ["action=delete&all=1&query=department%3DPlatform"]),
        (
            APPLICATIONS,
            make_applications,
            ["action=move&stage={stage}&all=1&query=job%3D{slug}", "action=reject&reason={reason}&all=1&query=job%3D{slug}"],
        ),
    ],
    ids=["status of jobs", "delete jobs", "applications"],
)
def test_bulk_action_takes_at_most_ten_statements_for_a_hundred_and_for_ten_thousand_rows(recruiter, bulk_list, make, actions, rows):
    """Counted as on the sales side: every statement that the view sends but the savepoints of its transactions."""
    made = make(rows)
    table = bulk_list.model._meta.db_table
    analyze(table)
    for words in actions if rows == 100 else actions[:1]:  # ten thousand rows of the hiring side take seconds each time
        request = confirmed_request(bulk_list, recruiter, words.format(**made))
        with CaptureQueriesContext(connection) as sent:
            assert bulk(request, bulk_list).status_code == 302
        statements = [query["sql"] for query in sent if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(statements) <= 10, statements
        assert len([sql for sql in statements if sql.startswith((f'UPDATE "{table}"', f'DELETE FROM "{table}"'))]) == 1
        assert last_change().count == rows


def test_action_of_a_plan_that_hits_a_rule_of_the_database_says_so(recruiter_client):
    job = make_job(status="draft", closes_at=timezone.now() + timedelta(days=1))
    Job.objects.filter(pk=job.pk).update(published_at=timezone.now() - timedelta(days=9), opened_at=timezone.now() + timedelta(days=5))
    Job.objects.filter(pk=job.pk).update(status="open")
    response = both(recruiter_client, JOBS_URL, {"action": "close", "ids": [job.pk]})
    assert response.status_code == 409
    assert "A job cannot close before it opens." in response.content.decode()
    assert Job.objects.get().status == "open"
