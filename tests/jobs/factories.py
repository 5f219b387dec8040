"""Rows of the hiring side for tests: everything that a test does not say is plain and valid."""

from datetime import UTC, datetime, timedelta
from itertools import count

from jobs.models import (
    Application,
    Candidate,
    CandidateSkill,
    Job,
    JobSkill,
    Pipeline,
    RejectionReason,
    Skill,
    Source,
    Stage,
)

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
number = count(1)

STAGES = [("Applied", "applied", 3), ("Screen", "screen", 5), ("Interview", "interview", 10), ("Offer", "offer", 7), ("Hired", "hired", None)]


def make_pipeline(**fields) -> Pipeline:
    pipeline = Pipeline.objects.create(**{"name": f"Pipeline {next(number)}"} | fields)
    for position, (name, kind, days) in enumerate(STAGES):
        Stage.objects.create(pipeline=pipeline, name=name, kind=kind, position=position, sla_days=days)
    return pipeline


def default_pipeline() -> Pipeline:
    return Pipeline.objects.filter(is_default=True).first() or make_pipeline(name="Standard", is_default=True)


def make_skill(name: str) -> Skill:
    return Skill.objects.filter(name__iexact=name).first() or Skill.objects.create(name=name)


def make_job(*, skills=(), nice=(), **fields) -> Job:
    """An open job without applications, opened and published on 1 January 2026."""
    opened = datetime(2026, 1, 1, 12, tzinfo=UTC)
    status = fields.get("status", "open")
    dates = {} if status == "draft" else {"opened_at": opened, "published_at": opened}
    dates |= {"closed_at": NOW - DAY} if status == "closed" else {}
    plain = {
        "title": f"Job {next(number)}",
        "pipeline": fields.get("pipeline") or default_pipeline(),
        "description": "Do the work.",
        "status": status,
    }
    job = Job.objects.create(**plain | dates | fields)
    for required, names in ((True, skills), (False, nice)):
        for name in names:
            JobSkill.objects.create(job=job, skill=make_skill(name), required=required)
    return job


def make_candidate(*, skills=None, **fields) -> Candidate:
    serial = next(number)
    candidate = Candidate.objects.create(**{"full_name": f"Person {serial}", "email": f"person{serial}@example.com"} | fields)
    for name, level in (skills or {}).items():
        CandidateSkill.objects.create(candidate=candidate, skill=make_skill(name), level=level)
    return candidate


def stage(job: Job, kind: str) -> Stage:
    return job.pipeline.stages.get(kind=kind)


def make_application(job: Job | None = None, *, kind: str = "applied", **fields) -> Application:
    """An application as the lists see it, without a log; pipeline.enter makes one with a log."""
    job = job or make_job()
    applied = fields.pop("applied_at", NOW - DAY)
    status = fields.get("status", "active")
    plain = {"job": job, "stage": stage(job, kind), "applied_at": applied, "stage_since": applied}
    if "candidate" not in fields:
        plain["candidate"] = make_candidate()
    if status != "active" and applied:
        plain["closed_at"] = applied + DAY
    if status == "hired" and applied:
        plain["hired_at"] = applied + DAY
    if status == "rejected":
        plain["reason"] = make_reason()
    return Application.objects.create(**plain | fields)


def make_reason(name: str = "Reason", **fields) -> RejectionReason:
    return RejectionReason.objects.filter(name=name).first() or RejectionReason.objects.create(name=name, **fields)


def make_source(name: str) -> Source:
    return Source.objects.filter(name=name).first() or Source.objects.create(name=name)
