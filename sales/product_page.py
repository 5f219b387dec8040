"""What the page of one product shows beside its facts: its sales by month and the price of each tier."""

from django.db.models import Sum
from django.utils import timezone

from dashboard import charts, money
from dashboard.periods import MONTHS as MONTH_NAMES
from dashboard.periods import months_later

from .models import Tier
from .summaries import SCALE

MONTHS = 24


def tier_prices(price) -> list[dict]:
    """What each tier pays for a list price, rounded half up."""
    if price is None:
        return []
    return [{"tier": tier, "price": money.round_half_up(price * (1 - tier.discount))} for tier in Tier.objects.all()]


def monthly_chart(summary, title: str, **key) -> charts.Chart | None:
    """Net sales of the last 24 months of one product or customer, from its summary's month rung; None without a sale in them."""
    first = months_later(timezone.localdate().replace(day=1), 1 - MONTHS)
    starts = [months_later(first, number) for number in range(MONTHS)]
    found = dict(summary.objects.filter(grain="month", start__gte=first, **key).values_list("start").annotate(Sum("net")))
    if not found:
        return None
    figures = [money.Decimal(found.get(start, 0)) / SCALE for start in starts]
    return charts.chart(
        [f"{MONTH_NAMES[start.month - 1]} {start.year}" for start in starts],
        figures,
        kind="bar",
        title=title,
        description=f"{title}, {MONTH_NAMES[first.month - 1]} {first.year} to now",
        texts=[money.money_text(figure) for figure in figures],
    )
