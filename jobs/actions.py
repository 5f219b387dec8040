"""Every write of the hiring pages. Inline edits and bulk actions call the same function with one row or with many.

Functions take the rows as a queryset that the caller has scoped to the user, and return how many changed. They raise Refused with a
sentence when nothing may happen; those for several rows return an Outcome that names the rows left out, with the reason.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, F, Func, OuterRef, Value
from django.db.models.functions import Coalesce

from dashboard.changes import change_set

from . import pipeline
from .models import Application, ApplicationStatus, Job, JobHold, JobSkill, JobStatus, Note, Skill
from .refusal import Refused
from .vocabulary import skills_by_name


@dataclass(frozen=True)
class Outcome:
    """What a bulk action did: how many rows, and a sentence for each row left out."""

    count: int
    refused: list[str] = field(default_factory=list)


def called(rows, name: str, several: str) -> str:
    """One row by its name, several by their number: the object of a change set's sentence."""
    names = list(rows.order_by("pk").values_list(name, flat=True)[:2])
    return names[0] if len(names) == 1 else f"{rows.count()} {several}"


def people(applications) -> str:
    """Whom applications are of."""
    return called(applications, "candidate__label", "applications")


def change_openings(jobs, by: int, user) -> int:
    """Add `by` openings (or take them away) on every job where that leaves at least one and no fewer than people hired."""
    with change_set(user, "job.openings_changed", f"openings of {called(jobs, 'title', 'jobs')}: {by:+d}") as change:
        fitting = jobs.filter(openings__gte=Coalesce(F("hired_count"), 0) - by, openings__gt=-by)
        change.count = fitting.update(openings=F("openings") + by)
        if not change.count:
            hired = jobs.values_list("hired_count", flat=True).first() or 0
            raise Refused(f"{hired} already hired: the openings cannot go below that." if hired else "A job has at least one opening.")
        return change.count


def set_status(jobs, status: str, user, *, now: datetime) -> Outcome:
    """Publish, pause or close jobs; those whose present state does not allow it stay as they are and are named with the reason.

    A pause opens a hold and any other state ends it, so that days open leave it out.
    """
    verbs = {JobStatus.OPEN: "published", JobStatus.PAUSED: "paused", JobStatus.CLOSED: "closed"}
    if status not in verbs:
        raise Refused("A job does not become a draft again; pause it or close it.")
    with change_set(user, f"job.{verbs[status]}", f"{verbs[status]} jobs") as change:
        reasons = {job: _why_not(job, status, now) for job in jobs.select_for_update().order_by("pk")}
        allowed = Job.objects.filter(pk__in=[job.pk for job, reason in reasons.items() if not reason])
        _hold(allowed, status, now)
        change.sentence = f"{verbs[status]} {called(allowed, 'title', 'jobs')}"
        change.count = allowed.update(**_dates(status, now), status=status)
        return Outcome(change.count, [f"{job.title}: {reason}" for job, reason in reasons.items() if reason])


def _why_not(job: Job, status: str, now: datetime) -> str:
    """Why this job cannot take this status, or nothing."""
    if job.status == status:
        return f"it is {job.get_status_display().lower()} already."
    if status == JobStatus.OPEN and not job.description.strip():
        return "write a description before publishing."
    if status == JobStatus.OPEN and job.closes_at and job.closes_at <= now:
        return "its last day has passed; change that first."
    if status == JobStatus.PAUSED and job.status != JobStatus.OPEN:
        return "only an open job can be paused."
    if status == JobStatus.CLOSED and job.status == JobStatus.DRAFT:
        return "a draft was never open; delete it instead."
    return ""


def _dates(status: str, now: datetime) -> dict:
    """The dates that come with a status; earlier ones are kept."""
    if status == JobStatus.OPEN:
        return {"published_at": Coalesce("published_at", Value(now)), "opened_at": Coalesce("opened_at", Value(now)), "closed_at": None}
    return {"closed_at": now} if status == JobStatus.CLOSED else {}


def _hold(jobs, status: str, now: datetime) -> None:
    if status == JobStatus.PAUSED:
        JobHold.objects.bulk_create(JobHold(job=job, period=(now, None), reason="Paused") for job in jobs)
    else:
        running = JobHold.objects.filter(job__in=jobs, period__upper_inf=True)
        running.update(period=Func(F("period__startswith"), Value(now), function="tstzrange"))


