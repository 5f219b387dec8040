"""The list of jobs: its filters by the rows they leave, constant queries, segments, inline edits, bulk actions and exports."""

import json

import pytest
from django.urls import reverse

from jobs.models import Job, SkillAlias

from .factories import DAY, NOW, make_application, make_job, make_skill

pytestmark = pytest.mark.django_db
URL = "/jobs/"


@pytest.fixture
def asked(recruiter_client):
    """Titles on the page of an address."""

    def ask(query: str = "") -> set[str]:
        response = recruiter_client.get(URL + query)
        assert response.status_code == 200
        return {row.record.title for row in response.context["table"].paginated_rows}

    return ask


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize(("fragment", "queries"), [(False, 9), (True, 4)])
def test_jobs_take_a_constant_number_of_queries(recruiter_client, hx, django_assert_num_queries, jobs, fragment, queries):
    for _ in range(jobs):
        make_application(make_job(skills=["SQL", "Python"], department="Platform", city="Berlin", country="Germany"))
    client = hx(recruiter_client) if fragment else recruiter_client
    with django_assert_num_queries(queries):
        response = client.get(URL)
    assert {row.record.pk for row in response.context["table"].paginated_rows} == set(Job.objects.values_list("pk", flat=True))
    assert (b"<html" in response.content) is not fragment


def test_jobs_refuse_an_outsider_and_send_a_stranger_to_sign_in(outsider_client, manager_client, client):
    assert outsider_client.get(URL).status_code == 403
    assert manager_client.get(URL).status_code == 403
    assert client.get(URL).headers["Location"] == "/accounts/login/?next=/jobs/"


def test_filters_by_text_status_department_and_place(asked):
    make_job(title="Analyst", department="Finance", city="Lyon", country="France", status="draft")
    make_job(title="Mechanic", department="Workshop", city="Ghent", country="Belgium", workplace="onsite", employment_type=["part_time", "full_time"])
    make_job(title="Writer", department="Finance", workplace="remote", remote_countries=["Worldwide"], employment_type=["contract"])
    assert asked("?q=analy") == {"Analyst"}
    assert asked("?title=NIC") == {"Mechanic"}
    assert asked("?status=draft") == {"Analyst"}
    assert asked("?status=draft&status=open") == {"Analyst", "Mechanic", "Writer"}
    assert asked("?department=finance") == {"Analyst", "Writer"}
    assert asked("?country=Belgium") == {"Mechanic"}
    assert asked("?city=lyon") == {"Analyst"}
    assert asked("?workplace=remote") == {"Writer"}
    assert asked("?employment_type=part_time&employment_type=contract") == {"Mechanic", "Writer"}


def test_filters_by_yearly_salary_whatever_the_period(asked):
    make_job(title="Hourly", salary_min=20, salary_max=25, salary_currency="EUR", salary_period="hour")  # 52,000 a year
    make_job(title="Yearly", salary_min=40_000, salary_max=48_000, salary_currency="EUR", salary_period="year")
    make_job(title="Silent")
    assert asked("?salary_min=50000") == {"Hourly"}
    assert asked("?salary_min=45000&salary_max=50000") == {"Yearly"}


def test_filters_by_skills_any_all_none_and_other_names(asked):
    make_job(title="Both", skills=["SQL", "Python"])
    make_job(title="Sql", skills=["SQL"])
    make_job(title="Silent")
    SkillAlias.objects.create(alias="py", skill=make_skill("Python"))
    assert asked("?skill=sql&skill=PY") == {"Both", "Sql"}
    assert asked("?skill=sql&skill=PY&skills=all") == {"Both"}
    assert asked("?skill=sql&without_skill=python") == {"Sql"}
    assert asked("?no_skills=yes") == {"Silent"}


