"""The real data sets of hiring, through the importer: postings with their skills, applications at their stages."""

from collections import Counter

import pytest

from jobs import pipeline
from jobs.models import Application, Job, JobSkill, JobStatus, Skill, StageEvent
from tests.real_data import load, load_applications, load_job_postings

pytestmark = pytest.mark.django_db


def outcome(report):
    return report.counts.created, report.counts.updated, report.unchanged, report.refused


def test_job_postings_are_known_again_in_larger_files_and_sheets_and_give_their_figures(shared_data):
    assert outcome(load_job_postings(shared_data, "data_jobs_2023-01.csv")) == (3_102, 0, 0, 0)
    assert JobSkill.objects.filter(skill__name="sql").count() == 1_793
    assert outcome(load_job_postings(shared_data)) == (29_570, 0, 3_102, 0)
    jobs = Job.objects.all()
    sql, python, aws = (Skill.objects.get(name=name) for name in ("sql", "python", "aws"))
    assert jobs.needing_all_skills([sql, python]).count() == 12_416
    assert jobs.needing_any_skill([sql, python]).count() == 23_773
    assert jobs.needing_any_skill([sql]).without_skills([python]).count() == 6_084
    assert jobs.needing_all_skills([sql, python, aws]).count() == 3_911
    assert jobs.naming_no_skill().count() == 3_187
    assert Skill.objects.count() == 221
    assert jobs.values("department").distinct().count() == 9_967
    assert jobs.values("country").distinct().count() == 111
    assert jobs.filter(workplace="remote").count() == 5_960
    assert jobs.filter(salary_period="year", salary_min__range=(90_000, 110_000)).count() == 4_403
    assert jobs.filter(status=JobStatus.OPEN).count() == 32_672
    repeated = jobs.filter(key__endswith="-2")
    assert repeated.count() == 1
    assert repeated.get().title == jobs.get(key=repeated.get().key.removesuffix("-2")).title

    again = load("jobs", shared_data / "jobs" / "data_jobs_salary_all.xlsx", "job_postings")
    assert (outcome(again), again.changes) == ((0, 0, 32_672, 0), 0)


def test_applications_stand_at_their_stages_and_jobs_have_openings_for_their_hires(shared_data):
    assert outcome(load_applications(shared_data)) == (9_996, 0, 0, 4)
    stages = Counter(Application.objects.values_list("stage__name", flat=True))
    assert {name: stages[name] for name in ("Screening", "Interviewing", "Later rounds", "Hired")} == {
        "Screening": 5_830,
        "Interviewing": 215,
        "Later rounds": 83,
        "Hired": 5,
    }
    assert Counter(Application.objects.values_list("status", flat=True)) == {"rejected": 8_386, "active": 1_579, "hired": 31}
    assert Application.objects.filter(job__key="1000167").count() == 170
    assert Job.objects.count() == 671
    assert sum(Job.objects.values_list("hired_count", flat=True)) == 31
    assert StageEvent.objects.count() == 0
    assert pipeline.problems() == []
    assert outcome(load_applications(shared_data)) == (0, 0, 9_996, 4)
