"""When a business day begins in the company's time zone: what turns a condition on days into one on moments, which indexes are in the order of."""

from datetime import date, datetime, time

from django.utils import timezone


def begin(day: date) -> datetime:
    """The moment a day begins: something happened on `day` or later when it happened at this moment or later."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())
