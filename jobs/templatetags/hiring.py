"""How the hiring pages write ages, salaries and kinds of employment."""

from datetime import datetime

from django import template
from django.utils import timezone

from dashboard import money
from dashboard.filters import cleaned_query
from jobs.models import EmploymentType, Job, SalaryPeriod

register = template.Library()

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86_400, 365 * 86_400


@register.filter
def age(moment: datetime | None) -> str:
    """How long ago, in one unit: "5 min", "2 h", "12 d", "3 y". A dash for nothing."""
    if moment is None:
        return money.NOTHING
    seconds = max(0, int((timezone.now() - moment).total_seconds()))
    for size, unit in ((YEAR, "y"), (DAY, "d"), (HOUR, "h")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds // MINUTE} min"


@register.filter
def ago(moment: datetime | None) -> str:
    """The same as part of a sentence: "2 h ago", "yesterday", "just now"."""
    text = age(moment)
    return {money.NOTHING: text, "0 min": "just now", "1 d": "yesterday"}.get(text, f"{text} ago")


@register.filter
def salary(job: Job) -> str:
    """As in EUR 78,000 – 95,000 a year; nothing where the job does not say."""
    if job.salary_min is None:
        return ""
    low, high = _amount(job.salary_min), _amount(job.salary_max)
    span = low if low == high else f"{low} – {high}"
    return f"{job.salary_currency} {span} {SalaryPeriod(job.salary_period).label}"


def _amount(value) -> str:
    return money.count_text(int(value)) if value == int(value) else money.money_text(value)


@register.filter
def employment(job: Job) -> str:
    """The types of employment a job offers: Full time, part time."""
    return ", ".join(EmploymentType(kind).label for kind in job.employment_type).capitalize()


@register.simple_tag(takes_context=True)
def facet_address(context, facet: dict) -> str:
    """The address of the board with this facet switched on, or off when it is on."""
    request = context["request"]
    query = cleaned_query(request.GET, without=frozenset({"page"}))
    values = [value for value in query.getlist(facet["word"]) if value != facet["value"]]
    query.setlist(facet["word"], values if facet["chosen"] else [*values, facet["value"]])
    return f"{request.path}?{query.urlencode()}" if query else request.path
