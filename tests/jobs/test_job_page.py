"""One job: facts, board and list, and the edits made on them."""

import pytest
from django.urls import reverse

from jobs import pipeline
from jobs.models import Application, Job, StageEvent

from .factories import DAY, NOW, make_application, make_candidate, make_job, make_reason, stage

pytestmark = pytest.mark.django_db


def url(job, query=""):
    return reverse("jobs:job", args=[job.slug]) + query


def entered(job, name="Ada"):
    return pipeline.enter(Application(job=job, candidate=make_candidate(full_name=name), applied_at=NOW - DAY), None)


@pytest.mark.parametrize("shown_as", ["board", "list"])
@pytest.mark.parametrize("applications", [1, 3])
@pytest.mark.parametrize(("target", "queries"), [("", 9), ("pipeline", 7), ("facts", 3)])
def test_job_takes_a_constant_number_of_queries(recruiter_client, hx, django_assert_num_queries, shown_as, applications, target, queries):
    job = make_job(skills=["SQL"])
    for _ in range(applications):
        make_application(job, candidate=make_candidate(skills={"SQL": 4}))
    with django_assert_num_queries(queries):
        if target:
            response = hx(recruiter_client).get(url(job, f"?as={shown_as}"), target=target)
        else:
            response = recruiter_client.get(url(job, f"?as={shown_as}"))
    assert response.status_code == 200
    assert (b"<html" in response.content) is (target == "")


def test_job_is_refused_to_outsiders_and_unknown_ones_are_404(recruiter_client, outsider_client, client):
    job = make_job()
    assert outsider_client.get(url(job)).status_code == 403
    assert client.get(url(job)).status_code == 302
    assert recruiter_client.get("/jobs/unknown-1/").status_code == 404


def test_stages_hold_active_and_hired_applications_the_longest_waiting_first(recruiter_client):
    job = make_job(openings=2, hired_count=1)
    late, fresh = make_application(job, applied_at=NOW - 9 * DAY), make_application(job, applied_at=NOW - DAY)
    hired = make_application(job, kind="hired", status="hired")
    make_application(job, status="rejected")
    make_application(make_job())
    response = recruiter_client.get(url(job))
    cards = {row.kind: (row.number, [card.pk for card in row.cards]) for row in response.context["stages"]}
    assert cards == {"applied": (2, [late.pk, fresh.pk]), "screen": (0, []), "interview": (0, []), "offer": (0, []), "hired": (1, [hired.pk])}
    assert response.context["ended"] == {"rejected": 1, "withdrawn": 0}


def test_stage_shows_25_cards_and_says_how_many_more(recruiter_client):
    job = make_job()
    for _ in range(27):
        make_application(job)
    response = recruiter_client.get(url(job))
    first = response.context["stages"][0]
    assert (first.number, len(first.cards), first.hidden) == (27, 25, 2)
    assert f"?job={job.slug}&amp;stage={first.pk}".encode() in response.content


def test_move_on_the_board_answers_with_the_pipeline_and_its_new_counts(recruiter_client, hx, recruiter):
    job = make_job()
    application = entered(job)
    move = reverse("jobs:application_move", args=[application.pk]) + "?as=board"
    response = hx(recruiter_client).post(move, {"stage": stage(job, "screen").pk}, target="pipeline")
    assert response.status_code == 200
    assert [row.number for row in response.context["stages"]] == [0, 1, 0, 0, 0]
    assert "Ada moved to Screen." in response.headers["HX-Trigger"]
    assert StageEvent.objects.latest("pk").actor == recruiter
    assert f'id="move-{application.pk}" aria-label="Move Ada" autofocus'.encode() in response.content


def test_hire_without_an_opening_is_refused_on_the_card(recruiter_client, hx):
    job = make_job(openings=1, hired_count=1)
    application = entered(job)
    move = reverse("jobs:application_move", args=[application.pk]) + "?as=list"
    response = hx(recruiter_client).post(move, {"stage": stage(job, "hired").pk}, target="pipeline")
    assert response.status_code == 422
    assert f"{job.title} has no openings left. Add openings first.".encode() in response.content
    application.refresh_from_db()
    assert application.status == "active"


@pytest.mark.parametrize("value", ["", "0", "x", "999999"])
def test_move_to_no_stage_of_this_pipeline_is_refused(recruiter_client, hx, value):
    application = entered(make_job())
    move = reverse("jobs:application_move", args=[application.pk])
    assert hx(recruiter_client).post(move, {"stage": value}, target="pipeline").status_code == 422
    assert StageEvent.objects.count() == 1


def test_rating_on_the_board_goes_up_and_stops_at_five(recruiter_client, hx):
    application = make_application(rating=4)
    rate = reverse("jobs:application_rating", args=[application.pk]) + "?as=board"
    assert hx(recruiter_client).post(rate, {"by": "1"}, target="pipeline").status_code == 200
    response = hx(recruiter_client).post(rate, {"by": "1"}, target="pipeline")
    assert response.status_code == 422
    assert b"A rating is 0 to 5 stars." in response.content
    assert Application.objects.get().rating == 5


def test_reject_wants_a_reason_and_takes_the_card_off_the_board(recruiter_client, hx):
    application = entered(make_job())
    outcome = reverse("jobs:application_outcome", args=[application.pk]) + "?as=board"
    refused = hx(recruiter_client).post(outcome, {"outcome": "rejected"}, target="pipeline")
    assert refused.status_code == 422
    assert b"Choose why the application is rejected." in refused.content
    response = hx(recruiter_client).post(outcome, {"outcome": "rejected", "reason": make_reason().pk}, target="pipeline")
    assert response.context["ended"]["rejected"] == 1
    assert [row.number for row in response.context["stages"]] == [0, 0, 0, 0, 0]


def test_edits_of_facts_answer_with_the_facts(recruiter_client, hx):
    job = make_job()
    response = hx(recruiter_client).post(reverse("jobs:job_openings", args=[job.slug]), {"by": "1"}, target="facts")
    assert response.status_code == 200
    assert b'id="facts"' in response.content
    refused = hx(recruiter_client).post(reverse("jobs:job_status", args=[job.slug]), {"status": "open"}, target="facts")
    assert refused.status_code == 422
    assert b"Open already." in refused.content
    assert Job.objects.get().openings == 2


def test_edits_on_the_board_work_without_script(recruiter_client):
    job = make_job()
    application = entered(job)
    move = reverse("jobs:application_move", args=[application.pk]) + "?as=list"
    response = recruiter_client.post(move, {"stage": stage(job, "screen").pk})
    assert response.headers["Location"] == url(job, "?as=list")
    application.refresh_from_db()
    assert application.stage.kind == "screen"


@pytest.mark.parametrize("name", ["move", "rating", "outcome", "note"])
def test_edits_of_applications_are_refused_to_outsiders(outsider_client, client, recruiter_client, name):
    application = entered(make_job())
    edit = reverse(f"jobs:application_{name}", args=[application.pk])
    data = {"stage": stage(application.job, "screen").pk, "by": "1", "outcome": "withdrawn", "body": "x", "visibility": "team"}
    assert outsider_client.post(edit, data).status_code == 403
    assert client.post(edit, data).status_code == 302
    assert recruiter_client.get(edit).status_code == 405
    assert recruiter_client.post(reverse(f"jobs:application_{name}", args=[0]), data).status_code == 404
    application.refresh_from_db()
    assert (application.stage.kind, application.rating, application.status, application.notes.count()) == ("applied", 0, "active", 0)
