"""Every rule of the hiring tables, refused by PostgreSQL itself, and said in a sentence by the model where people type."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from jobs.models import (
    Batch,
    Candidate,
    CandidateSkill,
    Job,
    JobHold,
    JobSkill,
    Note,
    Pipeline,
    RejectionReason,
    Skill,
    SkillAlias,
    Source,
    Stage,
    StageEvent,
)

from .factories import DAY, NOW, default_pipeline, make_application, make_candidate, make_job, make_pipeline, make_skill, stage

pytestmark = pytest.mark.django_db


def refused(make) -> str:
    """The name of the constraint that refuses what `make` writes."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        make()
    return caught.value.__cause__.diag.constraint_name


PAY = {"salary_min": 10, "salary_max": 20, "salary_currency": "EUR", "salary_period": "hour"}


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"status": "gone"}, "job_status_known"),
        ({"workplace": "moon", "country": "Germany"}, "job_workplace_known"),
        ({"employment_type": ["serfdom"]}, "job_employment_type_known"),
        (PAY | {"salary_min": 30}, "job_salary_complete"),
        (PAY | {"salary_min": None}, "job_salary_complete"),
        (PAY | {"salary_max": None}, "job_salary_complete"),
        (PAY | {"salary_min": 0}, "job_salary_complete"),
        (PAY | {"salary_currency": ""}, "job_salary_complete"),
        (PAY | {"salary_currency": "eur"}, "job_salary_complete"),
        (PAY | {"salary_period": "moon"}, "job_salary_complete"),
        ({"salary_currency": "EUR"}, "job_salary_complete"),
        ({"openings": 0}, "job_openings_positive"),
        ({"openings": 1, "hired_count": 2}, "job_hired_within_openings"),
        ({"opened_at": None}, "job_opened_unless_draft"),
        ({"published_at": None}, "job_open_is_published"),
        ({"status": "closed", "closed_at": None}, "job_closed_has_date"),
        ({"closed_at": NOW}, "job_closed_has_date"),
        ({"status": "closed", "closed_at": datetime(2020, 1, 1, tzinfo=UTC)}, "job_closed_after_opened"),
        ({"closes_at": datetime(2020, 1, 1, tzinfo=UTC)}, "job_closes_after_published"),
        ({"workplace": "onsite"}, "job_country_unless_remote"),
        ({"workplace": "hybrid"}, "job_country_unless_remote"),
        ({"workplace": "remote"}, "job_remote_countries_if_remote"),
    ],
)
def test_job_that_breaks_a_rule_is_refused(fields, constraint):
    assert refused(lambda: make_job(**fields)) == constraint


def test_job_with_every_rule_kept_is_saved():
    make_job(**PAY, workplace="hybrid", country="Germany", employment_type=["full_time", "contract"])
    make_job(workplace="remote", remote_countries=["Worldwide"])
    make_job(country="Kenya")
    assert Job.objects.count() == 3


def test_job_key_and_slug_are_unique():
    job = make_job(title="Clerk", key="a")
    assert refused(lambda: make_job(title="Other", key="a")) == "jobs_job_key_key"
    assert refused(lambda: make_job(key="b", slug=job.slug)) == "jobs_job_slug_key"


def test_hold_that_overlaps_another_of_the_same_job_is_refused():
    job, other = make_job(), make_job()
    JobHold.objects.create(job=job, period=(NOW - 9 * DAY, NOW - 5 * DAY))
    JobHold.objects.create(job=job, period=(NOW - 5 * DAY, None))
    JobHold.objects.create(job=other, period=(NOW - 7 * DAY, NOW))
    assert refused(lambda: JobHold.objects.create(job=job, period=(NOW - 6 * DAY, NOW))) == "job_hold_no_overlap"


def test_skill_names_differ_in_more_than_letter_case():
    skill = make_skill("Python")
    assert refused(lambda: Skill.objects.create(name="PYTHON")) == "skill_name_unique"
    assert refused(lambda: Skill.objects.create(name="")) == "skill_name_not_empty"
    SkillAlias.objects.create(alias="py", skill=skill)
    assert refused(lambda: SkillAlias.objects.create(alias="Py", skill=make_skill("Pyrotechnics"))) == "skill_alias_unique"


