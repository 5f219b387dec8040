"""The pipeline of one job: its stages with their first applications, as board and as list."""

from datetime import datetime

from django.db.models import Count, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber

from .applications import count_of
from .models import Application, ApplicationStatus, Job, Stage

CARDS_A_STAGE = 25
SHOWN = (ApplicationStatus.ACTIVE, ApplicationStatus.HIRED)


def stages_of(job: Job, now: datetime) -> list[Stage]:
    """The stages in order, each with `number` of its applications in process or hired, and `cards`: those longest there, 25 at most.

    Two queries, whatever their number.
    """
    shown = Application.objects.filter(job=job, status__in=SHOWN)
    stages = list(
        Stage.objects.filter(pipeline=job.pipeline_id).annotate(number=count_of(shown.filter(stage=OuterRef("pk")), "stage")).order_by("position")
    )
    place = Window(RowNumber(), partition_by=F("stage"), order_by=[F("stage_since").asc(nulls_last=True), F("pk").asc()])
    cards = shown.for_table(now).annotate(place=place).filter(place__lte=CARDS_A_STAGE).order_by("stage__position", "place")
    by_stage: dict[int, list[Application]] = {}
    for card in cards:
        by_stage.setdefault(card.stage_id, []).append(card)
    for stage in stages:
        stage.cards = by_stage.get(stage.pk, [])
        stage.hidden = stage.number - len(stage.cards)
    return stages


def ended_counts(job: Job) -> dict[str, int]:
    """How many applications of the job were rejected, and how many withdrawn."""
    return job.applications.aggregate(
        rejected=Count("pk", filter=Q(status=ApplicationStatus.REJECTED)),
        withdrawn=Count("pk", filter=Q(status=ApplicationStatus.WITHDRAWN)),
    )
