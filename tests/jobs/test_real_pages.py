"""Real postings on the page of jobs: every filter by skills leaves as many rows as a count over the file itself."""

import ast
import csv

import pytest

from tests.real_data import load_job_postings

pytestmark = pytest.mark.django_db


@pytest.fixture
def skills_of_postings(shared_data):
    """The skills of each posting of January, read straight from the file."""
    load_job_postings(shared_data, "data_jobs_2023-01.csv")
    with (shared_data / "jobs" / "data_jobs_2023-01.csv").open(encoding="utf-8", newline="") as file:
        return [set(ast.literal_eval(row["job_skills"] or "[]")) for row in csv.DictReader(file)]


def test_skill_filters_show_as_many_jobs_as_the_file_holds(skills_of_postings, recruiter_client):
    expected = {
        "": len(skills_of_postings),
        "skill=sql": sum("sql" in skills for skills in skills_of_postings),
        "skill=sql&skill=python&skills=all": sum(skills >= {"sql", "python"} for skills in skills_of_postings),
        "skill=SQL&skill=Python": sum(bool(skills & {"sql", "python"}) for skills in skills_of_postings),
        "skill=sql&without_skill=python": sum("sql" in skills and "python" not in skills for skills in skills_of_postings),
        "no_skills=yes": sum(not skills for skills in skills_of_postings),
    }
    found = {query: recruiter_client.get(f"/jobs/?{query}&count=exact").context["paginator"].count for query in expected}
    assert found == expected
    assert (found[""], found["skill=sql"]) == (3_102, 1_793)


def test_pages_of_real_jobs_stay_light(skills_of_postings, recruiter_client, client):
    for response in (recruiter_client.get("/jobs/?per_page=100"), client.get("/careers/"), recruiter_client.get("/jobs/new/")):
        assert response.status_code == 200
        assert len(response.content) < 400_000
