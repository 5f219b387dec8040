"""Jobs, the skills they ask for and their holds. Their words live in vocabulary.py, candidates and applications in applications.py."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Count, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, ExtractDay, Greatest, JSONObject, Least, TruncDate, Upper
from django.utils import timezone

from dashboard.fields import MoneyField

from .applications import (
    ONE_DAY,
    Application,
    ApplicationStatus,
    Batch,
    Candidate,
    CandidateSkill,
    Note,
    StageEvent,
    count_of,
)
from .keys import job_slug, new_key
from .validators import CURRENCY_PATTERN, validate_currency, validate_salary
from .vocabulary import Pipeline, RejectionReason, Skill, SkillAlias, Source, SourceKind, Stage, StageKind

__all__ = [
    "Application",
    "ApplicationStatus",
    "Batch",
    "Candidate",
    "CandidateSkill",
    "EmploymentType",
    "Health",
    "Job",
    "JobHold",
    "JobSkill",
    "JobStatus",
    "Note",
    "Pipeline",
    "RejectionReason",
    "SalaryPeriod",
    "Skill",
    "SkillAlias",
    "Source",
    "SourceKind",
    "Stage",
    "StageEvent",
    "StageKind",
    "Workplace",
]


class JobStatus(models.TextChoices):
    """Where a job stands. Only open jobs are on the public board."""

    DRAFT = "draft", "Draft"
    OPEN = "open", "Open"
    PAUSED = "paused", "Paused"
    CLOSED = "closed", "Closed"


class Workplace(models.TextChoices):
    """Where the work is done; empty when the posting does not say."""

    ONSITE = "onsite", "On site"
    HYBRID = "hybrid", "Hybrid"
    REMOTE = "remote", "Remote"


class EmploymentType(models.TextChoices):
    """How somebody is employed; a job may offer several."""

    FULL_TIME = "full_time", "Full time"
    PART_TIME = "part_time", "Part time"
    CONTRACT = "contract", "Contract"
    TEMPORARY = "temporary", "Temporary"
    INTERNSHIP = "internship", "Internship"
    PER_DIEM = "per_diem", "Per diem"
    VOLUNTEER = "volunteer", "Volunteer"


class SalaryPeriod(models.TextChoices):
    """What a salary is paid for."""

    HOUR = "hour", "an hour"
    DAY = "day", "a day"
    WEEK = "week", "a week"
    MONTH = "month", "a month"
    YEAR = "year", "a year"


PERIODS_A_YEAR = {
    SalaryPeriod.HOUR: 2080,
    SalaryPeriod.DAY: 260,
    SalaryPeriod.WEEK: 52,
    SalaryPeriod.MONTH: 12,
    SalaryPeriod.YEAR: 1,
}


class Health(models.IntegerChoices):
    """What a job needs from its recruiter, the most urgent first."""

    STALLED = 0, "Stalled"
    NOBODY = 1, "Nobody applied"
    DRYING_UP = 2, "Drying up"
    HEALTHY = 3, "Healthy"
    NEW = 4, "New"
    FILLED = 5, "Filled"
    PAUSED = 6, "Paused"
    DRAFT = 7, "Draft"
    CLOSED = 8, "Closed"


QUIET_DAYS = 14


class JobQuerySet(models.QuerySet):
    """Jobs as lists, filters and the public board ask for them. `now` is always given, so that a list and its test agree on it."""

    def for_user(self, user):
        """Jobs this person may work on: every job, once they may work on hiring at all."""
        return self if user.is_authenticated else self.none()

    def published(self, now: datetime):
        """Jobs on the public board: open, published, and not past their closing date."""
        return self.filter(Q(closes_at__isnull=True) | Q(closes_at__gt=now), status=JobStatus.OPEN, published_at__lte=now)

    def matching(self, text: str):
        """Jobs with every word of `text`, or its beginning, in title, department, place or description."""
        words = ["".join(filter(str.isalnum, word)) for word in text.split()]
        query = " & ".join(f"{word}:*" for word in words if word)
        return self.filter(search=SearchQuery(query, search_type="raw", config="simple")) if query else self

    def needing_all_skills(self, skills):
        """Jobs asking for every one of `skills`."""
        wanted = {skill.pk for skill in skills}
        complete = JobSkill.objects.filter(skill__in=wanted).values("job").annotate(found=Count("skill")).filter(found=len(wanted))
        return self.filter(pk__in=complete.values("job")) if wanted else self

    def needing_any_skill(self, skills):
        """Jobs asking for at least one of `skills`; each job once."""
        return self.filter(Exists(JobSkill.objects.filter(job=OuterRef("pk"), skill__in=skills)))

    def without_skills(self, skills):
        """Jobs asking for none of `skills`."""
        return self.filter(~Exists(JobSkill.objects.filter(job=OuterRef("pk"), skill__in=skills)))

    def naming_no_skill(self):
        """Jobs that name no skill at all."""
        return self.filter(~Exists(JobSkill.objects.filter(job=OuterRef("pk"))))

    def applied_to(self):
        """Jobs that anyone has applied to."""
        return self.filter(Exists(Application.objects.filter(job=OuterRef("pk"))))

    def nobody_applied_to(self):
        """Jobs without a single application."""
        return self.filter(~Exists(Application.objects.filter(job=OuterRef("pk"))))

    def quiet_since(self, moment: datetime):
        """Jobs nobody has applied to at or after `moment`, those nobody ever applied to among them."""
        return self.filter(~Exists(Application.objects.filter(job=OuterRef("pk"), applied_at__gte=moment)))

    def waiting_for_a_first_look(self):
        """Jobs where an active application is still in a stage of the kind applied."""
        return self.filter(Exists(Application.objects.unread().filter(job=OuterRef("pk"))))

    def with_latest_application(self):
        """`latest_applied_at`, `latest_application` (its id) and `latest_candidate` (their name): who applied last, and when."""
        latest = Application.objects.filter(job=OuterRef("pk"), applied_at__isnull=False).order_by("-applied_at", "-pk")
        return self.annotate(
            latest_applied_at=Subquery(latest.values("applied_at")[:1]),
            latest_application=Subquery(latest.values("pk")[:1]),
            latest_candidate=Subquery(latest.values("candidate__label")[:1]),
        )

    def with_pipeline_counts(self):
        """`application_count`, `active_count` and `openings_left`. Counts are subqueries: joins would multiply them with each other."""
        applications = Application.objects.filter(job=OuterRef("pk"))
        return self.annotate(
            application_count=count_of(applications, "job"),
            active_count=count_of(applications.active(), "job"),
            openings_left=F("openings") - F("hired_count"),
        )

    def with_stage_counts(self):
        """`stage_counts`: active applications by stage, a list of {position, name, count} in the order of the pipeline."""
        stages = Application.objects.active().filter(job=OuterRef("pk")).values("stage__position", "stage__name").annotate(number=Count("pk"))
        counts = stages.order_by("stage__position").values_list(JSONObject(position="stage__position", name="stage__name", count="number"))
        return self.annotate(stage_counts=ArraySubquery(counts))

    def with_days_open(self, now: datetime):
        """`days_open`: calendar days from opening to closing, or to now, holds left out; None for a job that never opened."""
        none = Value(timedelta(0), output_field=models.DurationField())
        held_from = TruncDate(Greatest("period__startswith", "job__opened_at"))
        held_to = TruncDate(Least(Coalesce("period__endswith", Value(now)), Coalesce("job__closed_at", Value(now))))
        days_held = Greatest(ExpressionWrapper(held_to - held_from, output_field=models.DurationField()), none)
        held = JobHold.objects.filter(job=OuterRef("pk")).order_by().values("job").annotate(total=Sum(days_held)).values("total")
        days = TruncDate(Coalesce("closed_at", Value(now))) - TruncDate("opened_at")
        span = ExpressionWrapper(days - Coalesce(Subquery(held), none), output_field=models.DurationField())
        return self.annotate(days_open=ExtractDay(span))

    def with_health(self, now: datetime):
        """`stalled_count` and `health` (a Health): what each job needs. Wants with_latest_application and with_pipeline_counts before."""
        quiet = now - QUIET_DAYS * ONE_DAY
        return self.annotate(
            stalled_count=count_of(Application.objects.waiting_too_long(now).filter(job=OuterRef("pk")), "job"),
            health=Case(
                When(status=JobStatus.DRAFT, then=Value(Health.DRAFT)),
                When(status=JobStatus.PAUSED, then=Value(Health.PAUSED)),
                When(status=JobStatus.CLOSED, then=Value(Health.CLOSED)),
                When(hired_count__gte=F("openings"), then=Value(Health.FILLED)),
                When(stalled_count__gt=0, then=Value(Health.STALLED)),
                When(application_count=0, published_at__lt=quiet, then=Value(Health.NOBODY)),
                When(application_count=0, then=Value(Health.NEW)),
                When(latest_applied_at__lt=quiet, then=Value(Health.DRYING_UP)),
                default=Value(Health.HEALTHY),
                output_field=models.PositiveSmallIntegerField(),
            ),
        )

    def segment_counts(self, quiet_since: datetime) -> dict[str, int]:
        """How many of these jobs there are in all, with, without, and since a moment without applications: one statement.

        IN instead of EXISTS: over all jobs at once PostgreSQL hashes the applications once instead of looking each job up.
        """
        applied = Q(pk__in=Application.objects.order_by().values("job"))
        lately = Q(pk__in=Application.objects.order_by().filter(applied_at__gte=quiet_since).values("job"))
        return self.aggregate(
            all=Count("pk"),
            **{"with": Count("pk", filter=applied)},
            without=Count("pk", filter=~applied),
            quiet=Count("pk", filter=~lately),
        )

    def for_table(self, now: datetime):
        """Jobs with everything their list shows, in a constant number of queries."""
        jobs = self.with_latest_application().with_pipeline_counts().with_stage_counts().with_days_open(now).with_health(now)
        return jobs.defer("search", "description").prefetch_related(models.Prefetch("job_skills", JobSkill.objects.select_related("skill")))


class Job(models.Model):
    """Work somebody is looked for. `hired_count` follows the applications and never exceeds `openings`.

    `opened_at` is when hiring began, `published_at` when the public could see it, `closes_at` when it leaves the board by itself.
    `country` is a name or a code as the posting has it. `salary_annual_max` makes salaries of any period comparable.
    """

    key = models.CharField(max_length=80, unique=True, default=new_key)
    slug = models.SlugField(max_length=160, unique=True, editable=False)
    title = models.CharField(max_length=200)
    department = models.CharField(max_length=100, blank=True)
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="jobs")
    recruiter = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="recruits_for")
    hiring_manager = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="hires_for")
    status = models.CharField(max_length=10, choices=JobStatus, default=JobStatus.DRAFT)
    employment_type = ArrayField(models.CharField(max_length=20, choices=EmploymentType), default=list, blank=True)
    workplace = models.CharField(max_length=10, choices=Workplace, blank=True)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=60, blank=True)
    remote_countries = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, help_text="Where people may work from; Worldwide is fine."
    )
    openings = models.PositiveIntegerField(default=1, validators=[MinValueValidator(1)])
    hired_count = models.PositiveIntegerField(default=0, editable=False)
    salary_min = MoneyField(null=True, blank=True)
    salary_max = MoneyField(null=True, blank=True)
    salary_currency = models.CharField(max_length=3, blank=True, validators=[validate_currency])
    salary_period = models.CharField(max_length=5, choices=SalaryPeriod, blank=True)
    salary_annual_max = models.GeneratedField(
        expression=Case(*[When(salary_period=period, then=F("salary_max") * factor) for period, factor in PERIODS_A_YEAR.items()]),
        output_field=models.DecimalField(max_digits=18, decimal_places=4, null=True),
        db_persist=True,
    )
    source = models.CharField(max_length=100, blank=True, help_text="Where the posting was found, for jobs that come from outside.")
    description = models.TextField(blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    skills = models.ManyToManyField(Skill, through="JobSkill", related_name="jobs")
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="simple")
        + SearchVector("department", weight="B", config="simple")
        + SearchVector("city", "region", "country", weight="C", config="simple")
        + SearchVector("description", weight="D", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = [F("published_at").desc(nulls_last=True), "-pk"]
        indexes = [
            models.Index(F("published_at").desc(), F("id").desc(), condition=Q(status="open"), name="job_open_newest"),
            models.Index(F("published_at").desc(nulls_last=True), F("id").desc(), name="job_newest"),
            models.Index(fields=["department", "id"], name="job_department"),
            models.Index(fields=["country", "city"], name="job_place"),
            models.Index(fields=["salary_annual_max", "id"], name="job_salary"),
            GinIndex(fields=["search"], name="job_search"),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="job_title_trigram"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=JobStatus.values), name="job_status_known", violation_error_message="Unknown status."),
            models.CheckConstraint(
                condition=Q(workplace__in=["", *Workplace.values]),
                name="job_workplace_known",
                violation_error_message="Unknown workplace.",
            ),
            models.CheckConstraint(
                condition=Q(employment_type__contained_by=EmploymentType.values),
                name="job_employment_type_known",
                violation_error_message="Unknown type of employment.",
            ),
            models.CheckConstraint(
                condition=Q(salary_min=None, salary_max=None, salary_currency="", salary_period="")
                | Q(
                    salary_min__isnull=False,  # a comparison with nothing is neither true nor false, and a check lets it pass
                    salary_min__gt=0,
                    salary_max__gte=F("salary_min"),
                    salary_max__isnull=False,
                    salary_currency__regex=CURRENCY_PATTERN,
                    salary_period__in=SalaryPeriod.values,
                ),
                name="job_salary_complete",
                violation_error_message="A salary has both ends in order, above zero, with currency and period; or none of them.",
            ),
            models.CheckConstraint(
                condition=Q(openings__gte=1),
                name="job_openings_positive",
                violation_error_message="A job has at least one opening.",
            ),
            models.CheckConstraint(
                condition=Q(hired_count__lte=F("openings")),
                name="job_hired_within_openings",
                violation_error_message="There cannot be fewer openings than people already hired.",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(opened_at__isnull=False),
                name="job_opened_unless_draft",
                violation_error_message="A job that is not a draft has an opening date.",
            ),
            models.CheckConstraint(
                condition=~Q(status="open") | Q(published_at__isnull=False),
                name="job_open_is_published",
                violation_error_message="An open job has a publishing date.",
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False) | (~Q(status="closed") & Q(closed_at__isnull=True)),
                name="job_closed_has_date",
                violation_error_message="A closed job has a closing date, and only a closed one.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(opened_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                name="job_closed_after_opened",
                violation_error_message="A job cannot close before it opens.",
            ),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(published_at__isnull=True) | Q(closes_at__gt=F("published_at")),
                name="job_closes_after_published",
                violation_error_message="The last day must be later than the publishing date.",
            ),
            models.CheckConstraint(
                condition=Q(workplace__in=["", "remote"]) | ~Q(country=""),
                name="job_country_unless_remote",
                violation_error_message="A job with a workplace on site or hybrid names its country.",
            ),
            models.CheckConstraint(
                condition=~Q(workplace="remote") | Q(remote_countries__len__gt=0),
                name="job_remote_countries_if_remote",
                violation_error_message="A remote job names the countries people may work from; Worldwide is fine.",
            ),
        ]

    def __str__(self):
        return self.title

    def save(self, **kwargs):
        """Give a new job its address, once: links to it keep working when its title changes."""
        self.slug = self.slug or job_slug(self.title, self.key)
        super().save(**kwargs)

    @property
    def health_now(self) -> Health:
        """The state that with_health annotated, as a word."""
        return Health(self.health)

    def clean(self):
        """The rules that name a field; the constraints repeat them for every other way in."""
        validate_salary(self.salary_min, self.salary_max, self.salary_currency, self.salary_period)
        if self.workplace in {Workplace.ONSITE, Workplace.HYBRID} and not self.country:
            raise ValidationError({"country": "A job with a workplace on site or hybrid names its country."}, code="country_missing")
        if self.workplace == Workplace.REMOTE and not self.remote_countries:
            message = "A remote job names the countries people may work from; Worldwide is fine."
            raise ValidationError({"remote_countries": message}, code="remote_countries_missing")
        if self.openings is not None and self.openings < self.hired_count:
            raise ValidationError({"openings": "There cannot be fewer openings than people already hired."}, code="openings_below_hires")
        if self.closes_at and self.published_at and self.closes_at <= self.published_at:
            raise ValidationError({"closes_at": "The last day must be later than the publishing date."}, code="closes_before_published")


class JobSkill(models.Model):
    """A skill a job asks for: required or nice to have, and from which level (1 to 5)."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="job_skills", db_index=False)
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="job_skills", db_index=False)
    required = models.BooleanField(default=True)
    min_level = models.PositiveSmallIntegerField("level", default=3, validators=[MinValueValidator(1), MaxValueValidator(5)])

    class Meta:
        ordering = ["-required", "pk"]
        verbose_name = "skill of a job"
        verbose_name_plural = "skills of a job"
        indexes = [models.Index(fields=["skill", "job"], name="job_skill_reverse")]
        constraints = [
            models.UniqueConstraint(fields=["job", "skill"], name="job_skill_unique", violation_error_message="The job already asks for this skill."),
            models.CheckConstraint(condition=Q(min_level__range=(1, 5)), name="job_skill_level_range", violation_error_message="A level is 1 to 5."),
        ]

    def __str__(self):
        return self.skill.name


class JobHold(models.Model):
    """A time in which hiring for a job stood still; an open end means it still does. Days open leave it out."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="holds", db_index=False)
    period = DateTimeRangeField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["job", "period"]
        constraints = [
            ExclusionConstraint(
                name="job_hold_no_overlap",
                expressions=[("job", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                violation_error_message="Another hold of this job overlaps this one.",
            ),
        ]

    def __str__(self):
        return f"{self.job}: {self.period.lower:%Y-%m-%d} to {self.period.upper:%Y-%m-%d}" if self.period.upper else f"{self.job}: held"
