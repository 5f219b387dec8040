"""Moves through the pipeline: log, cache and counters together, refusals in sentences, and the last opening under real threads."""

import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobs import pipeline
from jobs.models import Application, Batch, Job, StageEvent
from jobs.refusal import Refused

from .factories import DAY, NOW, make_application, make_candidate, make_job, make_pipeline, make_reason, stage

pytestmark = pytest.mark.django_db


def entered(job=None, **fields):
    """An application with its log, applied the day before."""
    application = Application(job=job or make_job(), candidate=make_candidate(), applied_at=NOW - DAY, **fields)
    return pipeline.enter(application, None)


def rows(*applications):
    return Application.objects.filter(pk__in=[application.pk for application in applications])


def test_enter_puts_an_application_into_the_first_stage_with_its_first_event(recruiter):
    application = pipeline.enter(Application(job=make_job(), candidate=make_candidate()), recruiter, now=NOW)
    event = StageEvent.objects.get()
    assert (application.stage.kind, application.applied_at, application.stage_since) == ("applied", NOW, NOW)
    assert (event.application, event.from_stage, event.to_stage, event.at, event.actor) == (application, None, application.stage, NOW, recruiter)


def test_enter_refuses_a_second_active_application_in_a_sentence():
    first = entered()
    with pytest.raises(Refused, match="already has an active application"):
        pipeline.enter(Application(job=first.job, candidate=first.candidate), None)
    assert Application.objects.count() == StageEvent.objects.count() == 1


def test_move_writes_the_log_and_the_cache_together(recruiter):
    application = entered()
    screen = stage(application.job, "screen")
    assert pipeline.move(rows(application), screen, recruiter, now=NOW, note="strong letter") == 1
    application.refresh_from_db()
    event = StageEvent.objects.latest("pk")
    assert (application.stage, application.stage_since, application.status) == (screen, NOW, "active")
    assert (event.from_stage.kind, event.to_stage, event.at, event.actor, event.note, event.batch) == (
        "applied",
        screen,
        NOW,
        recruiter,
        "strong letter",
        None,
    )
    assert pipeline.problems() == []


def test_move_of_several_is_one_batch_and_a_constant_number_of_statements(recruiter):
    counts = []
    for number in (2, 6):
        job = make_job()
        moving = [entered(job) for _ in range(number)]
        with CaptureQueriesContext(connection) as queries:
            assert pipeline.move(rows(*moving), stage(job, "screen"), recruiter, now=NOW) == number
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert sorted(batch.events.count() for batch in Batch.objects.all()) == [2, 6]


def test_move_into_the_stage_where_it_is_already_changes_nothing():
    application = entered()
    assert pipeline.move(rows(application), application.stage, None, now=NOW) == 0
    assert StageEvent.objects.count() == 1


def test_move_into_a_stage_of_another_pipeline_is_refused():
    application = entered()
    foreign = make_pipeline().stages.first()
    with pytest.raises(Refused, match="not a stage of"):
        pipeline.move(rows(application), foreign, None, now=NOW)


def test_move_of_a_closed_application_is_refused():
    application = make_application(status="rejected")
    with pytest.raises(Refused, match="is rejected; reopen"):
        pipeline.move(rows(application), stage(application.job, "screen"), None, now=NOW)


def test_move_into_hired_takes_an_opening_and_out_of_it_gives_it_back():
    application = entered(make_job(openings=1))
    pipeline.move(rows(application), stage(application.job, "hired"), None, now=NOW)
    application.refresh_from_db()
    assert (application.status, application.hired_at, application.closed_at) == ("hired", NOW, NOW)
    assert Job.objects.get().hired_count == 1
    pipeline.move(rows(application), stage(application.job, "offer"), None, now=NOW + DAY)
    application.refresh_from_db()
    assert (application.status, application.hired_at, application.closed_at) == ("active", None, None)
    assert Job.objects.get().hired_count == 0
    assert pipeline.problems() == []


def test_move_of_two_into_one_opening_moves_nobody():
    job = make_job(openings=1)
    first, second = entered(job), entered(job)
    with pytest.raises(Refused, match="has 1 opening left"):
        pipeline.move(rows(first, second), stage(job, "hired"), None, now=NOW)
    assert set(Application.objects.values_list("stage__kind", "status")) == {("applied", "active")}
    assert StageEvent.objects.count() == 2


def test_close_keeps_the_stage_and_reopen_takes_it_up_again():
    application = entered()
    reason = make_reason()
    assert pipeline.close(rows(application), "rejected", reason, now=NOW) == 1
    application.refresh_from_db()
    assert (application.status, application.stage.kind, application.reason, application.closed_at) == ("rejected", "applied", reason, NOW)
    with pytest.raises(Refused, match="already rejected"):
        pipeline.close(rows(application), "withdrawn", None, now=NOW)
    assert pipeline.reopen(rows(application)) == 1
    application.refresh_from_db()
    assert (application.status, application.reason, application.closed_at) == ("active", None, None)
    with pytest.raises(Refused, match="nothing to reopen"):
        pipeline.reopen(rows(application))


def test_reopen_beside_a_newer_active_application_is_refused_in_a_sentence():
    job, candidate = make_job(), make_candidate()
    old = make_application(job, candidate=candidate, status="rejected")
    make_application(job, candidate=candidate)
    with pytest.raises(Refused, match="already has an active application"):
        pipeline.reopen(rows(old))


def test_problems_names_what_tables_cannot_forbid_each_other():
    job = make_job(openings=3, hired_count=2)
    stranger = entered(job)
    Application.objects.filter(pk=stranger.pk).update(stage=make_pipeline().stages.first())
    make_application(job)
    assert pipeline.problems() == [
        f"Job {job.key} counts 2 hires, but 0 of its applications are hired.",
        f"Application {stranger.key} is in a stage of another pipeline than its job's.",
        f"Application {stranger.key} is not where its log says.",
        f"Application {Application.objects.latest('pk').key} has no log.",
    ]


def test_problems_leaves_imported_applications_without_dates_alone():
    make_application(applied_at=None)
    assert pipeline.problems() == []


@pytest.mark.django_db(transaction=True)
def test_four_hires_at_once_on_one_opening_give_one_success():
    job = make_job(openings=1)
    hired, contenders = stage(job, "hired"), [entered(job) for _ in range(4)]
    start, outcomes = threading.Barrier(4), []

    def hire(application):
        try:
            start.wait()
            outcomes.append(pipeline.move(rows(application), hired, None, now=NOW))
        except Refused as refusal:
            outcomes.append(str(refusal))
        finally:
            connection.close()

    run([threading.Thread(target=hire, args=[application]) for application in contenders])
    job.refresh_from_db()
    assert sorted(outcomes, key=str) == [1, *[f"{job.title} has no openings left. Add openings first."] * 3]
    assert (job.hired_count, job.applications.filter(status="hired").count()) == (1, 1)
    assert pipeline.problems() == []


@pytest.mark.django_db(transaction=True)
def test_two_crossing_bulk_moves_wait_for_each_other():
    job = make_job()
    moving = [entered(job) for _ in range(12)]
    start, moved = threading.Barrier(2), []

    def move(kind, order):
        start.wait()
        moved.append(pipeline.move(rows(*moving).order_by(order), stage(job, kind), None, now=NOW))
        connection.close()

    run([threading.Thread(target=move, args=["screen", "pk"]), threading.Thread(target=move, args=["offer", "-pk"])])
    assert moved == [12, 12]
    assert len(set(job.applications.values_list("stage", flat=True))) == 1
    assert StageEvent.objects.count() == 36


def run(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
