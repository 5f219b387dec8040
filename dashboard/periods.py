"""Periods of business days: presets, comparisons, calendar steps and their names. Pure dates: no clock, no database, no time zone."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
YEAR_OF_WEEKS = timedelta(days=364)
SHORTEST_MONTH = 28
LAST_PENTAD = 26  # the day of the month it begins with
LONG_YEAR = 53  # ISO weeks of a long year; 28 December is always in the last one
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
STEPS = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True, order=True)
class Period:
    """Business days from `start` up to, not including, `end`. Screens show the last day instead: see `last` and `label`."""

    start: date
    end: date

    def __post_init__(self):
        if self.end < self.start:
            raise ValueError(f"A period cannot end ({self.end}) before it starts ({self.start}).")

    @classmethod
    def of_days(cls, first: date, last: date) -> "Period":
        """The period from `first` to `last`, both inside it."""
        return cls(first, last + DAY)

    @property
    def last(self) -> date:
        """The last day inside the period."""
        return self.end - DAY

    @property
    def days(self) -> int:
        """How many business days it holds."""
        return (self.end - self.start).days

    @property
    def label(self) -> str:
        """The period as people write it: "1–22 Nov 2026", "1 Jan – 31 Dec 1997"."""
        first, last = self.start, self.last
        if first == last:
            return day_label(last)
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day}–{day_label(last)}"
        if first.year == last.year:
            return f"{first.day} {MONTHS[first.month - 1]} – {day_label(last)}"
        return f"{day_label(first)} – {day_label(last)}"

    @property
    def whole_months(self) -> bool:
        """Whether it begins with the first and ends with the last day of a month."""
        return self.start.day == 1 and self.end.day == 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def shifted(self, distance: timedelta) -> "Period":
        """The same number of days, `distance` later."""
        return Period(self.start + distance, self.end + distance)

    def overlap(self, other: "Period") -> "Period | None":
        """The days in both, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None

    def without(self, gaps: "tuple[Period, ...]") -> "tuple[Period, ...]":
        """What is left after taking `gaps` (in order, not overlapping each other) out."""
        pieces, start = [], self.start
        for gap in gaps:
            if start < gap.start:
                pieces.append(Period(start, gap.start))
            start = max(start, gap.end)
        if start < self.end:
            pieces.append(Period(start, self.end))
        return tuple(pieces)


def day_label(day: date) -> str:
    """A day as "22 Nov 2026"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def months_later(day: date, months: int) -> date:
    """The same day of the month `months` later (or earlier), clamped to that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if day.day <= SHORTEST_MONTH:
        return date(year, month + 1, day.day)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


# Calendar steps