def delete_drafts(jobs, user) -> Outcome:
    """Delete drafts that nobody has applied to; every other job stays and is named with the reason."""
    with change_set(user, "job.deleted", "deleted drafts") as change:
        # Locked first and read afterwards: nobody can apply between the look and the deletion.
        locked = list(jobs.select_for_update().order_by("pk").values_list("pk", flat=True))
        applied = Exists(Application.objects.filter(job=OuterRef("pk")))
        rows = list(Job.objects.filter(pk__in=locked).annotate(applied=applied).order_by("pk"))
        refused = [f"{job.title}: it has applications." for job in rows if job.applied]
        refused += [f"{job.title}: only drafts are deleted; close it instead." for job in rows if not job.applied and job.status != JobStatus.DRAFT]
        drafts = [job.pk for job in rows if not job.applied and job.status == JobStatus.DRAFT]
        change.sentence = f"deleted {called(Job.objects.filter(pk__in=drafts), 'title', 'drafts')}"
        Job.objects.filter(pk__in=drafts).delete()
        change.count = len(drafts)
        return Outcome(len(drafts), refused)


def save_job(form, user) -> Job:
    """Save a valid job form: the job and the skills it asks for, each once."""
    verb, words = ("job.changed", "changed") if form.instance.pk else ("job.created", "created")
    with change_set(user, verb, f"{words} the job {form.instance.title}") as change:
        job = form.save(commit=False)
        if job.pk:
            # Hires may have happened since the form was shown: what the form does not hold stays as it is in the database.
            hired = Job.objects.select_for_update().values_list("hired_count", flat=True).get(pk=job.pk)
            if job.openings < hired:
                raise Refused(f"{hired} already hired: the openings cannot go below that.")
            job.save(update_fields=[name for name in form.changed_data if name in form._meta.fields])
        else:
            job.save()
        required = dict.fromkeys(skills_named(form.cleaned_data["required_skills"]), True)
        wanted = dict.fromkeys(skills_named(form.cleaned_data["nice_skills"]), False) | required
        job.job_skills.exclude(skill__in=wanted).delete()
        links = [JobSkill(job=job, skill=skill, required=required) for skill, required in wanted.items()]
        JobSkill.objects.bulk_create(links, update_conflicts=True, unique_fields=["job", "skill"], update_fields=["required"])
        change.count = 1
        return job


def skills_named(names: list[str]) -> list[Skill]:
    """The skills of these names, found by name or other name in any letter case, made when new."""
    known = skills_by_name(names)
    for name in names:
        if name.lower() not in known:
            known[name.lower()] = Skill.objects.create(name=name)
    return [known[name.lower()] for name in names]


def move(applications, stage, user, *, now: datetime, note: str = "") -> int:
    """Move applications into a stage of their job's pipeline; see pipeline.move."""
    with change_set(user, "application.moved", f"moved {people(applications)} to {stage.name}") as change:
        change.count = pipeline.move(applications, stage, user, now=now, note=note)
        return change.count


def reject(applications, reason, user, *, now: datetime) -> int:
    """Reject active applications for one reason."""
    with change_set(user, "application.rejected", f"rejected {people(applications)}: {reason.name}") as change:
        change.count = pipeline.close(applications, ApplicationStatus.REJECTED, reason, now=now)
        return change.count


def withdraw(applications, user, *, now: datetime) -> int:
    """Note that candidates took their applications back."""
    with change_set(user, "application.withdrawn", f"noted that {people(applications)} withdrew") as change:
        change.count = pipeline.close(applications, ApplicationStatus.WITHDRAWN, None, now=now)
        return change.count


def reopen(applications, user) -> int:
    """Take closed applications back into process."""
    with change_set(user, "application.reopened", f"reopened {people(applications)}") as change:
        change.count = pipeline.reopen(applications)
        return change.count


def rate(applications, by: int, user) -> int:
    """Raise or lower ratings by `by`, where they stay between 0 and 5."""
    with change_set(user, "application.rated", f"rating of {people(applications)}: {by:+d}") as change:
        change.count = applications.filter(rating__range=(max(0, -by), min(5, 5 - by))).update(rating=F("rating") + by)
        if not change.count:
            raise Refused("A rating is 0 to 5 stars.")
        return change.count


def add_note(note: Note, user) -> Note:
    """Save what somebody wrote about an application or a candidate."""
    with change_set(user, "note.added", f"wrote about {note.application or note.candidate}") as change:
        note.author = user
        note.save()
        change.count = 1
        return note
