"""The list of applications and the page of one."""

import pytest
from django.urls import reverse

from jobs import pipeline
from jobs.models import Application, Note

from .factories import DAY, NOW, make_application, make_candidate, make_job, make_reason, make_source, stage

pytestmark = pytest.mark.django_db
URL = "/jobs/applications/"


@pytest.fixture
def asked(recruiter_client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)

    def ask(query: str = "") -> set[str]:
        response = recruiter_client.get(URL + query)
        assert response.status_code == 200
        return {row.record.candidate.full_name for row in response.context["table"].paginated_rows}

    return ask


@pytest.mark.parametrize("applications", [1, 3])
@pytest.mark.parametrize(("fragment", "queries"), [(False, 7), (True, 3)])
def test_applications_take_a_constant_number_of_queries(recruiter_client, hx, django_assert_num_queries, applications, fragment, queries):
    for _ in range(applications):
        make_application(source=make_source("Fair"))
    client = hx(recruiter_client) if fragment else recruiter_client
    with django_assert_num_queries(queries):
        response = client.get(URL)
    assert {row.record.pk for row in response.context["table"].paginated_rows} == set(Application.objects.values_list("pk", flat=True))


def test_applications_are_refused_to_outsiders(outsider_client, client):
    assert outsider_client.get(URL).status_code == 403
    assert client.get(URL).status_code == 302


def test_filters_each_leave_the_right_rows(asked):
    job, other = make_job(title="Analyst"), make_job(title="Mechanic")
    ada, bo, cy = (make_candidate(full_name=name, skills=skills) for name, skills in (("Ada", {"SQL": 4}), ("Bo", {"SQL": 2, "Go": 1}), ("Cy", {})))
    make_application(job, candidate=ada, rating=4, source=make_source("Fair"), applied_at=NOW - 9 * DAY)
    make_application(job, candidate=bo, kind="screen", applied_at=NOW - 2 * DAY)
    make_application(other, candidate=cy, status="rejected", applied_at=NOW - DAY)
    assert asked() == {"Ada", "Bo", "Cy"}
    assert asked("?q=ada") == {"Ada"}
    assert asked("?q=mecha") == {"Cy"}
    assert asked(f"?job={job.slug}") == {"Ada", "Bo"}
    assert asked(f"?stage={stage(job, 'screen').pk}") == {"Bo"}
    assert asked("?kind=applied&status=active") == {"Ada"}
    assert asked("?status=rejected&status=active") == {"Ada", "Bo", "Cy"}
    assert asked(f"?source={make_source('Fair').pk}") == {"Ada"}
    assert asked("?rating=3") == {"Ada"}
    assert asked("?waiting=too_long") == {"Ada"}
    assert asked("?waiting=first_look") == {"Ada"}
    assert asked("?applied_from=2026-03-29&applied_to=2026-03-29") == {"Bo"}
    assert asked("?skill=sql") == {"Ada", "Bo"}
    assert asked("?skill=sql&skill=go&skills=all") == {"Bo"}


def test_filter_by_a_job_names_it_in_the_title(recruiter_client):
    job = make_job(title="Analyst")
    assert recruiter_client.get(f"{URL}?job={job.slug}").context["title"] == "Applications for Analyst"
    assert recruiter_client.get(f"{URL}?job=unknown").context["paginator"].count == 0


@pytest.mark.parametrize("column", ["candidate", "job", "stage", "waiting", "status", "rating", "coverage", "source", "applied_at"])
def test_sort_by_every_column_is_total(recruiter_client, column):
    make_application(applied_at=None)
    dated = make_application(source=make_source("Fair"))
    for sign in ("", "-"):
        table = recruiter_client.get(f"{URL}?sort={sign}{column}").context["table"]
        assert table.data.data.totally_ordered
        assert table.data.data.count() == 2
        if column in {"applied_at", "waiting", "source"}:
            assert table.data.data[0] == dated


# --- One application -------------------------------------------------------------------------------------------------
def page_of(application):
    return reverse("jobs:application", args=[application.pk])


@pytest.mark.parametrize("moves", [1, 3])
@pytest.mark.parametrize(("fragment", "queries"), [(False, 14), (True, 14)])
def test_application_takes_a_constant_number_of_queries(recruiter_client, recruiter, hx, django_assert_num_queries, moves, fragment, queries):
    job = make_job(skills=["SQL"])
    candidate = make_candidate(skills={"SQL": 3})
    application = pipeline.enter(Application(job=job, candidate=candidate, applied_at=NOW), recruiter)
    for number, kind in enumerate(["screen", "interview", "offer"][:moves]):
        pipeline.move(Application.objects.filter(pk=application.pk), stage(job, kind), recruiter, now=NOW + number * DAY)
        make_application(candidate=candidate)
        Note.objects.create(application=application, body="Good", author=recruiter)
    with django_assert_num_queries(queries):
        headers = hx.headers("application") if fragment else {}
        response = recruiter_client.get(page_of(application), headers=headers)
    assert len(response.context["events"]) == moves + 1
    assert len(response.context["others"]) == len(response.context["notes"]) == moves


def test_application_shows_its_history_and_says_when_there_is_none(recruiter_client):
    application = pipeline.enter(Application(job=make_job(), candidate=make_candidate()), None)
    assert b"Came into Applied" in recruiter_client.get(page_of(application)).content
    imported = make_application(applied_at=None)
    assert b"Imported without a history" in recruiter_client.get(page_of(imported)).content


def test_application_is_refused_to_outsiders_and_unknown_ones_are_404(recruiter_client, outsider_client):
    assert outsider_client.get(page_of(make_application())).status_code == 403
    for number in (0, 10**18, 10**30):
        assert recruiter_client.get(f"{URL}{number}/").status_code == 404


def test_outcomes_close_and_reopen_on_the_page(recruiter_client, hx):
    application = pipeline.enter(Application(job=make_job(), candidate=make_candidate(), applied_at=NOW), None)
    outcome = reverse("jobs:application_outcome", args=[application.pk])
    for data, status in (
        ({"outcome": "rejected", "reason": make_reason().pk}, "rejected"),
        ({"outcome": "active"}, "active"),
        ({"outcome": "withdrawn"}, "withdrawn"),
    ):
        assert hx(recruiter_client).post(outcome, data, target="application").status_code == 200
        application.refresh_from_db()
        assert application.status == status
    refused = hx(recruiter_client).post(outcome, {"outcome": "withdrawn"}, target="application")
    assert refused.status_code == 422
    assert b"is already withdrawn." in refused.content


def test_note_is_added_and_an_empty_one_refused_beside_the_field(recruiter_client, hx, recruiter):
    application = make_application()
    url = reverse("jobs:application_note", args=[application.pk])
    response = hx(recruiter_client).post(url, {"body": "Call back <b>soon</b>", "visibility": "private"}, target="application")
    assert b"Call back &lt;b&gt;soon&lt;/b&gt;" in response.content
    note = Note.objects.get()
    assert (note.author, note.visibility) == (recruiter, "private")
    refused = hx(recruiter_client).post(url, {"body": "  ", "visibility": "team"}, target="application")
    assert refused.status_code == 422
    assert b"A note says something." in refused.content


def test_private_note_of_somebody_else_is_not_shown(recruiter_client, admin):
    application = make_application()
    Note.objects.create(application=application, body="between us", author=admin, visibility="private")
    assert b"between us" not in recruiter_client.get(page_of(application)).content
