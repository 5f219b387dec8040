"""Writes of the hiring pages: what changes, what is refused with which sentence, and the change set each leaves."""

import threading

import pytest
from django.db import connection

from dashboard.models import ChangeSet
from jobs import actions
from jobs.forms import JobForm
from jobs.models import Application, Job, JobHold, Note
from jobs.refusal import Refused

from .factories import DAY, NOW, default_pipeline, make_application, make_candidate, make_job, make_reason, make_skill, stage

pytestmark = pytest.mark.django_db


def rows(*jobs):
    return Job.objects.filter(pk__in=[job.pk for job in jobs])


def recorded():
    """Change sets of the pages; what factories write is recorded as done outside them."""
    return ChangeSet.objects.filter(verb__startswith="job.")


def test_f_expression_openings_go_up_and_down_by_one(recruiter):
    job = make_job(openings=2)
    assert actions.change_openings(rows(job), 1, recruiter) == 1
    assert actions.change_openings(rows(job), -1, recruiter) == 1
    job.refresh_from_db()
    assert job.openings == 2
    assert list(recorded().values_list("verb", "count", "user").distinct().order_by("verb")) == [("job.openings_changed", 1, recruiter.pk)]


@pytest.mark.parametrize(("openings", "hired", "sentence"), [(2, 2, "2 already hired"), (1, 0, "at least one opening")])
def test_f_expression_openings_never_fall_below_hires_or_one(recruiter, openings, hired, sentence):
    job = make_job(openings=openings, hired_count=hired)
    with pytest.raises(Refused, match=sentence):
        actions.change_openings(rows(job), -1, recruiter)
    job.refresh_from_db()
    assert job.openings == openings
    assert not recorded().exists()


@pytest.mark.django_db(transaction=True)
def test_f_expression_openings_are_exact_under_eight_threads():
    job = make_job(openings=5)
    refused = []

    def step(by):
        try:
            actions.change_openings(rows(job), by, None)
        except Refused as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=step, args=[by]) for by in (-1, -1, -1, -1, -1, -1, 1, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    job.refresh_from_db()
    assert job.openings == 5 - (6 - len(refused)) + 2


def test_publish_sets_dates_once_and_names_what_it_leaves_out(recruiter):
    draft, empty, late = make_job(status="draft"), make_job(status="draft", description=" "), make_job(status="draft", closes_at=NOW - DAY)
    outcome = actions.set_status(rows(draft, empty, late), "open", recruiter, now=NOW)
    draft.refresh_from_db()
    assert (outcome.count, draft.status, draft.published_at, draft.opened_at) == (1, "open", NOW, NOW)
    assert outcome.refused == [f"{empty.title}: write a description before publishing.", f"{late.title}: the last day has passed; change that first."]
    assert recorded().get().sentence == f"published {draft.title}"


def test_pause_opens_a_hold_that_publishing_or_closing_ends(recruiter):
    job = make_job(opened_at=NOW - 20 * DAY, published_at=NOW - 20 * DAY)
    actions.set_status(rows(job), "paused", recruiter, now=NOW - 10 * DAY)
    assert JobHold.objects.get().period.upper is None
    actions.set_status(rows(job), "open", recruiter, now=NOW - 4 * DAY)
    hold = JobHold.objects.get()
    assert (hold.period.lower, hold.period.upper) == (NOW - 10 * DAY, NOW - 4 * DAY)
    assert Job.objects.with_days_open(NOW).get().days_open == 14
    job.refresh_from_db()
    assert job.published_at == NOW - 20 * DAY


def test_close_dates_the_job_and_reopening_takes_the_date_away(recruiter):
    job = make_job()
    actions.set_status(rows(job), "closed", recruiter, now=NOW)
    assert rows(job).values_list("status", "closed_at").get() == ("closed", NOW)
    actions.set_status(rows(job), "open", recruiter, now=NOW + DAY)
    assert rows(job).values_list("status", "closed_at").get() == ("open", None)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("open", "open", "open already."),
        ("draft", "paused", "only an open job can be paused."),
        ("draft", "closed", "a draft was never open; delete it instead."),
    ],
)
def test_status_that_cannot_follow_is_refused_with_the_reason(recruiter, before, after, reason):
    job = make_job(status=before)
    outcome = actions.set_status(rows(job), after, recruiter, now=NOW)
    assert (outcome.count, outcome.refused) == (0, [f"{job.title}: {reason}"])
    assert not recorded().exists()


