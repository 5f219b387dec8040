"""Days and moments in the company's time zone: when a business day begins, and how both are written."""

from datetime import date, datetime, time
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format


def begin(day: date) -> datetime:
    """The moment a day begins: something happened on `day` or later when it happened at this moment or later.

    It turns a condition on days into one on moments, which indexes are in the order of.
    """
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


@lru_cache(4096)
def day_text(day: date) -> str:
    """3 Nov 2026; kept, because lists say the same days over and over."""
    return date_format(day, "j M Y")


def moment_text(moment: datetime) -> str:
    """3 Nov 2026, 14:05."""
    local = timezone.localtime(moment, timezone.get_default_timezone())
    return f"{day_text(local.date())}, {local.hour:02}:{local.minute:02}"
