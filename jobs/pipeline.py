"""Moves of applications through their stages, and their outcomes: the only writer of the stage log and of what repeats it.

Each function locks the applications it touches, in one order, and writes log, stage, outcome and counters in one transaction.
"""

from collections import Counter
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from .models import Application, ApplicationStatus, Batch, Job, RejectionReason, Stage, StageEvent, StageKind
from .refusal import Refused


def enter(application: Application, user, *, now: datetime | None = None) -> Application:
    """Save a new, active application in its stage, with the first entry of its log; the first stage of the pipeline unless it has one.

    Raises Refused when the candidate already has an active application for the job.
    """
    now = now or timezone.now()
    if application.stage_id is None:
        application.stage = application.job.pipeline.stages.order_by("position").first()
    application.applied_at = application.applied_at or now
    application.stage_since = application.applied_at
    try:
        with transaction.atomic():
            application.save()
            StageEvent.objects.create(application=application, to_stage=application.stage, at=application.applied_at, actor=user)
    except IntegrityError as error:
        raise Refused(_constraint_sentence(error)) from error
    return application


def move(applications, stage: Stage, user, *, now: datetime | None = None, note: str = "") -> int:
    """Move `applications` into `stage`: all of them, or none. Returns how many moved; those already there are left as they are.

    Moving into a stage of the kind hired hires, moving out of it takes the hire back. Raises Refused in a sentence: another
    pipeline, a closed application, or no opening left.
    """
    now = now or timezone.now()
    try:
        with transaction.atomic():
            moving = [application for application in _locked(applications) if application.stage_id != stage.pk]
            _check(moving, stage)
            _settle_hires(moving, stage)
            _log(moving, stage, user, now, note)
            _write(moving, stage, now)
    except IntegrityError as error:
        raise Refused(_constraint_sentence(error)) from error
    return len(moving)


ENTER_ALL = """
INSERT INTO jobs_stageevent (application_id, from_stage_id, to_stage_id, at, actor_id, note)
SELECT moving.id, moving.stage_id, %s, %s, %s, '' FROM ({moving}) AS moving ORDER BY moving.id
"""