def test_open_job_never_becomes_a_draft_again(recruiter):
    with pytest.raises(Refused, match="draft again"):
        actions.set_status(rows(make_job()), "draft", recruiter, now=NOW)


def test_f_expression_rating_stays_between_zero_and_five(recruiter):
    application = make_application(rating=4)
    rows = Application.objects.filter(pk=application.pk)
    assert actions.rate(rows, 1, recruiter) == 1
    with pytest.raises(Refused, match="0 to 5"):
        actions.rate(rows, 1, recruiter)
    rows.update(rating=0)
    with pytest.raises(Refused, match="0 to 5"):
        actions.rate(rows, -1, recruiter)
    application.refresh_from_db()
    assert application.rating == 0


def test_change_sets_say_who_was_moved_or_rejected_and_how_many(recruiter):
    job = make_job()
    ada = make_application(job, candidate=make_candidate(full_name="Ada"))
    make_application(job)
    actions.move(Application.objects.filter(pk=ada.pk), stage(job, "screen"), recruiter, now=NOW)
    actions.reject(Application.objects.all(), make_reason("Too far"), recruiter, now=NOW)
    said = ChangeSet.objects.filter(verb__startswith="application.").order_by("pk").values_list("sentence", "count")
    assert list(said) == [("moved Ada to Screen", 1), ("rejected 2 applications: Too far", 2)]


def test_note_is_signed_by_who_writes_it(recruiter):
    note = actions.add_note(Note(application=make_application(), body="Good"), recruiter)
    assert Note.objects.get() == note
    assert note.author == recruiter


def form(instance=None, **fields):
    plain = {"title": "Clerk", "pipeline": default_pipeline().pk, "openings": 1, "description": "Do."}
    return JobForm(plain | fields, instance=instance)


def test_many_to_many_through_saving_a_job_keeps_each_skill_once(recruiter):
    make_skill("Python")
    filled = form(required_skills="python, SQL, Python", nice_skills="sql, Excel")
    assert filled.is_valid(), filled.errors
    job = actions.save_job(filled, recruiter)
    assert sorted((link.skill.name, link.required) for link in job.job_skills.all()) == [("Excel", False), ("Python", True), ("SQL", True)]
    again = form(instance=job, required_skills="Excel", nice_skills="Python")
    assert again.is_valid(), again.errors
    actions.save_job(again, recruiter)
    assert sorted((link.skill.name, link.required) for link in job.job_skills.all()) == [("Excel", True), ("Python", False)]


def test_saving_a_job_keeps_hires_made_since_the_form_was_shown(recruiter):
    job = make_job(openings=2)
    filled = form(instance=job, title="Renamed", openings=1)
    assert filled.is_valid(), filled.errors
    Job.objects.filter(pk=job.pk).update(hired_count=2)
    with pytest.raises(Refused, match="2 already hired"):
        actions.save_job(filled, recruiter)
    assert Job.objects.values_list("openings", "hired_count").get() == (2, 2)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"salary_min": "5"}, "salary_max"),
        ({"workplace": "onsite"}, "country"),
        ({"workplace": "remote"}, "remote_countries"),
        ({"openings": "0"}, "openings"),
        ({"salary_min": "1", "salary_max": "2", "salary_currency": "eur", "salary_period": "year"}, "salary_currency"),
        ({"required_skills": "x" * 81}, "required_skills"),
        ({"required_skills": "a\0b"}, "required_skills"),
        ({"title": ""}, "title"),
    ],
)
def test_job_form_names_the_field_to_mend(fields, field):
    assert list(form(**fields).errors) == [field]
