"""Every write of the hiring pages. What is done to many rows at once stands in bulk.py.

Functions take the rows as a queryset that the caller has scoped to the user, and return how many changed. They raise Refused with a
sentence when nothing may happen; those for several rows return an Outcome that names the rows left out, with the reason.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce

from dashboard.bulk import first_that_fits
from dashboard.changes import change_set

from . import pipeline
from .models import ApplicationStatus, Job, JobHold, JobSkill, JobStatus, Note, Skill
from .refusal import Refused
from .vocabulary import skills_by_name

STATUS_VERBS = {JobStatus.OPEN: "published", JobStatus.PAUSED: "paused", JobStatus.CLOSED: "closed"}


@dataclass(frozen=True)
class Outcome:
    """What an action on several rows did: how many rows, and a sentence for each row left out."""

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
    """Publish, pause or close jobs; those whose present state does not allow it stay as they are and are named with the reason."""
    if status not in STATUS_VERBS:
        raise Refused("A job does not become a draft again; pause it or close it.")
    refusals = status_refusals(status, now)
    with change_set(user, f"job.{STATUS_VERBS[status]}", f"{STATUS_VERBS[status]} jobs") as change:
        # Locked first and judged afterwards: a job that was waited for is judged as the other transaction left it.
        locked = list(jobs.select_for_update().order_by("pk").values_list("pk", flat=True))
        judged = Job.objects.filter(pk__in=locked).annotate(left_because=first_that_fits(refusals)).order_by("pk")
        allowed = Job.objects.filter(pk__in=[job.pk for job in judged if not job.left_because])
        change.sentence = f"{STATUS_VERBS[status]} {called(allowed, 'title', 'jobs')}"
        change.count = write_status(allowed, status, now)
        return Outcome(change.count, [f"{job.title}: {refusals[job.left_because - 1][1]}." for job in judged if job.left_because])


def status_refusals(status: str, now: datetime) -> list[tuple[Q, str]]:
    """Why jobs cannot take a status: (condition, reason), the first that fits."""
    already = (Q(status=status), f"{JobStatus(status).label.lower()} already")
    if status == JobStatus.OPEN:
        undescribed = (Q(description__regex=r"^\s*$"), "write a description before publishing")
        return [already, undescribed, (Q(closes_at__lte=now), "the last day has passed; change that first")]
    if status == JobStatus.PAUSED:
        return [already, (~Q(status=JobStatus.OPEN), "only an open job can be paused")]
    return [already, (Q(status=JobStatus.DRAFT), "a draft was never open; delete it instead")]


def write_status(jobs, status: str, now: datetime) -> int:
    """Give jobs a status with its dates. A pause opens a hold and any other state ends it, so that days open leave it out."""
    _hold(jobs, status, now)
    return jobs.update(**_dates(status, now), status=status)


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
