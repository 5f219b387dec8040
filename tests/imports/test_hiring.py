"""Jobs, candidates and applications: keys, skills by any of their names, stages of the job's own pipeline, hires and openings."""

import datetime as dt
from decimal import Decimal

import pytest

from dashboard.imports import ImportFailedError
from jobs import pipeline
from jobs.models import Application, Candidate, Job, JobSkill, JobStatus, Pipeline, RejectionReason, Skill, SkillAlias, Source, Stage, StageEvent

from .small import outcome

# --- Jobs ------------------------------------------------------------------------------------------------------------
JOBS = """key,title,city,country,workplace,employment_type,posted_at,closes_at,salary_min,salary_max,salary_currency,salary_period,skills,source
J1,Nurse,Oslo,Norway,onsite,full_time; part_time,2026-01-05,,30,40.5,NOK,hour,"['First aid', 'norwegian', 'FIRST AID']",Board
J2,Baker,,,remote,,,,,,,,"Bread; Cake",
J3,Cook,Rome,Italy,,Contract,2025-01-05,2025-02-05,,,EUR,year,,
"""


def test_jobs_come_with_salary_skills_and_a_status_from_their_dates(desk):
    assert outcome(desk.bring("jobs", JOBS)) == (3, 0, 0, 0)
    nurse, baker, cook = Job.objects.order_by("key")
    assert (nurse.slug, nurse.status, nurse.published_at) == ("nurse-j1-" + nurse.slug[9:], JobStatus.OPEN, dt.datetime(2026, 1, 5, tzinfo=dt.UTC))
    assert (nurse.salary_min, nurse.salary_max, nurse.salary_currency, nurse.salary_period) == (30, Decimal("40.5"), "NOK", "hour")
    assert (nurse.employment_type, nurse.pipeline.is_default, nurse.opened_at) == (["full_time", "part_time"], True, nurse.published_at)
    assert (baker.status, baker.remote_countries) == (JobStatus.DRAFT, ["Worldwide"])
    assert (cook.status, cook.closed_at, cook.salary_currency) == (JobStatus.CLOSED, cook.closes_at, "")
    assert set(nurse.skills.values_list("name", flat=True)) == {"First aid", "norwegian"}
    again = desk.bring("jobs", JOBS)
    assert (outcome(again), again.changes) == ((0, 0, 3, 0), 0)


def test_skills_are_found_by_any_name_in_any_case_and_follow_the_file(desk):
    database = Skill.objects.create(name="PostgreSQL")
    SkillAlias.objects.create(alias="Postgres", skill=database)
    desk.bring("jobs", 'key,title,skills\nJ1,Admin,"postgres, POSTGRESQL, sql"\n')
    assert set(JobSkill.objects.values_list("skill__name", flat=True)) == {"PostgreSQL", "sql"}
    JobSkill.objects.filter(skill=database).update(min_level=5)
    report = desk.bring("jobs", 'key,title,skills\nJ1,Admin,"PostgreSQL, linux"\n')
    assert set(JobSkill.objects.values_list("skill__name", "min_level")) == {("PostgreSQL", 5), ("linux", 3)}
    assert (report.counts.also["skills put on jobs"], report.counts.also["skills taken off jobs"]) == (1, 1)


def test_job_without_a_key_gets_one_from_what_it_says_and_repetitions_stay_jobs(desk):
    text = "title,city\nNurse,Oslo\nBaker,Oslo\nNurse,Oslo\n"
    assert outcome(desk.bring("jobs", text)) == (3, 0, 0, 0)
    assert outcome(desk.bring("jobs", text)) == (0, 0, 3, 0)
    assert outcome(desk.bring("jobs", "title,city\nBaker,Oslo\nNurse,Bonn\n")) == (1, 0, 1, 0)
    assert Job.objects.filter(title="Nurse", city="Oslo").count() == 2


def test_update_leaves_address_and_status_of_a_job_alone(desk):
    desk.bring("jobs", "key,title,posted_at\nJ1,Nurse,2026-01-05\n")
    before = Job.objects.get()
    Job.objects.update(status=JobStatus.PAUSED)
    assert outcome(desk.bring("jobs", "key,title,posted_at\nJ1,Head nurse,2026-01-05\n")) == (0, 1, 0, 0)
    after = Job.objects.get()
    assert (after.title, after.slug, after.status) == ("Head nurse", before.slug, JobStatus.PAUSED)