def test_job_asks_for_a_skill_once_and_at_a_level_from_1_to_5():
    job, skill = make_job(skills=["Python"]), make_skill("SQL")
    assert refused(lambda: JobSkill.objects.create(job=job, skill=make_skill("Python"))) == "job_skill_unique"
    assert refused(lambda: JobSkill.objects.create(job=job, skill=skill, min_level=6)) == "job_skill_level_range"
    assert refused(lambda: JobSkill.objects.create(job=job, skill=skill, min_level=0)) == "job_skill_level_range"


def test_candidate_has_a_skill_once_and_at_a_level_from_1_to_5():
    candidate, skill = make_candidate(skills={"SQL": 3}), make_skill("Python")
    assert refused(lambda: CandidateSkill.objects.create(candidate=candidate, skill=make_skill("SQL"))) == "candidate_skill_unique"
    assert refused(lambda: CandidateSkill.objects.create(candidate=candidate, skill=skill, level=6)) == "candidate_skill_level_range"
    assert refused(lambda: CandidateSkill.objects.create(candidate=candidate, skill=skill, source="mother")) == "candidate_skill_source_known"


def test_pipeline_rules():
    pipeline = make_pipeline(name="Sales hires")
    default_pipeline()
    assert refused(lambda: Pipeline.objects.create(name="SALES HIRES")) == "pipeline_name_unique"
    assert refused(lambda: Pipeline.objects.create(name="Other", is_default=True)) == "pipeline_one_default"
    assert refused(lambda: Stage.objects.create(pipeline=pipeline, name="Tea", kind="tea", position=9)) == "stage_kind_known"
    assert refused(lambda: Stage.objects.create(pipeline=pipeline, name="screen", kind="screen", position=9)) == "stage_name_unique"
    assert refused(lambda: Stage.objects.create(pipeline=pipeline, name="Tea", kind="screen", position=9, sla_days=0)) == "stage_sla_days_positive"


def test_stages_trade_places_inside_a_transaction_but_never_share_one():
    first, second = list(make_pipeline().stages.order_by("position")[:2])
    with transaction.atomic():
        Stage.objects.filter(pk=first.pk).update(position=1)
        Stage.objects.filter(pk=second.pk).update(position=0)
        check_deferred()

    def share():
        Stage.objects.filter(pk=first.pk).update(position=0)
        check_deferred()

    assert refused(share) == "stage_position_unique"


def check_deferred():
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_source_and_reason_rules():
    Source.objects.create(name="Fair")
    assert refused(lambda: Source.objects.create(name="FAIR")) == "source_name_unique"
    assert refused(lambda: Source.objects.create(name="Other one", kind="rumour")) == "source_kind_known"
    assert refused(lambda: Source.objects.create(name="Other one", cost=-1)) == "source_cost_not_negative"
    RejectionReason.objects.create(name="Too far")
    assert refused(lambda: RejectionReason.objects.create(name="too far")) == "rejection_reason_name_unique"
    assert refused(lambda: RejectionReason.objects.create(name="Fate", side="nobody")) == "rejection_reason_side_known"


def test_candidate_rules():
    candidate = make_candidate(email="di@x.io")
    assert refused(lambda: make_candidate(email="DI@X.io")) == "candidate_email_unique"
    assert refused(lambda: make_candidate(phone="030 123")) == "candidate_phone_form"
    assert refused(lambda: make_candidate(anonymised_at=NOW)) == "candidate_erased_is_empty"
    assert refused(lambda: Candidate.objects.filter(pk=candidate.pk).update(merged_into=candidate.pk)) == "candidate_not_merged_into_itself"


def test_candidate_email_may_repeat_when_empty_erased_or_merged():
    first = make_candidate(email="a@x.io")
    make_candidate(email="")
    make_candidate(email="")
    Candidate.objects.create(anonymised_at=NOW)
    make_candidate(email="A@x.io", merged_into=first)
    assert Candidate.objects.count() == 5


