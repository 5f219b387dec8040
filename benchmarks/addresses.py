"""The addresses that are asked for: named views of the report, and a mixed day of browsing over every dimension."""

import random
from datetime import date, timedelta
from urllib.parse import urlencode

from dashboard.periods import Period
from sales.measures import DIMENSIONS
from sales.models import Category, Product

REPORT = "/sales/"
NAMED_DIMENSIONS = ("product", "category", "customer", "month", "channel")


def months_back(day: date, count: int) -> date:
    """The first of the month so many months before that of a day."""
    number = day.year * 12 + day.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def aligned(recorded: Period) -> dict[str, Period]:
    """The whole months before the last recorded one, which is not over."""
    end = months_back(recorded.last, 0)
    return {name: Period(months_back(end, count), end) for name, count in (("1 month", 1), ("1 year", 12), ("3 years", 36))}


def misaligned(recorded: Period) -> dict[str, Period]:
    """Periods that begin and end within months."""
    end = months_back(recorded.last, 1) + timedelta(days=16)
    return {name: Period(end - timedelta(days=days), end) for name, days in (("30 days", 30), ("a year of days", 365), ("1,000 days", 1000))}


def address(period: Period, **words: str) -> str:
    """A report of a period, spelled out."""
    return f"{REPORT}?{urlencode({'from': period.start, 'to': period.last, **words}, doseq=True)}"


def named(recorded: Period) -> dict[str, str]:
    """The named views: periods by dimensions, and four that are harder."""
    whole, part = aligned(recorded), misaligned(recorded)
    views = {f"{name}, {by}": address(period, by=by) for name, period in whole.items() for by in NAMED_DIMENSIONS}
    word = Product.objects.order_by("pk").values_list("name", flat=True)[3].split(",")[0].split()[-1]
    views["misaligned year by product, compared"] = address(part["a year of days"], by="product", compare="previous")
    views["misaligned year by customer, compared"] = address(part["a year of days"], by="customer", compare="previous")
    views["1 year, products that contain a word"] = address(whole["1 year"], by="product", q=word)
    last = -(-Product.objects.count() // 25)
    views["1 year, product, by margin, last page"] = address(whole["1 year"], by="product", sort="margin", page=str(last))
    return views


def mixed_day(recorded: Period) -> list[str]:
    """Every dimension in aligned and misaligned periods, every other one compared: always the same."""
    return [
        address(period, by=by, **({"compare": "previous"} if (number + turn) % 2 else {}))
        for number, by in enumerate(DIMENSIONS)
        for turn, period in enumerate(periods(recorded))
    ]


def varied_day(recorded: Period) -> list[str]:
    """Every dimension three times more, with a filter, a sort, a page or other measures: always the same."""
    dice = random.Random(3)
    category = Category.objects.filter(products__isnull=False).order_by("pk").values_list("key", flat=True)[0]
    more = ({"category": category}, {"sort": "-orders"}, {"page": "2"}, {"sort": "margin"}, {"measures": "net_sales,units"}, {"per_page": "100"})
    return [
        address(dice.choice(periods(recorded)), by=by, **words, **({"compare": "previous"} if dice.random() < 0.5 else {}))
        for by in DIMENSIONS
        for words in dice.sample(more, 3)
    ]


def periods(recorded: Period) -> list[Period]:
    """Aligned and misaligned ones."""
    return [*aligned(recorded).values(), *misaligned(recorded).values()]