def move_all(applications, stage: Stage, user, *, now: datetime) -> int:
    """Move active applications, locked by the caller, into another stage of their pipeline that hires nobody: two statements for any number."""
    moving, parameters = applications.order_by().values("id", "stage_id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(ENTER_ALL.format(moving=moving), [stage.pk, now, user.pk, *parameters])
    return applications.update(stage=stage, stage_since=now)


def close_all(applications, status: str, reason: RejectionReason | None, *, now: datetime) -> int:
    """End active applications, locked by the caller, without a hire: one statement for any number."""
    return applications.update(status=status, reason=reason, closed_at=now)


def close(applications, status: str, reason: RejectionReason | None, *, now: datetime | None = None) -> int:
    """End active applications without a hire: rejected (with a reason) or withdrawn. They keep the stage they had reached.

    Returns how many were closed. Raises Refused when one of them is not active any more.
    """
    with transaction.atomic():
        closing = _locked(applications)
        for application in closing:
            if application.status != ApplicationStatus.ACTIVE:
                raise Refused(f"{application.candidate.label} is already {application.get_status_display().lower()}.")
        return close_all(Application.objects.filter(pk__in=[application.pk for application in closing]), status, reason, now=now or timezone.now())


def reopen(applications) -> int:
    """Take rejected or withdrawn applications back into process, in the stage where they stopped. Returns how many.

    Raises Refused for one that is hired or active, or whose candidate has another active application for the job.
    """
    closed = {ApplicationStatus.REJECTED, ApplicationStatus.WITHDRAWN}
    try:
        with transaction.atomic():
            opening = _locked(applications)
            for application in opening:
                if application.status not in closed:
                    raise Refused(f"{application.candidate.label} is {application.get_status_display().lower()}; there is nothing to reopen.")
            rows = Application.objects.filter(pk__in=[application.pk for application in opening])
            return rows.update(status=ApplicationStatus.ACTIVE, reason=None, closed_at=None)
    except IntegrityError as error:
        raise Refused(_constraint_sentence(error)) from error


def problems() -> list[str]:
    """What the database cannot forbid because it spans tables, each case in a sentence; empty when all is well.

    Applications imported without dates have no log and are held only to their job's pipeline.
    """
    hired = Application.objects.filter(status=ApplicationStatus.HIRED)
    counts = Counter(hired.values_list("job", flat=True))
    counting = Job.objects.filter(Q(hired_count__gt=0) | Exists(hired.filter(job=OuterRef("pk"))))
    found = [
        f"Job {key} counts {count} hires, but {counts[pk]} of its applications are hired."
        for pk, key, count in counting.values_list("pk", "key", "hired_count")
        if count != counts[pk]
    ]
    strangers = Application.objects.exclude(stage__pipeline=F("job__pipeline")).values_list("key", flat=True)
    found += [f"Application {key} is in a stage of another pipeline than its job's." for key in strangers]
    newest = StageEvent.objects.effective().filter(application=OuterRef("pk")).order_by("-at", "-pk")
    logged = Application.objects.annotate(logged_stage=Subquery(newest.values("to_stage")[:1]), logged_at=Subquery(newest.values("at")[:1]))
    drifted = logged.exclude(logged_stage=None).exclude(logged_stage=F("stage"), logged_at=F("stage_since"))
    found += [f"Application {key} is not where its log says." for key in drifted.values_list("key", flat=True)]
    unlogged = logged.filter(logged_stage=None, applied_at__isnull=False).values_list("key", flat=True)
    return found + [f"Application {key} has no log." for key in unlogged]


def _locked(applications) -> list[Application]:
    """The applications, locked in the order of their ids, so that two crossing moves wait for each other instead of dying.

    Locked first and read afterwards: a row that was waited for is read as the other transaction left it, and a join in the locking
    query itself would silently drop it.
    """
    wanted = Application.objects.filter(pk__in=list(applications.values_list("pk", flat=True))).order_by("pk")
    locked = list(wanted.select_for_update().values_list("pk", flat=True))
    return list(Application.objects.filter(pk__in=locked).select_related("job", "candidate", "stage").order_by("pk"))


def _check(moving, stage):
    for application in moving:
        if application.job.pipeline_id != stage.pipeline_id:
            raise Refused(f"{stage.name} is not a stage of {application.job.title}.")
        if application.status in {ApplicationStatus.REJECTED, ApplicationStatus.WITHDRAWN}:
            raise Refused(f"{application.candidate.label} is {application.get_status_display().lower()}; reopen the application before moving it.")


def _settle_hires(moving, stage):
    """Count hires in and out on the jobs. The condition in the UPDATE decides who gets the last opening, whoever asks at once."""
    hiring = stage.kind == StageKind.HIRED
    changes = Counter(application.job_id for application in moving if (application.status == ApplicationStatus.HIRED) != hiring)
    for job_id, number in sorted(changes.items()):
        job = Job.objects.filter(pk=job_id)
        if not hiring:
            job.update(hired_count=F("hired_count") - number)
        elif not job.filter(hired_count__lte=F("openings") - number).update(hired_count=F("hired_count") + number):
            left = job.values_list(F("openings") - F("hired_count"), "title").get()
            raise Refused(f"{left[1]} has {left[0] or 'no'} opening{'' if left[0] == 1 else 's'} left. Add openings first.")


def _log(moving, stage, user, now, note):
    batch = Batch.objects.create(actor=user, kind=Batch.Kind.MOVE, at=now) if len(moving) > 1 else None
    StageEvent.objects.bulk_create(
        StageEvent(application=application, from_stage=application.stage, to_stage=stage, at=now, actor=user, batch=batch, note=note)
        for application in moving
    )


def _write(moving, stage, now):
    rows = Application.objects.filter(pk__in=[application.pk for application in moving])
    if stage.kind == StageKind.HIRED:
        rows.update(stage=stage, stage_since=now, status=ApplicationStatus.HIRED, hired_at=now, closed_at=now)
    else:
        rows.update(stage=stage, stage_since=now, status=ApplicationStatus.ACTIVE, hired_at=None, closed_at=None)


def _constraint_sentence(error: IntegrityError) -> str:
    """The sentence of the constraint that PostgreSQL named; the error itself when it is none of ours."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for constraint in [*Application._meta.constraints, *Job._meta.constraints]:
        if constraint.name == name:
            return str(constraint.violation_error_message)
    raise error
