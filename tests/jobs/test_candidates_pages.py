"""The list of candidates and the page of one."""

import pytest
from django.urls import reverse

from jobs.models import Candidate, Note

from .factories import DAY, NOW, make_application, make_candidate

pytestmark = pytest.mark.django_db
URL = "/jobs/candidates/"


@pytest.mark.parametrize("candidates", [1, 3])
@pytest.mark.parametrize(("fragment", "queries"), [(False, 6), (True, 4)])
def test_candidates_take_a_constant_number_of_queries(recruiter_client, hx, django_assert_num_queries, candidates, fragment, queries):
    for _ in range(candidates):
        make_application(candidate=make_candidate(skills={"SQL": 3}))
    client = hx(recruiter_client) if fragment else recruiter_client
    with django_assert_num_queries(queries):
        response = client.get(URL)
    assert {row.record.pk for row in response.context["table"].paginated_rows} == set(Candidate.objects.values_list("pk", flat=True))


def test_candidates_are_refused_to_outsiders(outsider_client, client):
    candidate = make_candidate()
    for url in (URL, reverse("jobs:candidate", args=[candidate.pk])):
        assert outsider_client.get(url).status_code == 403
        assert client.get(url).status_code == 302


def test_filters_each_leave_the_right_rows(recruiter_client):
    ada = make_candidate(full_name="Ada", email="a@x.io", skills={"SQL": 3, "Go": 3})
    bo = make_candidate(full_name="Bo", email="bo@y.io", skills={"SQL": 3})
    make_application(candidate=ada)
    make_application(candidate=bo, status="rejected")

    def asked(query):
        return {row.record for row in recruiter_client.get(URL + query).context["table"].paginated_rows}

    assert asked("") == {ada, bo}
    assert asked("?q=y.io") == {bo}
    assert asked("?q=ad") == {ada}
    assert asked("?active=yes") == {ada}
    assert asked("?active=no") == {bo}
    assert asked("?skill=sql") == {ada, bo}
    assert asked("?skill=sql&skill=GO&skills=all") == {ada}


@pytest.mark.parametrize("applications", [1, 3])
def test_candidate_takes_a_constant_number_of_queries(recruiter_client, django_assert_num_queries, applications):
    candidate = make_candidate(skills={"SQL": 3})
    for number in range(applications):
        make_application(candidate=candidate, applied_at=NOW - number * DAY)
        Note.objects.create(candidate=candidate, body="x")
    with django_assert_num_queries(7):
        response = recruiter_client.get(reverse("jobs:candidate", args=[candidate.pk]))
    assert len(response.context["applications"]) == applications


def test_note_on_a_candidate_answers_with_the_notes(recruiter_client, hx, outsider_client):
    candidate = make_candidate()
    url = reverse("jobs:candidate_note", args=[candidate.pk])
    assert outsider_client.post(url, {"body": "x", "visibility": "team"}).status_code == 403
    response = hx(recruiter_client).post(url, {"body": "Met at the fair", "visibility": "team"}, target="notes")
    assert response.status_code == 200
    assert b"Met at the fair" in response.content
    assert b"<html" not in response.content
    assert hx(recruiter_client).post(url, {"body": "", "visibility": "team"}, target="notes").status_code == 422
    assert Note.objects.count() == 1
