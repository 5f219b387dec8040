"""The words hiring is described in: skills with their other names, pipelines with their stages, sources, rejection reasons."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class Skill(models.Model):
    """Something a person can do and a job can ask for. One row whatever the spelling: other names are aliases."""

    name = models.CharField(max_length=80)

    class Meta:
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="skill_name_unique", violation_error_message="Another skill has this name."),
            models.CheckConstraint(condition=~Q(name=""), name="skill_name_not_empty", violation_error_message="A skill has a name."),
        ]

    def __str__(self):
        return self.name


class SkillAlias(models.Model):
    """Another name of a skill, so that "Postgres" and "PostgreSQL" are one."""

    alias = models.CharField(max_length=80)
    skill = models.ForeignKey(Skill, models.CASCADE, related_name="aliases")

    class Meta:
        verbose_name = "other name of a skill"
        verbose_name_plural = "other names of skills"
        ordering = [Lower("alias"), "pk"]
        constraints = [
            models.UniqueConstraint(Lower("alias"), name="skill_alias_unique", violation_error_message="This name already belongs to a skill."),
        ]

    def __str__(self):
        return self.alias


def skills_by_name(names) -> dict[str, Skill]:
    """Skills called `names`, in any letter case, by their own or another name; keyed by the name in lower case. Two queries."""
    wanted = {name.lower() for name in names if "\0" not in name}
    aliases = SkillAlias.objects.annotate(lowered=Lower("alias")).filter(lowered__in=wanted).select_related("skill")
    skills = Skill.objects.annotate(lowered=Lower("name")).filter(lowered__in=wanted)
    return {alias.lowered: alias.skill for alias in aliases} | {skill.lowered: skill for skill in skills}


class Pipeline(models.Model):
    """The stages a job takes its candidates through. New jobs get the default one."""

    name = models.CharField(max_length=80)
    is_default = models.BooleanField("default for new jobs", default=False)

    class Meta:
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="pipeline_name_unique", violation_error_message="Another pipeline has this name."),
            models.UniqueConstraint(
                "is_default",
                condition=Q(is_default=True),
                name="pipeline_one_default",
                violation_error_message="Another pipeline is already the default.",
            ),
        ]

    def __str__(self):
        return self.name


class StageKind(models.TextChoices):
    """What a stage means, the same in every pipeline."""

    APPLIED = "applied", "Applied"
    SCREEN = "screen", "Screen"
    INTERVIEW = "interview", "Interview"
    OFFER = "offer", "Offer"
    HIRED = "hired", "Hired"


class Stage(models.Model):
    """One step of a pipeline. `sla_days`: after so many days here somebody has waited too long."""

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="stages", db_index=False)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=StageKind)
    position = models.PositiveSmallIntegerField()
    sla_days = models.PositiveSmallIntegerField("limit in days", null=True, blank=True, validators=[MinValueValidator(1)])

    class Meta:
        ordering = ["pipeline", "position"]
        constraints = [
            # Checked at commit, so that stages can trade places in two updates.
            models.UniqueConstraint(
                fields=["pipeline", "position"],
                name="stage_position_unique",
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message="Another stage of this pipeline has this position.",
            ),
            models.UniqueConstraint(
                "pipeline",
                Lower("name"),
                name="stage_name_unique",
                violation_error_message="Another stage of this pipeline has this name.",
            ),
            models.CheckConstraint(condition=Q(kind__in=StageKind.values), name="stage_kind_known", violation_error_message="Unknown kind of stage."),
            models.CheckConstraint(
                condition=Q(sla_days__isnull=True) | Q(sla_days__gte=1),
                name="stage_sla_days_positive",
                violation_error_message="A limit is at least one day.",
            ),
        ]

    def __str__(self):
        return self.name


class SourceKind(models.TextChoices):
    """How candidates come."""

    SITE = "site", "Own site"
    BOARD = "board", "Job board"
    REFERRAL = "referral", "Referral"
    AGENCY = "agency", "Agency"
    SOURCED = "sourced", "Found by us"
    OTHER = "other", "Other"


class Source(models.Model):
    """Where an application came from, and what that costs: the whole amount spent on it, in the company's currency."""

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=SourceKind, default=SourceKind.OTHER)
    cost = models.DecimalField(max_digits=14, decimal_places=4, default=0)

    class Meta:
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="source_name_unique", violation_error_message="Another source has this name."),
            models.CheckConstraint(
                condition=Q(kind__in=SourceKind.values), name="source_kind_known", violation_error_message="Unknown kind of source."
            ),
            models.CheckConstraint(condition=Q(cost__gte=0), name="source_cost_not_negative", violation_error_message="A cost cannot be negative."),
        ]

    def __str__(self):
        return self.name


class RejectionReason(models.Model):
    """Why an application ended without a hire, and on whose side the reason lay."""

    class Side(models.TextChoices):
        """Who ended it."""

        COMPANY = "company", "Company"
        CANDIDATE = "candidate", "Candidate"

    name = models.CharField(max_length=100)
    side = models.CharField(max_length=10, choices=Side, default=Side.COMPANY)

    class Meta:
        ordering = ["-side", Lower("name"), "pk"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="rejection_reason_name_unique", violation_error_message="Another reason has this name."),
            models.CheckConstraint(
                condition=Q(side__in=["company", "candidate"]),
                name="rejection_reason_side_known",
                violation_error_message="Unknown side.",
            ),
        ]

    def __str__(self):
        return self.name
