"""The figures of hiring, read from applications and from the log of their stages. The only place that computes them."""

from datetime import timedelta
from decimal import Decimal

from django.db.models import Aggregate, Avg, Case, Count, DurationField, ExpressionWrapper, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate

from dashboard.money import ratio

from .models import ApplicationStatus, StageEvent, StageKind

FEWEST_FOR_A_SHARE = 5


class Median(Aggregate):
    """The middle value; between the two middle ones where there are two."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def by_stage_kind(applications) -> list[dict]:
    """For each kind of stage: `active` applications in it now, and `ended` ones that stopped there."""
    order = Case(*[When(stage__kind=kind, then=Value(place)) for place, kind in enumerate(StageKind.values)])
    rows = applications.values(kind=F("stage__kind")).annotate(
        active=Count("pk", filter=Q(status=ApplicationStatus.ACTIVE)),
        ended=Count("pk", filter=~Q(status=ApplicationStatus.ACTIVE)),
        place=order,
    )
    return [row | {"label": StageKind(row["kind"]).label} for row in rows.order_by("place")]


def by_source(applications) -> list[dict]:
    """For each source: `total`, `active`, `hired`, and `quality`: hires by applications, None below five applications."""
    rows = applications.values(origin=F("source"), label=Coalesce("source__name", Value("Not known"))).annotate(
        total=Count("pk"),
        active=Count("pk", filter=Q(status=ApplicationStatus.ACTIVE)),
        hired=Count("pk", filter=Q(status=ApplicationStatus.HIRED)),
    )
    return [row | {"quality": quality(row)} for row in rows.order_by("-total", "label")]


def quality(row: dict) -> Decimal | None:
    """Hires by applications; too few applications have none."""
    return ratio(row["hired"], row["total"]) if row["total"] >= FEWEST_FOR_A_SHARE else None


def time_in_stage(applications) -> list[dict]:
    """For each kind of stage: `visits` that ended, their `median` and `mean` in calendar days.

    A visit ends with the next effective move or with the end of the application. Stages of the kind hired are left out: nobody waits there.
    """
    events = StageEvent.objects.effective()
    following = events.filter(application=OuterRef("application")).filter(Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk")))
    visits = events.filter(application__in=applications).exclude(to_stage__kind=StageKind.HIRED)
    left_at = Coalesce(Subquery(following.order_by("at", "pk").values("at")[:1]), F("application__closed_at"))
    days = ExpressionWrapper(TruncDate("left_at") - TruncDate("at"), output_field=DurationField())
    ended = visits.annotate(left_at=left_at).filter(left_at__isnull=False).annotate(days=days)
    rows = {
        row["kind"]: row
        for row in ended.values(kind=F("to_stage__kind")).annotate(
            visits=Count("pk"), median=Median("days", output_field=DurationField()), mean=Avg("days")
        )
    }
    return [
        {"label": kind.label, "visits": rows[kind]["visits"], "median": in_days(rows[kind]["median"]), "mean": in_days(rows[kind]["mean"])}
        for kind in StageKind
        if kind in rows
    ]


def in_days(span: timedelta) -> float:
    """A span in days with its fraction."""
    return span / timedelta(days=1)