@pytest.mark.parametrize(
    ("header", "cells", "field", "reason"),
    [
        ("salary_min,salary_max", "30,", "salary_min", "a salary has both ends, or none (a map may read both from one column)"),
        ("salary_min,salary_max,salary_currency,salary_period", "30,20,EUR,hour", "salary_max", "is below the lower end"),
        ("salary_min,salary_max,salary_period", "30,40,hour", "salary_currency", "a salary has a currency"),
        ("salary_min,salary_max,salary_currency", "30,40,EUR", "salary_period", "a salary is for an hour, a day, a week, a month or a year"),
        ("salary_min,salary_max", "0,0", "salary_min", "is not above 0"),
        ("workplace", "hybrid", "country", "a job on site or hybrid names its country"),
        ("workplace", "moon", "workplace", "is not one of onsite, hybrid, remote"),
        ("posted_at,closes_at", "2026-02-01,2026-01-01", "closes_at", "is not later than the day of posting"),
    ],
)
def test_job_that_cannot_be_is_refused(desk, header, cells, field, reason):
    desk.bring("jobs", f"key,title,{header}\nJ1,Nurse,{cells}\n")
    assert (field, reason) in [(name, said) for _, name, _, said in desk.refusals()]
    assert Job.objects.count() == 0


# --- Candidates ------------------------------------------------------------------------------------------------------
def test_candidates_are_known_by_email_or_key(desk):
    assert outcome(desk.bring("candidates", 'email,full_name,skills\nAda@x.test,Ada,"sql, r"\nbo@x.test,Bo,\n')) == (2, 0, 0, 0)
    assert outcome(desk.bring("candidates", "email,full_name\nada@x.test,Ada L\n")) == (0, 1, 0, 0)
    ada = Candidate.objects.get(full_name="Ada L")
    assert (ada.email, ada.skills.count()) == ("ada@x.test", 2)
    assert outcome(desk.bring("candidates", f"key,phone\n{ada.key},+4712345678\nC9,\n")) == (1, 1, 0, 0)


