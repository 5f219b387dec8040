"""What the lists of jobs ask the database: each question proven by the rows that answer it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobs.models import Health, Job, JobHold

from .factories import DAY, NOW, make_application, make_candidate, make_job, make_skill

pytestmark = pytest.mark.django_db


def test_exists_applied_to_returns_each_job_once():
    applied, _nobody = make_job(), make_job()
    for _ in range(3):
        make_application(applied)
    assert list(Job.objects.applied_to()) == [applied]


def test_not_exists_nobody_applied_to():
    applied, nobody = make_job(), make_job()
    make_application(applied)
    assert list(Job.objects.nobody_applied_to()) == [nobody]


def test_not_exists_quiet_since_counts_only_late_applications_and_leaves_out_undated_ones():
    lively, quiet, nobody, undated = make_job(), make_job(), make_job(), make_job()
    make_application(lively, applied_at=NOW - 3 * DAY)
    make_application(lively, applied_at=NOW - 30 * DAY)
    make_application(quiet, applied_at=NOW - 15 * DAY)
    make_application(undated, applied_at=None)
    assert set(Job.objects.quiet_since(NOW - 14 * DAY)) == {quiet, nobody, undated}


def test_exists_waiting_for_a_first_look_wants_an_active_application_in_an_applied_stage():
    unread, moved, closed = make_job(), make_job(), make_job()
    make_application(unread)
    make_application(moved, kind="screen")
    make_application(closed, status="rejected")
    assert list(Job.objects.waiting_for_a_first_look()) == [unread]


def test_many_to_many_through_all_of_the_skills():
    both = make_job(skills=["SQL"], nice=["Python"])
    make_job(skills=["SQL"])
    make_job(skills=["Python", "Excel"])
    sql, python = make_skill("SQL"), make_skill("Python")
    assert list(Job.objects.needing_all_skills([sql, python])) == [both]
    assert list(Job.objects.needing_all_skills([sql, python, python])) == [both]


def test_many_to_many_through_any_of_the_skills_returns_each_job_once():
    both, one, _other = make_job(skills=["SQL", "Python"]), make_job(skills=["SQL"]), make_job(skills=["Excel"])
    found = list(Job.objects.needing_any_skill([make_skill("SQL"), make_skill("Python")]))
    assert sorted(job.pk for job in found) == [both.pk, one.pk]


def test_not_exists_without_the_skills_and_naming_no_skill():
    sql, none, _both = make_job(skills=["SQL"]), make_job(), make_job(skills=["SQL", "Python"])
    assert set(Job.objects.without_skills([make_skill("Python")])) == {sql, none}
    assert list(Job.objects.naming_no_skill()) == [none]


def test_matching_finds_words_and_their_beginnings_in_title_department_place_and_description():
    job = make_job(title="Senior backend engineers", department="Platform", city="Utrecht", country="Chile", description="Keep the ledger true.")
    make_job(title="Bike mechanic")
    for text in ("engineer", "ENGINEERS", "back sen", "platf", "utre", "ledger", "tru"):
        assert list(Job.objects.matching(text)) == [job], text
    assert list(Job.objects.matching("backend mechanic")) == []


@pytest.mark.parametrize("text", ["", "  ", "'", "& | !", "a:*b", "\\", "(", "<->", "''; drop table", "%_", "🙂", "ß" * 200])
def test_matching_takes_any_text(text):
    make_job()
    list(Job.objects.matching(text))


def test_subquery_latest_application_says_who_and_when():
    job, empty, undated = make_job(), make_job(), make_job()
    make_application(job, applied_at=NOW - 5 * DAY, candidate=make_candidate(full_name="First"))
    last = make_application(job, applied_at=NOW - 2 * DAY, candidate=make_candidate(full_name="Last"))
    make_application(undated, applied_at=None)
    rows = {row.pk: row for row in Job.objects.with_latest_application()}
    assert (rows[job.pk].latest_application, rows[job.pk].latest_candidate, rows[job.pk].latest_applied_at) == (last.pk, "Last", NOW - 2 * DAY)
    for other in (empty, undated):
        assert (rows[other.pk].latest_application, rows[other.pk].latest_candidate, rows[other.pk].latest_applied_at) == (None, None, None)


def test_subquery_latest_application_breaks_a_tie_by_the_newer_row():
    job = make_job()
    make_application(job)
    second = make_application(job)
    assert Job.objects.with_latest_application().get().latest_application == second.pk


def test_coalesce_pipeline_counts_do_not_multiply_and_are_zero_without_rows():
    job, empty = make_job(openings=4, hired_count=1), make_job(openings=2)
    for _ in range(3):
        make_application(job)
    make_application(job, status="rejected")
    rows = {row.pk: row for row in Job.objects.with_pipeline_counts()}
    assert (rows[job.pk].application_count, rows[job.pk].active_count, rows[job.pk].openings_left) == (4, 3, 3)
    assert (rows[empty.pk].application_count, rows[empty.pk].active_count, rows[empty.pk].openings_left) == (0, 0, 2)


def test_stage_counts_list_active_applications_in_the_order_of_the_pipeline():
    job, empty = make_job(), make_job()
    make_application(job, kind="offer")
    make_application(job, kind="applied")
    make_application(job, kind="applied")
    make_application(job, kind="screen", status="withdrawn")
    rows = {row.pk: row.stage_counts for row in Job.objects.with_stage_counts()}
    assert rows[job.pk] == [{"position": 0, "name": "Applied", "count": 2}, {"position": 3, "name": "Offer", "count": 1}]
    assert rows[empty.pk] == []


def test_days_open_leaves_holds_out():
    # The worked example of the definitions: opened 1 January, on hold 1 to 11 February, today 31 March.
    job = make_job(opened_at=datetime(2026, 1, 1, 9, tzinfo=UTC))
    JobHold.objects.create(job=job, period=(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 11, tzinfo=UTC)))
    assert Job.objects.with_days_open(datetime(2026, 3, 31, 18, tzinfo=UTC)).get().days_open == 79


def test_days_open_counts_running_holds_to_now_and_only_what_lies_inside_the_opening():
    job = make_job(opened_at=NOW - 20 * DAY, published_at=NOW - 20 * DAY)
    JobHold.objects.create(job=job, period=(NOW - 30 * DAY, NOW - 18 * DAY))
    JobHold.objects.create(job=job, period=(NOW - 3 * DAY, None))
    JobHold.objects.create(job=job, period=(NOW - 40 * DAY, NOW - 35 * DAY))
    assert Job.objects.with_days_open(NOW).get().days_open == 20 - 2 - 3


def test_days_open_end_with_the_closing_and_are_unknown_for_drafts():
    closed = make_job(status="closed", opened_at=NOW - 9 * DAY, published_at=NOW - 9 * DAY, closed_at=NOW - 2 * DAY)
    draft = make_job(status="draft")
    days = dict(Job.objects.with_days_open(NOW).values_list("pk", "days_open"))
    assert days == {closed.pk: 7, draft.pk: None}


def health_of(job):
    return Health(Job.objects.with_latest_application().with_pipeline_counts().with_health(NOW).get(pk=job.pk).health)


def test_case_when_health_names_what_each_job_needs():
    lately, long_ago = {"published_at": NOW - 3 * DAY}, {"published_at": NOW - 20 * DAY}
    new, nobody = make_job(**lately), make_job(**long_ago)
    healthy, drying, stalled = make_job(**long_ago), make_job(**long_ago), make_job(**long_ago)
    make_application(healthy, applied_at=NOW - 2 * DAY)
    make_application(drying, applied_at=NOW - 16 * DAY, status="rejected")
    make_application(stalled, applied_at=NOW - 4 * DAY)
    filled = make_job(openings=1, hired_count=1)
    assert [health_of(job) for job in (new, nobody, healthy, drying, stalled, filled)] == [
        Health.NEW,
        Health.NOBODY,
        Health.HEALTHY,
        Health.DRYING_UP,
        Health.STALLED,
        Health.FILLED,
    ]
    assert [health_of(make_job(status=status)) for status in ("draft", "paused", "closed")] == [Health.DRAFT, Health.PAUSED, Health.CLOSED]


def test_published_jobs_are_open_and_inside_their_dates():
    public = make_job(closes_at=NOW + DAY)
    for fields in (
        {"status": "draft"},
        {"status": "paused"},
        {"status": "closed"},
        {"published_at": NOW + DAY},
        {"closes_at": NOW - timedelta(minutes=1)},
    ):
        make_job(**fields)
    assert list(Job.objects.published(NOW)) == [public]


def test_generated_yearly_salary_makes_periods_comparable():
    spans = {"hour": 20, "day": 160, "week": 800, "month": 3_000, "year": 40_000}
    expected = {"hour": 41_600, "day": 41_600, "week": 41_600, "month": 36_000, "year": 40_000}
    for period, amount in spans.items():
        job = make_job(salary_min=1, salary_max=amount, salary_currency="EUR", salary_period=period)
        assert job.salary_annual_max == Decimal(expected[period])
    assert make_job().salary_annual_max is None


def test_aggregate_segment_counts_in_one_statement():
    with_one, quiet = make_job(), make_job()
    make_job()
    make_application(with_one, applied_at=NOW - DAY)
    make_application(with_one, applied_at=NOW - 2 * DAY)
    make_application(quiet, applied_at=NOW - 40 * DAY)
    with CaptureQueriesContext(connection) as queries:
        counts = Job.objects.for_table(NOW).segment_counts(NOW - 14 * DAY)
    assert counts == {"all": 3, "with": 2, "without": 1, "quiet": 2}
    assert len(queries) == 1


@pytest.mark.parametrize("jobs", [1, 3])
def test_prefetch_related_table_takes_two_queries_whatever_the_number_of_jobs(jobs, django_assert_num_queries):
    for _ in range(jobs):
        make_application(make_job(skills=["SQL", "Python"]))
    with django_assert_num_queries(2):
        rows = [(job.title, [link.skill.name for link in job.job_skills.all()]) for job in Job.objects.for_table(NOW)]
    assert len(rows) == jobs


def test_for_user_shows_nothing_to_strangers(rf):
    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415

    make_job()
    assert not Job.objects.for_user(AnonymousUser()).exists()


def test_job_keeps_its_address_when_its_title_changes_and_takes_any_script():
    job = make_job(title="Data analyst", key="D7")
    address = job.slug
    job.title = "Analyst"
    job.save(update_fields=["title"])
    assert Job.objects.get().slug == address
    assert address.startswith("data-analyst-d7-")
    assert make_job(title="数据分析师", key="abc").slug == "job-abc"
