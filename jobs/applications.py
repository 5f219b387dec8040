"""Candidates, their applications to jobs, the log of their moves and the notes on them. Moving happens in pipeline.py alone."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat, Lower, NullIf, Upper
from django.utils import timezone

from .keys import new_key
from .validators import PHONE_PATTERN, validate_phone
from .vocabulary import RejectionReason, Skill, Source, Stage, StageKind

ONE_DAY = timedelta(days=1)
MET_LEVEL = 3
MOST_PEOPLE = 500


def count_of(queryset, key: str):
    """A correlated count of the rows of `queryset`, which are all of one `key`; 0 where there are none."""
    counts = queryset.order_by().values(key).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counts), 0)


class CandidateQuerySet(models.QuerySet):
    """Candidates as lists ask for them."""

    def for_user(self, user):
        """Candidates this person may see: all, once they may work on hiring at all."""
        return self if user.is_authenticated else self.none()

    def for_table(self):
        """Candidates with `application_count`, `active_count`, `latest_applied_at`, `latest_job` and their skills."""
        applications = Application.objects.filter(candidate=OuterRef("pk"))
        latest = applications.filter(applied_at__isnull=False).order_by("-applied_at", "-pk")
        return self.annotate(
            application_count=count_of(applications, "candidate"),
            active_count=count_of(applications.active(), "candidate"),
            latest_applied_at=Subquery(latest.values("applied_at")[:1]),
            latest_job=Subquery(latest.values("job__title")[:1]),
        ).prefetch_related(models.Prefetch("candidate_skills", CandidateSkill.objects.select_related("skill")))


class Candidate(models.Model):
    """A person who applied somewhere, once however often they did. Made by an application; nobody has to fill it in.

    Imported applications may come without a person: such a candidate has neither name nor email and is known by its key.
    """

    key = models.CharField(max_length=80, unique=True, default=new_key)
    full_name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=16, blank=True, validators=[validate_phone])
    links = ArrayField(models.URLField(), default=list, blank=True)
    label = models.GeneratedField(
        expression=Coalesce(NullIf("full_name", Value("")), NullIf("email", Value("")), Concat(Value("Candidate "), "key")),
        output_field=models.CharField(max_length=254),
        db_persist=True,
    )
    anonymised_at = models.DateTimeField(null=True, blank=True, editable=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_from")
    do_not_contact = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    skills = models.ManyToManyField(Skill, through="CandidateSkill", related_name="candidates")

    objects = CandidateQuerySet.as_manager()

    class Meta:
        ordering = [Lower("label"), "pk"]
        indexes = [
            models.Index(Lower("label"), "id", name="candidate_label"),
            GinIndex(OpClass(Upper("label"), name="gin_trgm_ops"), name="candidate_label_trigram"),
            GinIndex(OpClass(Upper("email"), name="gin_trgm_ops"), name="candidate_email_trigram"),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=Q(anonymised_at__isnull=True, merged_into__isnull=True) & ~Q(email=""),
                name="candidate_email_unique",
                violation_error_message="Another candidate has this email address.",
            ),
            models.CheckConstraint(
                condition=Q(phone="") | Q(phone__regex=PHONE_PATTERN),
                name="candidate_phone_form",
                violation_error_message=validate_phone.message,
            ),
            models.CheckConstraint(
                condition=Q(anonymised_at__isnull=True) | Q(full_name="", email="", phone="", links=[]),
                name="candidate_erased_is_empty",
                violation_error_message="An erased candidate has no name, email, phone or links.",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")),
                name="candidate_not_merged_into_itself",
                violation_error_message="A candidate cannot be merged into itself.",
            ),
        ]

    def __str__(self):
        return self.label


class CandidateSkill(models.Model):
    """A skill of a candidate: how well, from 1 to 5, who says so, and whether that was checked."""

    class SaidBy(models.TextChoices):
        """Whose word the level is."""

        SELF = "self", "Candidate"
        INTERVIEWER = "interviewer", "Interviewer"

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="candidate_skills", db_index=False)
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="candidate_skills", db_index=False)
    level = models.PositiveSmallIntegerField(default=3, validators=[MinValueValidator(1), MaxValueValidator(5)])
    source = models.CharField("said by", max_length=12, choices=SaidBy, default=SaidBy.SELF)
    verified = models.BooleanField(default=False)

    class Meta:
        ordering = ["-level", "pk"]
        verbose_name = "skill of a candidate"
        verbose_name_plural = "skills of a candidate"
        indexes = [models.Index(fields=["skill", "candidate"], name="candidate_skill_reverse")]
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "skill"],
                name="candidate_skill_unique",
                violation_error_message="The candidate already has this skill.",
            ),
            models.CheckConstraint(
                condition=Q(level__range=(1, 5)), name="candidate_skill_level_range", violation_error_message="A level is 1 to 5."
            ),
            models.CheckConstraint(condition=Q(source__in=["self", "interviewer"]), name="candidate_skill_source_known"),
        ]

    def __str__(self):
        return self.skill.name


class ApplicationStatus(models.TextChoices):
    """The outcome of an application. It is not a stage: somebody who is rejected stays in the stage they had reached."""

    ACTIVE = "active", "Active"
    HIRED = "hired", "Hired"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ApplicationQuerySet(models.QuerySet):
    """Applications as lists, filters and metrics ask for them. `now` is always given, so that a list and its test agree on it."""

    def for_user(self, user):
        """Applications this person may work on: all, once they may work on hiring at all."""
        return self if user.is_authenticated else self.none()

    def matching(self, text: str):
        """Applications with the text in the candidate's name or in the job's title.

        A few candidates are found first, so that indexes answer. A text that many of them match is soon found in the newest applications.
        """
        people = list(Candidate.objects.filter(label__icontains=text).order_by().values_list("pk", flat=True)[: MOST_PEOPLE + 1])
        named = Q(candidate__in=people) if len(people) <= MOST_PEOPLE else Q(candidate__label__icontains=text)
        jobs = self.model._meta.get_field("job").related_model.objects.filter(title__icontains=text)
        return self.filter(named | Q(job__in=list(jobs.order_by().values_list("pk", flat=True))))

    def active(self):
        """Applications still in process."""
        return self.filter(status=ApplicationStatus.ACTIVE)

    def unread(self):
        """Active applications nobody has moved on from a stage of the kind applied: they wait for a first look."""
        return self.active().filter(stage__kind=StageKind.APPLIED)

    def with_overdue(self, now: datetime):
        """`overdue`: how long an active application has been in its stage beyond the stage's limit; None without limit or date."""
        limit = F("stage__sla_days") * Value(ONE_DAY)
        return self.annotate(overdue=ExpressionWrapper(Value(now) - F("stage_since") - limit, output_field=models.DurationField()))

    def waiting_too_long(self, now: datetime):
        """Active applications past the limit of their stage."""
        return self.active().with_overdue(now).filter(overdue__gt=timedelta(0))

    def applied_elsewhere(self):
        """Applications whose candidate is active in another process here as well."""
        others = Application.objects.active().filter(candidate=OuterRef("candidate")).exclude(pk=OuterRef("pk"))
        return self.filter(Exists(others))

    def with_skill_coverage(self):
        """`skills_required` by the job, and `skills_met` of them by the candidate at level 3 or above."""
        required = Skill.objects.filter(job_skills__job=OuterRef("job"), job_skills__required=True)
        met = required.filter(candidate_skills__candidate=OuterRef("candidate"), candidate_skills__level__gte=MET_LEVEL)
        return self.annotate(skills_required=count_of(required, "job_skills__job"), skills_met=count_of(met, "job_skills__job"))

    def for_table(self, now: datetime):
        """Applications with everything their list shows, in one query."""
        return self.with_overdue(now).with_skill_coverage().select_related("job", "candidate", "stage", "source", "reason")