def test_candidate_label_is_name_then_email_then_key():
    assert Candidate.objects.create(full_name="Ada", email="a@x.io").label == "Ada"
    assert Candidate.objects.create(email="b@x.io").label == "b@x.io"
    assert Candidate.objects.create(key="1005108").label == "Candidate 1005108"


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"status": "lost"}, "application_status_known"),
        ({"status": "rejected", "reason": None}, "application_rejected_has_reason"),
        ({"closed_at": NOW}, "application_active_is_not_closed"),
        ({"status": "withdrawn", "hired_at": NOW}, "application_hired_at_if_hired"),
        ({"stage_since": None}, "application_dates_complete"),
        ({"status": "hired", "hired_at": None}, "application_dates_complete"),
        ({"status": "withdrawn", "closed_at": None}, "application_dates_complete"),
        ({"stage_since": NOW - 30 * DAY}, "application_times_in_order"),
        ({"status": "withdrawn", "closed_at": NOW - 30 * DAY}, "application_times_in_order"),
        ({"status": "hired", "hired_at": NOW - 30 * DAY}, "application_times_in_order"),
        ({"rating": 6}, "application_rating_range"),
    ],
)
def test_application_that_breaks_a_rule_is_refused(fields, constraint):
    assert refused(lambda: make_application(**fields)) == constraint


def test_application_without_dates_is_accepted_in_every_outcome():
    for status in ("active", "rejected", "withdrawn", "hired"):
        application = make_application(status=status, applied_at=None)
        application.refresh_from_db()
        assert (application.applied_at, application.closed_at) == (None, None)


def test_second_active_application_for_a_job_is_refused_but_a_new_one_after_a_closed_one_is_not():
    job, candidate = make_job(), make_candidate()
    make_application(job, candidate=candidate, status="rejected")
    make_application(job, candidate=candidate)
    assert refused(lambda: make_application(job, candidate=candidate)) == "application_one_active"


def test_rating_above_five_is_refused_even_through_an_expression():
    from django.db.models import F  # noqa: PLC0415

    application = make_application()
    rows = type(application).objects.filter(pk=application.pk)
    assert refused(lambda: rows.update(rating=F("rating") + 6)) == "application_rating_range"


def test_note_belongs_to_exactly_one_thing_and_says_something():
    application = make_application()
    assert refused(lambda: Note.objects.create(body="x")) == "note_on_exactly_one"
    assert refused(lambda: Note.objects.create(body="x", application=application, candidate=application.candidate)) == "note_on_exactly_one"
    assert refused(lambda: Note.objects.create(application=application)) == "note_not_empty"
    assert refused(lambda: Note.objects.create(body="x", application=application, visibility="world")) == "note_visibility_known"


def test_batch_rules():
    assert refused(lambda: Batch.objects.create(kind="party")) == "batch_kind_known"
    assert refused(lambda: Batch.objects.create(kind="move", at=NOW, undone_at=NOW - DAY)) == "batch_undone_after_made"


def test_stage_event_into_the_same_stage_is_refused():
    application = make_application()
    here = application.stage
    assert refused(lambda: StageEvent.objects.create(application=application, from_stage=here, to_stage=here)) == "stage_event_moves"


def test_stage_log_refuses_every_change_and_deletion():
    application = make_application()
    event = StageEvent.objects.create(application=application, to_stage=application.stage)
    for write in (
        lambda: StageEvent.objects.filter(pk=event.pk).update(note="changed"),
        lambda: StageEvent.objects.filter(pk=event.pk).update(to_stage=stage(application.job, "offer")),
        lambda: StageEvent.objects.filter(pk=event.pk)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            write()


def test_stage_log_outlives_the_account_of_its_actor(recruiter):
    application = make_application()
    event = StageEvent.objects.create(application=application, to_stage=application.stage, actor=recruiter)
    recruiter.delete()
    event.refresh_from_db()
    assert event.actor is None


def test_job_form_rules_are_said_in_sentences_by_the_model():
    job = make_job()
    job.salary_min = 5
    with pytest.raises(ValidationError) as caught:
        job.full_clean()
    assert caught.value.message_dict["salary_max"] == ["A salary has both ends, or none."]
