"""The sample company's hiring: the same for the same seed, consistent, and with something to see in every corner."""

from datetime import UTC, datetime

import pytest

from jobs import demo, pipeline
from jobs.models import Application, Health, Job, Note, StageEvent

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def snapshot():
    return (
        list(Job.objects.order_by("key").values_list("key", "status", "hired_count", "published_at")),
        list(Application.objects.order_by("key").values_list("key", "stage__kind", "status", "applied_at", "stage_since", "closed_at")),
        list(StageEvent.objects.order_by("application__key", "at").values_list("application__key", "to_stage__kind", "at")),
    )


def test_demo_shows_every_state_and_keeps_every_rule():
    demo.build(size="S", seed=1, now=NOW)
    assert 12 <= Job.objects.count() <= 20
    assert 150 <= Application.objects.count() <= 300
    assert set(Application.objects.values_list("status", flat=True)) == {"active", "hired", "rejected", "withdrawn"}
    assert {Health(job.health) for job in Job.objects.for_table(NOW)} >= {
        *(Health.STALLED, Health.NOBODY, Health.FILLED, Health.DRAFT, Health.PAUSED, Health.CLOSED),
    }
    assert Application.objects.waiting_too_long(NOW).exists()
    assert Note.objects.exists()
    assert pipeline.problems() == []
    assert not StageEvent.objects.filter(at__gt=NOW).exists()


def test_demo_is_the_same_for_the_same_seed():
    from django.db import transaction  # noqa: PLC0415

    snapshots = []
    for seed in (1, 1, 2):
        with transaction.atomic():
            demo.build(size="S", seed=seed, now=NOW)
            snapshots.append(snapshot())
            transaction.set_rollback(True)
    assert snapshots[0] == snapshots[1]
    assert snapshots[0] != snapshots[2]