class Application(models.Model):
    """One candidate for one job. `stage` and `stage_since` repeat the newest entry of the log, so that lists are fast.

    Imported applications may come without any date; then `applied_at` is empty, no other date is asked for, and every metric that
    needs dates leaves them out.
    """

    key = models.CharField(max_length=80, unique=True, default=new_key)
    job = models.ForeignKey("jobs.Job", models.PROTECT, related_name="applications", db_index=False)
    candidate = models.ForeignKey(Candidate, models.PROTECT, related_name="applications", db_index=False)
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="applications")
    status = models.CharField(max_length=10, choices=ApplicationStatus, default=ApplicationStatus.ACTIVE)
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, related_name="applications")
    applied_at = models.DateTimeField(null=True, blank=True)
    stage_since = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    hired_at = models.DateTimeField(null=True, blank=True)
    reason = models.ForeignKey(RejectionReason, models.PROTECT, null=True, blank=True, related_name="applications")
    rating = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(5)])
    cover_letter = models.TextField(blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = [F("applied_at").desc(nulls_last=True), "-pk"]
        indexes = [
            models.Index(F("job"), F("applied_at").desc(), F("id").desc(), name="application_job_newest"),
            models.Index(fields=["job", "stage"], condition=Q(status="active"), name="application_job_stage_active"),
            models.Index(fields=["stage_since"], condition=Q(status="active"), name="application_waiting"),
            models.Index(F("candidate"), F("applied_at").desc(), F("id").desc(), name="application_candidate_newest"),
            models.Index(F("applied_at").desc(nulls_last=True), F("id").desc(), name="application_newest"),
            models.Index(F("status"), F("applied_at").desc(nulls_last=True), F("id").desc(), name="application_status_newest"),
            models.Index(F("stage_since").asc(), F("id").asc(), name="application_stage_since_up"),
            models.Index(F("stage_since").desc(nulls_last=True), F("id").asc(), name="application_stage_since_down"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["job", "candidate"],
                condition=Q(status="active"),
                name="application_one_active",
                violation_error_message="This candidate already has an active application for this job.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ApplicationStatus.values),
                name="application_status_known",
                violation_error_message="Unknown status.",
            ),
            models.CheckConstraint(
                condition=~Q(status="rejected") | Q(reason__isnull=False),
                name="application_rejected_has_reason",
                violation_error_message="A rejected application has a reason.",
            ),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(closed_at__isnull=True, reason__isnull=True),
                name="application_active_is_not_closed",
                violation_error_message="An active application has no closing date and no reason.",
            ),
            models.CheckConstraint(
                condition=Q(status="hired") | Q(hired_at__isnull=True),
                name="application_hired_at_if_hired",
                violation_error_message="Only somebody who is hired has a hiring date.",
            ),
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True)
                | (
                    Q(stage_since__isnull=False)
                    & (Q(status="active") | Q(closed_at__isnull=False))
                    & (~Q(status="hired") | Q(hired_at__isnull=False))
                ),
                name="application_dates_complete",
                violation_error_message="An application with a date has the dates of its stage and of its outcome too.",
            ),
            models.CheckConstraint(
                condition=(Q(stage_since__isnull=True) | Q(applied_at__isnull=True) | Q(stage_since__gte=F("applied_at")))
                & (Q(closed_at__isnull=True) | Q(stage_since__isnull=True) | Q(closed_at__gte=F("stage_since")))
                & (Q(hired_at__isnull=True) | Q(applied_at__isnull=True) | Q(hired_at__gte=F("applied_at"))),
                name="application_times_in_order",
                violation_error_message="An application is made before it moves, and moves before it closes.",
            ),
            models.CheckConstraint(condition=Q(rating__range=(0, 5)), name="application_rating_range", violation_error_message="A rating is 0 to 5."),
        ]

    def __str__(self):
        return f"{self.candidate} for {self.job}"

    @property
    def is_overdue(self) -> bool:
        """Whether it has been in its stage for longer than the limit; wants with_overdue before."""
        return self.status == ApplicationStatus.ACTIVE and self.overdue is not None and self.overdue > timedelta(0)


