"""What the lists of applications and candidates ask the database, and the figures read from the log."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs import reports
from jobs.applications import Note
from jobs.models import Application, Candidate, RejectionReason, StageEvent
from jobs.vocabulary import SkillAlias, skills_by_name

from .factories import DAY, NOW, make_application, make_candidate, make_job, make_skill, make_source, stage

pytestmark = pytest.mark.django_db


def test_waiting_too_long_is_past_the_limit_of_the_stage():
    late = make_application(kind="screen", applied_at=NOW - 11 * DAY)
    make_application(kind="screen", applied_at=NOW - 5 * DAY)  # the limit is five days: not yet over
    make_application(kind="screen", applied_at=NOW - 11 * DAY, status="rejected")
    make_application(kind="hired", applied_at=NOW - 99 * DAY)  # a stage without limit
    make_application(applied_at=None)
    rows = list(Application.objects.waiting_too_long(NOW))
    assert rows == [late]
    assert rows[0].overdue == timedelta(days=6)
    assert rows[0].is_overdue


def test_unread_applications_are_active_in_an_applied_stage():
    unread = make_application()
    make_application(kind="screen")
    make_application(status="withdrawn")
    assert list(Application.objects.unread()) == [unread]


def test_exists_applied_elsewhere_wants_another_active_application_of_the_same_person():
    candidate = make_candidate()
    here, there = make_application(candidate=candidate), make_application(candidate=candidate)
    make_application(candidate=candidate, status="rejected")
    single = make_application()
    found = set(Application.objects.applied_elsewhere().filter(status="active"))
    assert found == {here, there}
    assert single not in found


def test_outer_ref_skill_coverage_counts_required_skills_met_at_level_three():
    job = make_job(skills=["SQL", "Python", "Excel"], nice=["Go"])
    application = make_application(job, candidate=make_candidate(skills={"SQL": 5, "Python": 3, "Excel": 2, "Go": 5}))
    bare = make_application(make_job())
    rows = {row.pk: (row.skills_met, row.skills_required) for row in Application.objects.with_skill_coverage()}
    assert rows == {application.pk: (2, 3), bare.pk: (0, 0)}


@pytest.mark.parametrize("number", [1, 3])
def test_select_related_table_takes_one_query(number, django_assert_num_queries):
    for _ in range(number):
        make_application(source=make_source("Fair"))
    with django_assert_num_queries(1):
        rows = [(row.candidate.label, row.job.title, row.stage.name, row.source.name, row.reason) for row in Application.objects.for_table(NOW)]
    assert len(rows) == number


def test_candidates_table_counts_and_names_the_latest_job():
    candidate, idle = make_candidate(skills={"SQL": 4}), make_candidate()
    make_application(candidate=candidate, status="rejected", applied_at=NOW - 9 * DAY)
    last = make_application(candidate=candidate, applied_at=NOW - DAY)
    rows = {row.pk: row for row in Candidate.objects.for_table()}
    found = rows[candidate.pk]
    assert (found.application_count, found.active_count, found.latest_job, found.latest_applied_at) == (2, 1, last.job.title, NOW - DAY)
    assert (rows[idle.pk].application_count, rows[idle.pk].latest_job) == (0, None)


def test_q_or_notes_of_the_team_and_ones_own_private_ones(recruiter, admin):
    application = make_application()
    Note.objects.create(application=application, body="team", author=admin)
    Note.objects.create(application=application, body="mine", author=recruiter, visibility="private")
    Note.objects.create(application=application, body="theirs", author=admin, visibility="private")
    assert set(Note.objects.for_user(recruiter).values_list("body", flat=True)) == {"team", "mine"}


def test_skills_are_found_by_any_of_their_names_in_any_letter_case():
    skill = make_skill("PostgreSQL")
    SkillAlias.objects.create(alias="Postgres", skill=skill)
    assert skills_by_name(["POSTGRES", "postgresql", "mongo"]) == {"postgres": skill, "postgresql": skill}


def history(application, *moves):
    """Log entries (kind, day of 2026) of an application, the first one being its entry."""
    before = None
    for kind, moment in moves:
        StageEvent.objects.create(application=application, from_stage=before, to_stage=stage(application.job, kind), at=moment)
        before = stage(application.job, kind)


def day(month, number):
    return datetime(2026, month, number, 12, tzinfo=UTC)


def test_time_in_stage_of_the_worked_example():
    job = make_job(openings=2, hired_count=1)
    reason = RejectionReason.objects.create(name="Other match")
    ana = make_application(job, kind="hired", status="hired", applied_at=day(1, 5), stage_since=day(1, 26), hired_at=day(1, 26), closed_at=day(1, 26))
    history(ana, ("applied", day(1, 5)), ("screen", day(1, 7)), ("interview", day(1, 12)), ("offer", day(1, 22)), ("hired", day(1, 26)))
    bo = make_application(job, kind="screen", status="rejected", reason=reason, applied_at=day(1, 10), stage_since=day(1, 20), closed_at=day(1, 25))
    history(bo, ("applied", day(1, 10)), ("screen", day(1, 20)))
    cy = make_application(job, kind="screen", applied_at=day(3, 1), stage_since=day(3, 20))
    history(cy, ("applied", day(3, 1)), ("screen", day(3, 20)))
    history(make_application(job, applied_at=day(3, 30)), ("applied", day(3, 30)))
    sales = make_job()
    ed = make_application(sales, kind="interview", status="withdrawn", applied_at=day(1, 15), stage_since=day(1, 30), closed_at=day(2, 9))
    history(ed, ("applied", day(1, 15)), ("screen", day(1, 16)), ("interview", day(1, 30)))
    rows = {row["label"]: (row["median"], row["mean"], row["visits"]) for row in reports.time_in_stage(Application.objects.all())}
    assert rows == {"Applied": (6, 8, 4), "Screen": (5, 8, 3), "Interview": (10, 10, 2), "Offer": (4, 4, 1)}


def test_time_in_stage_ignores_undone_moves_and_their_undo():
    application = make_application(applied_at=day(1, 1), stage_since=day(1, 1))
    history(application, ("applied", day(1, 1)), ("screen", day(1, 3)))
    undone = StageEvent.objects.get(to_stage__kind="screen")
    StageEvent.objects.create(application=application, from_stage=undone.to_stage, to_stage=undone.from_stage, at=day(1, 4), undoes=undone)
    assert reports.time_in_stage(Application.objects.all()) == []


def test_count_with_filter_by_stage_kind_in_the_order_of_the_pipeline():
    make_application(kind="offer")
    make_application(kind="applied")
    make_application(kind="applied", status="rejected")
    rows = [(row["label"], row["active"], row["ended"]) for row in reports.by_stage_kind(Application.objects.all())]
    assert rows == [("Applied", 1, 1), ("Offer", 1, 0)]


def test_source_quality_is_a_share_from_five_applications_on():
    fair, friends = make_source("Fair"), make_source("Friends")
    for _ in range(4):
        make_application(source=fair)
    make_application(source=fair, kind="hired", status="hired")
    make_application(source=friends, kind="hired", status="hired")
    make_application()
    rows = {
        row["label"]: (row["total"], row["hired"], row["quality"] and float(row["quality"])) for row in reports.by_source(Application.objects.all())
    }
    assert rows == {"Fair": (5, 1, 0.2), "Friends": (1, 1, None), "Not known": (1, 0, None)}
