"""The administration of hiring: usable lists in bounded queries, and no way around the log."""

import pytest
from django.urls import reverse

from jobs import pipeline
from jobs.models import Application, Candidate, Job, Note, SkillAlias, StageEvent

from .factories import default_pipeline, make_application, make_candidate, make_job, make_skill, make_source, stage

pytestmark = pytest.mark.django_db


def changelist(model):
    return reverse(f"admin:jobs_{model}_changelist")


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("model", "queries"),
    [("job", 6), ("application", 7), ("candidate", 6), ("skill", 5), ("stage", 5), ("pipeline", 4), ("source", 4), ("rejectionreason", 4)],
)
def test_lists_take_a_constant_number_of_queries(admin_client, django_assert_num_queries, model, queries, rows):
    for _ in range(rows):
        make_application(make_job(skills=["SQL"]), source=make_source("Fair"), candidate=make_candidate(skills={"SQL": 3}))
    admin_client.get(changelist(model))
    with django_assert_num_queries(queries):
        assert admin_client.get(changelist(model)).status_code == 200


@pytest.mark.parametrize(
    ("model", "text", "found"),
    [("job", "mechanic", 1), ("application", "ada", 1), ("candidate", "ada", 1), ("skill", "postgres", 1), ("stage", "offer", 1), ("job", "zq", 0)],
)
def test_search_finds_by_what_people_know(admin_client, model, text, found):
    SkillAlias.objects.create(alias="Postgres", skill=make_skill("PostgreSQL"))
    make_application(make_job(title="Bike mechanic"), candidate=make_candidate(full_name="Ada Balor"))
    make_application()
    response = admin_client.get(changelist(model), {"q": text})
    assert response.context["cl"].result_count == found


@pytest.mark.parametrize("links", [1, 3])
def test_job_form_takes_a_constant_number_of_queries(admin_client, django_assert_num_queries, links):
    job = make_job(skills=["A", "B", "C"][:links])
    url = reverse("admin:jobs_job_change", args=[job.pk])
    admin_client.get(url)
    with django_assert_num_queries(9 + links):  # one query names the chosen skill of each inline row
        assert admin_client.get(url).status_code == 200


def test_application_made_here_enters_the_pipeline_with_its_log(admin_client, admin):
    job, candidate = make_job(), make_candidate()
    inlines = {f"{prefix}-{word}": "0" for prefix in ("events", "notes") for word in ("TOTAL_FORMS", "INITIAL_FORMS")}
    data = {"key": "k1", "job": job.pk, "candidate": candidate.pk, "rating": "0"} | inlines
    url = reverse("admin:jobs_application_add")
    assert admin_client.post(url, data).status_code == 302
    event = StageEvent.objects.get()
    assert (event.application.stage.kind, event.actor) == ("applied", admin)
    again = admin_client.post(url, data | {"key": "k2"})
    assert b"already has an active application" in again.content
    assert Application.objects.count() == 1


def test_application_is_neither_moved_nor_deleted_here(admin_client):
    application = pipeline.enter(Application(job=make_job(), candidate=make_candidate()), None)
    url = reverse("admin:jobs_application_change", args=[application.pk])
    inlines = {
        "events-TOTAL_FORMS": "1", "events-INITIAL_FORMS": "1", "events-0-id": StageEvent.objects.get().pk, "events-0-application": application.pk,
        "notes-TOTAL_FORMS": "1", "notes-INITIAL_FORMS": "0", "notes-0-body": "Seen", "notes-0-visibility": "team",
        "notes-0-application": application.pk,
    }  # fmt: skip
    data = {"key": application.key, "rating": "3", "stage": stage(application.job, "hired").pk, "status": "hired"} | inlines
    assert admin_client.post(url, data).status_code == 302
    application.refresh_from_db()
    assert (application.stage.kind, application.status, application.rating) == ("applied", "active", 3)
    assert Note.objects.get().author.username == "admin"
    assert admin_client.post(reverse("admin:jobs_application_delete", args=[application.pk]), {"post": "yes"}).status_code == 403


def test_job_saved_here_says_broken_rules_beside_their_fields(admin_client):
    inlines = {f"{prefix}-{word}": "0" for prefix in ("job_skills", "holds") for word in ("TOTAL_FORMS", "INITIAL_FORMS")}
    data = {"title": "Clerk", "key": "c1", "pipeline": default_pipeline().pk, "status": "draft", "openings": "1", "salary_min": "5"} | inlines
    response = admin_client.post(reverse("admin:jobs_job_add"), data)
    assert response.context["adminform"].form.errors["salary_max"] == ["A salary has both ends, or none."]
    assert admin_client.post(reverse("admin:jobs_job_add"), data | {"salary_min": ""}).status_code == 302
    assert Job.objects.get().slug == "clerk-c1"


@pytest.mark.parametrize("field", [("job", "pipeline"), ("application", "candidate"), ("jobskill", "skill")])
def test_autocomplete_answers(admin_client, field):
    make_application(make_job(skills=["SQL"]))
    model, name = field
    response = admin_client.get(reverse("admin:autocomplete"), {"app_label": "jobs", "model_name": model, "field_name": name, "term": ""})
    assert response.json()["results"]


def test_administration_is_closed_to_recruiters(recruiter_client):
    assert recruiter_client.get(changelist("job")).status_code == 302
    assert not Candidate.objects.exists()