class Batch(models.Model):
    """Moves made in one go, so that they can be taken back in one go."""

    class Kind(models.TextChoices):
        """What was done."""

        MOVE = "move", "Move"
        UNDO = "undo", "Undo"

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "batches"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["move", "undo"]), name="batch_kind_known"),
            models.CheckConstraint(condition=Q(undone_at__isnull=True) | Q(undone_at__gte=F("at")), name="batch_undone_after_made"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.pk}"


class StageEventQuerySet(models.QuerySet):
    """The log as metrics ask for it."""

    def effective(self):
        """Events that count: neither an undo nor undone."""
        return self.filter(undoes__isnull=True, undone_by__isnull=True)


class StageEvent(models.Model):
    """An entry of the append-only log: an application came into a stage. A trigger refuses every change and deletion.

    `from_stage` is empty for the first entry. An undo is an event of its own that points at the undone one.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="events", db_index=False)
    from_stage = models.ForeignKey(Stage, models.PROTECT, null=True, related_name="events_out")
    to_stage = models.ForeignKey(Stage, models.PROTECT, related_name="events_in")
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="events")
    note = models.CharField(max_length=500, blank=True)
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")

    objects = StageEventQuerySet.as_manager()

    class Meta:
        ordering = ["application", "at", "pk"]
        indexes = [models.Index(fields=["application", "at", "id"], include=["to_stage"], name="stage_event_history")]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_stage__isnull=True) | ~Q(from_stage=F("to_stage")),
                name="stage_event_moves",
                violation_error_message="A move leads to another stage.",
            ),
        ]

    def __str__(self):
        return f"{self.to_stage} at {self.at:%Y-%m-%d %H:%M}"


class NoteQuerySet(models.QuerySet):
    """Notes as pages ask for them."""

    def for_user(self, user):
        """Notes of the team, and this person's own private ones."""
        return self.filter(Q(visibility=Note.Visibility.TEAM) | Q(author=user))


class Note(models.Model):
    """What somebody wrote about an application or about a candidate."""

    class Visibility(models.TextChoices):
        """Who reads it."""

        TEAM = "team", "The team"
        PRIVATE = "private", "Only me"

    application = models.ForeignKey(Application, models.CASCADE, null=True, blank=True, related_name="notes")
    candidate = models.ForeignKey(Candidate, models.CASCADE, null=True, blank=True, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    body = models.TextField(max_length=5000)
    visibility = models.CharField("for", max_length=10, choices=Visibility, default=Visibility.TEAM)
    at = models.DateTimeField(default=timezone.now, editable=False)

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(application__isnull=False, candidate__isnull=True) | Q(application__isnull=True, candidate__isnull=False),
                name="note_on_exactly_one",
                violation_error_message="A note belongs to an application or to a candidate, not to both.",
            ),
            models.CheckConstraint(condition=~Q(body=""), name="note_not_empty", violation_error_message="A note says something."),
            models.CheckConstraint(condition=Q(visibility__in=["team", "private"]), name="note_visibility_known"),
        ]

    def __str__(self):
        return self.body[:60]