def step_start(day: date, step: str) -> date:
    """The first day of the week (Monday), pentad, month, quarter or year that `day` is in; `day` itself for "day".

    Pentads are the five days of a month that end on its 5th, 10th, 15th, 20th and 25th, and the rest of the month.
    """
    match step:
        case "pentad":
            return day.replace(day=min((day.day - 1) // 5, 5) * 5 + 1)
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return date(day.year, day.month - (day.month - 1) % 3, 1)
        case "year":
            return date(day.year, 1, 1)
    return day


def next_step(start: date, step: str) -> date:
    """The first day of the step after the one that begins on `start`."""
    match step:
        case "week":
            return start + timedelta(days=7)
        case "pentad":
            return start + timedelta(days=5) if start.day < LAST_PENTAD else months_later(start.replace(day=1), 1)
        case "month":
            return months_later(start, 1)
        case "quarter":
            return months_later(start, 3)
        case "year":
            return months_later(start, 12)
    return start + DAY


def step_label(start: date, step: str) -> str:
    """The name of the step beginning on `start`: "22 Nov 2026", "2026-W47" (ISO year and week), "Nov 2026", "Q4 2026", "2026"."""
    match step:
        case "week":
            year, week, _ = start.isocalendar()
            return f"{year}-W{week:02}"
        case "month":
            return f"{MONTHS[start.month - 1]} {start.year}"
        case "quarter":
            return f"Q{(start.month + 2) // 3} {start.year}"
        case "year":
            return str(start.year)
    return day_label(start)


def steps(period: Period, step: str) -> Iterator[Period]:
    """The steps that make up `period`, the first and last cut at its ends."""
    start = step_start(period.start, step)
    while start < period.end:
        end = next_step(start, step)
        yield Period(max(start, period.start), min(end, period.end))
        start = end


def step_for(period: Period) -> str:
    """The step that gives a chart of `period` a readable number of points."""
    for step, longest in (("day", 62), ("week", 400), ("month", 5 * 366), ("quarter", 12 * 366)):
        if period.days <= longest:
            return step
    return "year"


# Presets

PRESETS = {
    "today": "Today",
    "yesterday": "Yesterday",
    "last_7_days": "Last 7 days",
    "last_30_days": "Last 30 days",
    "last_90_days": "Last 90 days",
    "last_365_days": "Last 365 days",
    "this_week": "This week",
    "this_month": "This month",
    "this_quarter": "This quarter",
    "this_year": "This year",
    "last_week": "Last week",
    "last_month": "Last month",
    "last_quarter": "Last quarter",
    "last_year": "Last year",
    "all": "All time",
    "custom": "Custom dates",
}


def preset(name: str, today: date, recorded: Period | None = None) -> Period:
    """The period a preset means on `today`.

    "last_n_days" are complete days, so they end yesterday; "this_…" ends today. "all" is `recorded`, the days from the first order to the
    last, or today alone while there is none. Raises ValueError for "custom" and unknown names: those have no dates of their own.
    """
    if name == "all":
        return recorded or Period.of_days(today, today)
    if name == "today":
        return Period.of_days(today, today)
    if name == "yesterday":
        return Period(today - DAY, today)
    if name in PRESETS:
        which, _, step = name.partition("_")
        if step.endswith("_days"):
            return Period(today - timedelta(days=int(step.removesuffix("_days"))), today)
        if which == "this":
            return Period(step_start(today, step), today + DAY)
        if which == "last":
            end = step_start(today, step)
            return Period(step_start(end - DAY, step), end)
    raise ValueError(f"{name} is not a preset with dates of its own.")


# Comparisons

COMPARISONS = {
    "none": "nothing",
    "previous": "the days before",
    "month_to_date": "the month before",
    "year": "the same dates last year",
    "year_weekdays": "the same weekdays last year",
}


@dataclass(frozen=True)
class Comparison:
    """What a period is compared with. `unmatched`: days of the period in a 53rd ISO week, which have no partner and are left out of both sides."""

    kind: str
    current: Period
    base: Period
    unmatched: tuple[Period, ...] = ()

    @property
    def label(self) -> str:
        """In words: "the same weekdays last year"."""
        return COMPARISONS[self.kind]

    @property
    def current_parts(self) -> tuple[Period, ...]:
        """The days of the period that have a partner."""
        return self.current.without(self.unmatched)

    @property
    def base_parts(self) -> tuple[Period, ...]:
        """The partners of those days."""
        return self.base.without(tuple(gap.shifted(self.base.start - self.current.start) for gap in self.unmatched))


def compare(kind: str, period: Period, today: date) -> Comparison | None:
    """The comparison of `period`, or None for "none". A period that reaches past `today` is cut there first, and its base likewise."""
    if kind == "none":
        return None
    current = period
    if period.start <= today < period.last:
        current = Period.of_days(period.start, today)
    match kind:
        case "previous":
            return Comparison(kind, current, Period(current.start - (current.end - current.start), current.start))
        case "month_to_date":
            return Comparison(kind, current, _months_earlier(current, _months_touched(current)))
        case "year":
            return Comparison(kind, current, _months_earlier(current, 12))
        case "year_weekdays":
            return Comparison(kind, current, current.shifted(-YEAR_OF_WEEKS), tuple(_weeks_53(current)))
    raise ValueError(f"{kind} is not a comparison.")


def _months_touched(period: Period) -> int:
    return (period.last.year - period.start.year) * 12 + period.last.month - period.start.month + 1


def _months_earlier(period: Period, months: int) -> Period:
    """The same dates earlier; whole months stay whole, whatever their lengths."""
    start = months_later(period.start, -months)
    if period.whole_months:
        return Period(start, months_later(period.end, -months))
    return Period.of_days(start, months_later(period.last, -months))


def _weeks_53(period: Period) -> Iterator[Period]:
    """The parts of `period` that lie in a 53rd ISO week."""
    for year in range(period.start.year - 1, period.last.year + 1):
        if date(year, 12, 28).isocalendar().week == LONG_YEAR:
            monday = date.fromisocalendar(year, LONG_YEAR, 1)
            days = period.overlap(Period(monday, monday + timedelta(days=7)))
            if days:
                yield days
