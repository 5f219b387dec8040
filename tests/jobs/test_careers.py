"""The public board: only what is published, narrowed by facets that react to each other, and an honest page for closed jobs."""

import pytest
from django.urls import reverse
from django.utils import timezone

from .factories import DAY, make_application, make_job

pytestmark = pytest.mark.django_db
URL = "/careers/"


def titles(client, query=""):
    response = client.get(URL + query)
    assert response.status_code == 200
    return {job.title for job in response.context["page_obj"]}


def page_of(job):
    return reverse("careers:job", args=[job.slug])


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize(("fragment", "queries"), [(False, 9), (True, 6)])
def test_board_takes_a_constant_number_of_queries(client, hx, django_assert_num_queries, jobs, fragment, queries):
    for _ in range(jobs):
        make_job(skills=["SQL", "Python"], country="Germany")
    asking = hx(client) if fragment else client
    with django_assert_num_queries(queries):
        response = asking.get(URL)
    assert len(response.context["page_obj"]) == jobs
    assert (b"<html" in response.content) is not fragment


def test_board_never_shows_what_is_not_published(client, recruiter_client):
    make_job(title="Public")
    hidden = {
        "Zqhidden draft": {"status": "draft", "skills": ["Zqhidden skill"], "country": "Zqhidden land"},
        "Zqhidden paused": {"status": "paused"},
        "Zqhidden closed": {"status": "closed"},
        "Zqhidden later": {"published_at": timezone.now() + DAY},
        "Zqhidden over": {"closes_at": timezone.now() - DAY},
    }
    for title, fields in hidden.items():
        make_job(title=title, **fields)
    for asking in (client, recruiter_client):
        for query in ("", "?q=zqhidden", "?workplace=remote"):
            assert b"Zqhidden" not in asking.get(URL + query).content
    assert titles(client) == {"Public"}


def test_job_page_of_an_unpublished_job_is_404_even_for_recruiters(client, recruiter_client):
    for fields in ({"status": "draft"}, {"status": "paused"}, {"published_at": timezone.now() + DAY}):
        job = make_job(**fields)
        assert client.get(page_of(job)).status_code == 404
        assert recruiter_client.get(page_of(job)).status_code == 404
    assert client.get("/careers/unknown/").status_code == 404


def test_job_page_of_a_closed_job_is_410_with_similar_open_ones(client):
    closed = make_job(title="Old", status="closed", department="Care", skills=["SQL"])
    over = make_job(title="Over", department="Care", closes_at=timezone.now() - DAY)
    make_job(title="Same department", department="Care")
    make_job(title="Same skill", skills=["SQL"])
    make_job(title="Other", department="Shop")
    for job, similar in ((closed, {"Same department", "Same skill"}), (over, {"Same department"})):
        response = client.get(page_of(job))
        assert response.status_code == 410
        assert {row.title for row in response.context["similar"]} == similar


def test_closed_job_without_department_and_skills_names_no_similar_ones(client):
    make_job()
    assert not client.get(page_of(make_job(status="closed"))).context["similar"]


def test_job_page_says_everything_public_and_nothing_else(client):
    job = make_job(
        title="Clerk", skills=["SQL"], nice=["Excel"], city="Ghent", country="Belgium", workplace="hybrid", employment_type=["full_time", "contract"],
        salary_min=30_000, salary_max=36_000, salary_currency="EUR", salary_period="year", description="Do <b>it</b>.", openings=2,
    )  # fmt: skip
    make_application(job)
    text = client.get(page_of(job)).content.decode()
    for words in ("Ghent, Belgium, hybrid", "Full time, contract", "EUR 30,000 – 36,000 a year", "SQL", "nice to have", "Do &lt;b&gt;it&lt;/b&gt;."):
        assert words in text
    assert job.applications.get().candidate.full_name not in text
    assert "<form" not in text


def test_filters_narrow_the_board(client):
    make_job(title="A", workplace="remote", remote_countries=["Worldwide"], employment_type=["full_time"], skills=["SQL", "Python"])
    make_job(title="B", country="Belgium", salary_min=1, salary_max=50_000, salary_currency="EUR", salary_period="year", skills=["SQL"])
    assert titles(client, "?workplace=remote") == {"A"}
    assert titles(client, "?employment_type=full_time") == {"A"}
    assert titles(client, "?country=belgium") == {"B"}
    assert titles(client, "?salary_min=40000") == {"B"}
    assert titles(client, "?skill=sql&skill=python") == {"A"}
    assert titles(client, "?q=b") == {"B"}


def test_facets_count_under_the_other_filters(client):
    make_job(workplace="remote", remote_countries=["Worldwide"], employment_type=["full_time"], skills=["SQL"])
    make_job(workplace="remote", remote_countries=["Worldwide"], employment_type=["part_time"])
    make_job(workplace="onsite", country="Belgium", employment_type=["full_time", "part_time"], skills=["SQL", "Go"])
    facets = {(facet["word"], facet["value"]): facet["count"] for facet in client.get(URL + "?workplace=onsite").context["facets"]}
    assert facets == {
        ("workplace", "remote"): 2,
        ("workplace", "onsite"): 1,
        ("employment_type", "full_time"): 1,
        ("employment_type", "part_time"): 1,
        ("skill", "SQL"): 1,
        ("skill", "Go"): 1,
    }


def test_facet_links_switch_their_value_on_and_off(client):
    make_job(workplace="remote", remote_countries=["Worldwide"])
    assert b'href="/careers/?workplace=remote"' in client.get(URL).content
    assert b'href="/careers/"' in client.get(URL + "?workplace=remote").content


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", ""])
def test_board_has_25_jobs_a_page_and_takes_any_number(client, number):
    for _ in range(26):
        make_job()
    assert len(client.get(f"{URL}?page={number}").context["page_obj"]) in {1, 25}


@pytest.mark.parametrize("query", ["?workplace=moon", "?salary_min=x", "?skill=none", "?q=%00", "?country=%00"])
def test_invalid_filter_shows_its_error_and_no_jobs(client, query):
    make_job()
    response = client.get(URL + query)
    assert (response.status_code, response.context["paginator"].count) == (200, 0)
    assert b"cannot be shown as asked" in response.content