def test_filters_by_applications(asked, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    make_application(make_job(title="Lively"), applied_at=NOW - DAY)
    make_application(make_job(title="Quiet"), applied_at=NOW - 20 * DAY, status="rejected")
    make_job(title="Nobody")
    assert asked("?applications=with") == {"Lively", "Quiet"}
    assert asked("?applications=without") == {"Nobody"}
    assert asked("?applications=quiet") == {"Quiet", "Nobody"}
    assert asked("?applications=quiet&quiet_days=30") == {"Nobody"}
    assert asked("?quiet_days=30") == {"Nobody"}
    assert asked("?state=drying_up&state=nobody") == {"Quiet", "Nobody"}


def test_filters_by_posting_day_both_inclusive(asked):
    make_job(title="Old", published_at=NOW - 9 * DAY)
    make_job(title="New", published_at=NOW)
    assert asked("?posted_from=2026-03-31") == {"New"}
    assert asked("?posted_from=2026-03-22&posted_to=2026-03-22") == {"Old"}


def test_segments_count_under_all_other_filters(recruiter_client):
    make_application(make_job(department="Care"))
    make_job(department="Care")
    make_job(department="Shop")
    segments = recruiter_client.get(URL + "?department=Care&applications=without").context["segments"]
    assert [(segment["value"], segment["count"], segment["current"]) for segment in segments] == [
        ("", 2, False),
        ("with", 1, False),
        ("without", 1, True),
        ("quiet", 2, False),
    ]


def test_title_is_the_view_as_a_sentence(recruiter_client):
    make_job(skills=["SQL", "Python"], department="Finance")
    query = "?status=open&department=Finance&applications=without&skill=SQL&skill=Python&skills=all&salary_min=10"
    page = recruiter_client.get(URL + query)
    sentence = "Open jobs in Finance, without applications, asking for SQL and Python, pays at least, a year: 10"
    assert page.context["title"] == sentence


@pytest.mark.parametrize(
    "query",
    [
        "skill=nothing",
        "status=gone",
        "salary_min=x",
        "posted_from=soon",
        "quiet_days=0",
        "skills=some",
        "applications=maybe",
        "&".join(["skill=SQL"] * 21),
    ],
)
def test_invalid_filter_shows_its_error_and_no_rows(recruiter_client, query):
    make_job(skills=["SQL"])
    response = recruiter_client.get(f"{URL}?{query}")
    assert response.context["filter"].form.errors
    assert response.context["paginator"].count == 0
    assert b"cannot be shown as asked" in response.content


@pytest.mark.parametrize(
    "column", ["title", "place", "application_count", "active_count", "latest_applied_at", "openings_left", "days_open", "health", "status"]
)
def test_sort_by_every_column_is_total_and_puts_nothing_last(recruiter_client, column):
    make_application(make_job(title="A", country="Austria"))
    make_job(title="B", status="draft")
    for sign in ("", "-"):
        response = recruiter_client.get(f"{URL}?sort={sign}{column}")
        rows = response.context["table"].data.data
        assert rows.totally_ordered
        assert len(response.context["table"].paginated_rows) == 2
        if column == "latest_applied_at":
            assert [row.title for row in rows] == ["A", "B"]


def test_fragment_pushes_the_address_without_empty_words(recruiter_client, hx):
    make_job()
    response = hx(recruiter_client).get(URL + "?q=&status=open&page=1")
    assert response.headers["HX-Push-Url"] == "/jobs/?status=open"
    assert b'id="head" data-hx-swap-oob="true"' in response.content


def test_export_has_the_same_rows_and_typed_columns(recruiter_client):
    make_application(make_job(title="=Clerk", skills=["SQL", "Python"], city="Ghent", country="Belgium", workplace="onsite"), applied_at=NOW)
    make_job(status="draft")
    data = json.loads(b"".join(recruiter_client.get(URL + "?status=open&export=json")))
    (row,) = data["rows"]
    assert data["row_count"] == 1
    assert (row["label"], row["place"], row["skills"]) == ("=Clerk", "Ghent, Belgium, On site", "SQL, Python")
    assert (row["application_count"], row["active_count"], row["openings_left"], row["latest_applied_at"]) == (1, 1, 1, "2026-03-31T12:00:00+00:00")
    csv = b"".join(recruiter_client.get(URL + "?status=open&export=csv")).decode()
    assert "'=Clerk" in csv


# --- Inline edits ----------------------------------------------------------------------------------------------------
def test_openings_step_answers_with_the_row(recruiter_client, hx):
    job = make_job(openings=2, hired_count=1)
    response = hx(recruiter_client).post(reverse("jobs:job_openings", args=[job.slug]), {"by": "1"}, target=f"row-{job.pk}")
    assert response.status_code == 200
    assert f'<tr id="row-{job.pk}"'.encode() in response.content
    assert b'1 hired">2</output>' in response.content
    assert "Openings changed." in response.headers["HX-Trigger"]


def test_one_step_sent_twice_counts_once(recruiter_client, hx):
    application = make_application(make_job(openings=2), rating=3)
    for name, target in (("job_openings", "facts"), ("application_rating", "application")):
        url = reverse(f"jobs:{name}", args=[application.job.slug if target == "facts" else application.pk])
        answers = [hx(recruiter_client).post(url, {"by": "1", "token": "one-form"}, target=target) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200]
    application.refresh_from_db()
    assert (Job.objects.get().openings, application.rating) == (3, 4)


def test_openings_below_hires_are_refused_beside_the_field(recruiter_client, hx):
    job = make_job(openings=1, hired_count=1)
    response = hx(recruiter_client).post(reverse("jobs:job_openings", args=[job.slug]), {"by": "-1"}, target=f"row-{job.pk}")
    assert response.status_code == 422
    assert b"1 already hired: the openings cannot go below that." in response.content
    assert Job.objects.get().openings == 1


@pytest.mark.parametrize("data", [{}, {"by": "2"}, {"by": "x"}])
def test_openings_step_of_another_size_is_refused(recruiter_client, hx, data):
    job = make_job()
    assert hx(recruiter_client).post(reverse("jobs:job_openings", args=[job.slug]), data).status_code == 422
    assert Job.objects.get().openings == 1


def test_status_change_answers_with_the_row_and_refuses_with_a_sentence(recruiter_client, hx):
    job = make_job(status="draft", description="")
    url = reverse("jobs:job_status", args=[job.slug])
    refused = hx(recruiter_client).post(url, {"status": "open"}, target=f"row-{job.pk}")
    assert refused.status_code == 422
    assert b"Write a description before publishing." in refused.content
    Job.objects.update(description="Do.")
    assert hx(recruiter_client).post(url, {"status": "open"}, target=f"row-{job.pk}").status_code == 200
    assert Job.objects.get().status == "open"


def test_inline_edits_work_without_script(recruiter_client):
    job = make_job()
    response = recruiter_client.post(reverse("jobs:job_openings", args=[job.slug]), {"by": "1"}, follow=True)
    assert response.redirect_chain == [(reverse("jobs:job", args=[job.slug]), 302)]
    assert [str(message) for message in response.context["messages"]] == ["Openings changed."]


def test_inline_edits_refuse_outsiders_get_requests_and_unknown_jobs(recruiter_client, outsider_client):
    job = make_job()
    for name in ("jobs:job_openings", "jobs:job_status"):
        url = reverse(name, args=[job.slug])
        assert outsider_client.post(url, {"by": "1", "status": "closed"}).status_code == 403
        assert recruiter_client.get(url).status_code == 405
        assert recruiter_client.post(reverse(name, args=["unknown"]), {"by": "1"}).status_code == 404
    assert Job.objects.values_list("openings", "status").get() == (1, "open")


# --- Form ------------------------------------------------------------------------------------------------------------
def test_new_job_is_a_draft_with_its_skills(recruiter_client):
    pipeline = make_job().pipeline
    data = {"title": "Clerk", "pipeline": pipeline.pk, "openings": "2", "required_skills": "SQL, Excel", "description": "Do."}
    response = recruiter_client.post(reverse("jobs:job_new"), data)
    job = Job.objects.get(title="Clerk")
    assert response.headers["Location"] == reverse("jobs:job", args=[job.slug])
    assert (job.status, sorted(skill.name for skill in job.skills.all())) == ("draft", ["Excel", "SQL"])


def test_job_form_refuses_with_the_field_and_keeps_what_was_typed(recruiter_client):
    response = recruiter_client.post(reverse("jobs:job_new"), {"title": "Clerk", "openings": "1", "salary_min": "5"})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"pipeline", "salary_max"}
    assert b'value="Clerk"' in response.content


def test_edit_of_a_job_with_applications_keeps_its_pipeline(recruiter_client):
    job = make_job(skills=["SQL"])
    make_application(job)
    url = reverse("jobs:job_edit", args=[job.slug])
    assert b'value="SQL"' in recruiter_client.get(url).content
    other = {"title": "Renamed", "openings": "3", "pipeline": "999", "description": "Do."}
    assert recruiter_client.post(url, other).status_code == 302
    job.refresh_from_db()
    assert (job.title, job.openings, job.skills.count()) == ("Renamed", 3, 0)
