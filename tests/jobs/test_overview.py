"""What recruiters see in the morning, and the page of figures."""

import pytest
from django.utils import timezone

from jobs.overview import overview

from .factories import DAY, make_application, make_candidate, make_job, make_source

pytestmark = pytest.mark.django_db


def test_overview_counts_and_links_to_the_rows_behind(recruiter, recruiter_client):
    now = timezone.now()
    job = make_job()
    make_job(status="draft")
    ada, bo = make_candidate(full_name="Ada"), make_candidate(full_name="Bo")
    make_application(job, candidate=ada, applied_at=now)
    make_application(job, candidate=bo, kind="screen", applied_at=now - 9 * DAY)
    make_application(job, applied_at=None, status="rejected")
    found = overview(recruiter, timezone.localdate())
    assert [(tile["label"], tile["value"]) for tile in found["tiles"]] == [
        ("Open jobs", 1),
        ("Waiting for a first look", 1),
        ("Waiting too long", 1),
        ("Applied today", 1),
    ]
    for tile in found["tiles"]:
        assert recruiter_client.get(tile["url"]).context["paginator"].count == tile["value"]
    assert [(rows["name"], [row.candidate.full_name for row in rows["rows"]]) for rows in found["lists"]] == [
        ("latest", ["Ada", "Bo"]),
        ("stalled", ["Bo"]),
    ]


@pytest.mark.parametrize("applications", [1, 3])
def test_overview_takes_a_constant_number_of_queries(recruiter, django_assert_num_queries, applications):
    for _ in range(applications):
        make_application(applied_at=timezone.now() - 9 * DAY)
    with django_assert_num_queries(6):
        found = overview(recruiter, timezone.localdate())
    assert [len(rows["rows"]) for rows in found["lists"]] == [applications, applications]


def test_overview_shows_on_the_first_page_of_recruiters_alone(recruiter_client, manager_client):
    make_application(candidate=make_candidate(full_name="Zqada"))
    assert b"Zqada" in recruiter_client.get("/").content
    assert b"Zqada" not in manager_client.get("/").content


@pytest.mark.parametrize("applications", [1, 6])
def test_figures_take_a_constant_number_of_queries(recruiter_client, django_assert_num_queries, applications):
    for _ in range(applications):
        make_application(source=make_source("Fair"))
    make_application(applied_at=None)
    with django_assert_num_queries(5):
        response = recruiter_client.get("/jobs/reports/")
    assert b"1 application without dates is counted" in response.content
    assert response.context["kinds"][0]["active"] == applications + 1


def test_figures_are_refused_to_outsiders_and_readable_when_empty(recruiter_client, outsider_client):
    assert outsider_client.get("/jobs/reports/").status_code == 403
    assert b"No applications yet." in recruiter_client.get("/jobs/reports/").content