def test_candidate_that_cannot_be_is_refused(desk):
    Candidate.objects.create(key="old", anonymised_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    desk.bring("candidates", "key,email\nA,ada@x.test\n")
    text = "key,email,phone\nB,ADA@x.test,\nC,cy@x.test,\nD,CY@x.test,\n,,\nold,ed@x.test,\nE,ed at x,12\n"
    assert outcome(desk.bring("candidates", text, accept_refused=True)) == (1, 0, 0, 5)
    assert [(line, field) for line, field, *_ in desk.refusals()] == [(2, "email"), (4, "email"), (5, "key"), (6, "key"), (7, "email"), (7, "phone")]


# --- Applications ----------------------------------------------------------------------------------------------------
PIPELINE = """
create_missing = ["job", "candidate"]
[pipeline]
name = "Ours"
stages = [{ name = "Inbox", kind = "applied" }, { name = "Talk", kind = "interview" }, { name = "In", kind = "hired" }]
"""
APPLICATIONS = """key,job,candidate,stage,outcome,source,applied_at
1,J1,ada@x.test,Inbox,active,Fair,2026-01-05
2,J1,C2,talk,rejected,,2026-01-06
3,J1,C3,In,hired,fair,2026-01-07
4,J1,C4,In,hired,,2026-01-08
5,J2,ada@x.test,,,,
"""


def test_applications_make_what_the_map_lets_them_make(desk):
    report = desk.bring("applications", APPLICATIONS, PIPELINE)
    assert outcome(report) == (5, 0, 0, 0)
    assert {name: report.counts.also[name] for name in ("jobs created", "candidates created", "sources created")} == {
        "jobs created": 2,
        "candidates created": 4,
        "sources created": 1,
    }
    assert list(Stage.objects.filter(pipeline__name="Ours").values_list("name", "position")) == [("Inbox", 0), ("Talk", 1), ("In", 2)]
    job = Job.objects.get(key="J1")
    assert (job.pipeline.name, job.status, job.openings, job.hired_count) == ("Ours", JobStatus.DRAFT, 2, 2)
    first, rejected, hired, _, undated = Application.objects.order_by("key")
    assert (first.candidate.email, first.source.name, first.stage.name, first.status) == ("ada@x.test", "Fair", "Inbox", "active")
    assert (rejected.reason.name, rejected.closed_at, rejected.stage.name) == ("Not stated", rejected.applied_at, "Talk")
    assert hired.hired_at == hired.applied_at
    assert (undated.candidate, undated.applied_at, undated.stage.name, undated.status) == (first.candidate, None, "Inbox", "active")
    assert set(StageEvent.objects.values_list("application__key", "to_stage__name")) == {("1", "Inbox"), ("2", "Talk"), ("3", "In"), ("4", "In")}
    assert "3 applications have an outcome but no closed_at" in report.counts.notes[0]
    assert pipeline.problems() == []
    again = desk.bring("applications", APPLICATIONS, PIPELINE)
    assert (outcome(again), again.changes, Pipeline.objects.filter(name="Ours").count()) == ((0, 0, 5, 0), 0, 1)


def test_moved_application_is_logged_and_its_hire_counted(desk):
    desk.bring("applications", APPLICATIONS, PIPELINE)
    moved = APPLICATIONS.replace("1,J1,ada@x.test,Inbox,active", "1,J1,ada@x.test,In,hired")
    assert outcome(desk.bring("applications", moved, PIPELINE)) == (0, 1, 4, 0)
    steps = StageEvent.objects.filter(application__key="1").order_by("pk").values_list("from_stage__name", "to_stage__name")
    assert list(steps) == [(None, "Inbox"), ("Inbox", "In")]
    assert Job.objects.values_list("openings", "hired_count").get(key="J1") == (3, 3)
    assert pipeline.problems() == []


def test_application_names_a_job_a_candidate_and_a_stage_that_are_there(desk):
    desk.bring("jobs", "key,title\nJ1,Nurse\n")
    desk.bring("candidates", "key,email\nC1,ada@x.test\n")
    text = "key,job,candidate,stage\n1,J1,ADA@x.test,screen\n2,,C1,\n3,J9,C1,\n4,J1,C9,\n5,J1,,Talk\n6,J1,C1,\n7,J1,,\n"
    assert outcome(desk.bring("applications", text, accept_refused=True)) == (2, 0, 0, 5)
    assert [(line, field, value) for line, field, value, _ in desk.refusals()] == [
        (3, "job", ""),
        (4, "job", "J9"),
        (5, "candidate", "C9"),
        (6, "stage", "Talk"),
        (7, "candidate", "C1"),
    ]
    assert Candidate.objects.get(applications__key="7").label == "Candidate 7"


def test_second_active_application_for_a_job_is_refused(desk):
    desk.bring("jobs", "key,title\nJ1,Nurse\n")
    desk.bring("candidates", "key\nC1\n")
    text = "key,job,candidate,outcome\n1,J1,C1,rejected\n2,J1,C1,active\n3,J1,C1,active\n"
    desk.bring("applications", text)
    assert [(line, reason) for line, _, _, reason in desk.refusals()] == [(4, "has an active application for this job in an earlier row")]
    assert outcome(desk.bring("applications", text.replace("3,J1,C1,active\n", ""))) == (2, 0, 0, 0)


def test_dates_of_an_application_are_in_order(desk):
    desk.bring("jobs", "key,title\nJ1,Nurse\n")
    header = "key,job,outcome,applied_at,closed_at\n"
    desk.bring("applications", f"{header}1,J1,rejected,2026-01-05,2026-01-04\n2,J1,active,2026-01-05,2026-01-06\n")
    assert [(line, field) for line, field, *_ in desk.refusals()] == [(2, "closed_at"), (3, "closed_at")]
    desk.bring("applications", f"{header}1,J1,rejected,2026-01-05,2026-01-09\n2,J1,hired,2026-01-05,2026-02-01\n")
    rejected, hired = Application.objects.order_by("key")
    assert (rejected.closed_at.day, rejected.hired_at, hired.hired_at.month) == (9, None, 2)


def test_words_that_a_refused_file_would_have_made_are_not_made(desk):
    reasons = RejectionReason.objects.count()
    blocked = desk.bring("applications", APPLICATIONS.replace("1,J1", "1,"), PIPELINE)
    assert (blocked.applied, Pipeline.objects.filter(name="Ours").count(), Source.objects.filter(name="Fair").count()) == (False, 0, 0)
    assert RejectionReason.objects.count() == reasons


@pytest.mark.parametrize(
    ("the_map", "sentence"),
    [
        ("create_missing = ['stage']", "create_missing is a list of"),
        ("[pipeline]\nname = 'X'\nstages = [{ name = 'A', kind = 'party' }]", "kinds being applied, screen, interview, offer, hired"),
        ("[pipeline]\nstages = []", "[pipeline] has a name and stages"),
        ("[pipeline]\nname = 'Standard'\nstages = [{ name = 'Lunch', kind = 'interview' }]", "The pipeline Standard has no stage Lunch"),
    ],
)
def test_pipeline_that_cannot_be_is_a_sentence(desk, the_map, sentence):
    with pytest.raises(ImportFailedError) as failed:
        desk.bring("applications", "key,job\n", the_map)
    assert sentence in str(failed.value)
