"""Periods: presets, steps and comparisons, over month ends, leap years, year ends and 53-week years."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.periods import COMPARISONS, PRESETS, Period, compare, months_later, preset, step_for, step_label, step_start, steps

TODAY = date(2026, 11, 22)  # a Sunday
DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def days(first: str, last: str) -> Period:
    return Period.of_days(date.fromisoformat(first), date.fromisoformat(last))


def test_period_is_half_open_and_counts_its_days():
    period = days("2026-11-01", "2026-11-22")
    assert period == Period(date(2026, 11, 1), date(2026, 11, 23))
    assert (period.days, period.last) == (22, date(2026, 11, 22))
    assert date(2026, 11, 22) in period
    assert date(2026, 11, 23) not in period


def test_period_refuses_to_end_before_it_starts():
    with pytest.raises(ValueError, match="before it starts"):
        Period(date(2026, 1, 2), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("first", "last", "label"),
    [
        ("2026-11-22", "2026-11-22", "22 Nov 2026"),
        ("2026-11-01", "2026-11-22", "1–22 Nov 2026"),
        ("1997-01-01", "1997-12-31", "1 Jan – 31 Dec 1997"),
        ("2025-12-30", "2026-01-02", "30 Dec 2025 – 2 Jan 2026"),
    ],
)
def test_label_says_no_more_than_needed(first, last, label):
    assert days(first, last).label == label


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("today", "2026-11-22", "2026-11-22"),
        ("yesterday", "2026-11-21", "2026-11-21"),
        ("last_7_days", "2026-11-15", "2026-11-21"),
        ("last_30_days", "2026-10-23", "2026-11-21"),
        ("last_90_days", "2026-08-24", "2026-11-21"),
        ("last_365_days", "2025-11-22", "2026-11-21"),
        ("this_week", "2026-11-16", "2026-11-22"),
        ("this_month", "2026-11-01", "2026-11-22"),
        ("this_quarter", "2026-10-01", "2026-11-22"),
        ("this_year", "2026-01-01", "2026-11-22"),
        ("last_week", "2026-11-09", "2026-11-15"),
        ("last_month", "2026-10-01", "2026-10-31"),
        ("last_quarter", "2026-07-01", "2026-09-30"),
        ("last_year", "2025-01-01", "2025-12-31"),
    ],
)
def test_preset_on_a_sunday(name, first, last):
    assert preset(name, TODAY) == days(first, last)


def test_preset_at_the_turn_of_the_year():
    new_year = date(2027, 1, 1)
    assert preset("last_month", new_year) == days("2026-12-01", "2026-12-31")
    assert preset("last_week", new_year) == days("2026-12-21", "2026-12-27")
    assert preset("this_week", new_year) == days("2026-12-28", "2027-01-01")
    assert preset("this_year", new_year) == days("2027-01-01", "2027-01-01")


def test_preset_all_is_what_is_recorded():
    recorded = days("1996-07-04", "1998-05-06")
    assert preset("all", TODAY, recorded) == recorded
    assert preset("all", TODAY) == days("2026-11-22", "2026-11-22")


def test_preset_without_dates_of_its_own_is_refused():
    for name in ("custom", "next_year", ""):
        with pytest.raises(ValueError, match="not a preset"):
            preset(name, TODAY)


@given(today=DAYS)
def test_every_preset_has_dates_on_every_day(today):
    for name in PRESETS.keys() - {"custom"}:
        assert preset(name, today).days > 0


NOVEMBER = days("2026-11-01", "2026-11-22")


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("previous", "2026-10-10", "2026-10-31"),
        ("month_to_date", "2026-10-01", "2026-10-22"),
        ("year", "2025-11-01", "2025-11-22"),
        ("year_weekdays", "2025-11-02", "2025-11-23"),
    ],
)
def test_comparison_of_the_first_22_days_of_november(kind, first, last):
    assert compare(kind, NOVEMBER, TODAY).base == days(first, last)


def test_comparison_with_nothing():
    assert compare("none", NOVEMBER, TODAY) is None


def test_comparison_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="not a comparison"):
        compare("decade", NOVEMBER, TODAY)


@pytest.mark.parametrize("kind", sorted(COMPARISONS.keys() - {"none"}))
def test_partial_current_month_is_cut_like_for_like(kind):
    november = days("2026-11-01", "2026-11-30")
    assert compare(kind, november, TODAY) == compare(kind, NOVEMBER, TODAY)


def test_period_wholly_past_or_wholly_ahead_is_not_cut():
    october, december = days("2026-10-01", "2026-10-31"), days("2026-12-01", "2026-12-31")
    assert compare("year", october, TODAY).current == october
    assert compare("year", december, TODAY).current == december


def test_same_weekdays_of_a_long_weekend():
    black_friday = compare("year_weekdays", days("2022-11-25", "2022-11-28"), TODAY)
    assert black_friday.base == days("2021-11-26", "2021-11-29")
    assert black_friday.base.start.weekday() == black_friday.current.start.weekday()


@pytest.mark.parametrize(
    ("kind", "period", "base"),
    [
        ("year", days("2024-02-29", "2024-02-29"), days("2023-02-28", "2023-02-28")),
        ("year", days("2024-02-01", "2024-02-29"), days("2023-02-01", "2023-02-28")),
        ("year", days("2025-02-01", "2025-02-28"), days("2024-02-01", "2024-02-29")),
        ("year", days("2025-02-15", "2025-02-28"), days("2024-02-15", "2024-02-28")),
        ("month_to_date", days("2026-03-01", "2026-03-31"), days("2026-02-01", "2026-02-28")),
        ("month_to_date", days("2026-03-01", "2026-03-30"), days("2026-02-01", "2026-02-28")),
        ("month_to_date", days("2026-03-31", "2026-03-31"), days("2026-02-28", "2026-02-28")),
        ("month_to_date", days("2026-01-01", "2026-01-31"), days("2025-12-01", "2025-12-31")),
        ("month_to_date", days("2026-05-01", "2026-06-15"), days("2026-03-01", "2026-04-15")),
        ("previous", days("1997-01-01", "1997-12-31"), days("1996-01-02", "1996-12-31")),
    ],
)
def test_comparison_over_month_ends_and_leap_years(kind, period, base):
    assert compare(kind, period, TODAY).base == base


def test_week_53_has_no_partner_and_leaves_both_sides():
    december = compare("year_weekdays", days("2026-12-01", "2026-12-31"), date(2027, 6, 1))
    assert december.unmatched == (days("2026-12-28", "2026-12-31"),)
    assert december.current_parts == (days("2026-12-01", "2026-12-27"),)
    assert december.base_parts == (days("2025-12-02", "2025-12-28"),)


def test_week_53_inside_a_period_splits_both_sides():
    winter = compare("year_weekdays", days("2026-12-01", "2027-01-31"), date(2027, 6, 1))
    assert winter.current_parts == (days("2026-12-01", "2026-12-27"), days("2027-01-04", "2027-01-31"))
    assert winter.base_parts == (days("2025-12-02", "2025-12-28"), days("2026-01-05", "2026-02-01"))


@given(first=DAYS, length=st.integers(1, 800))
def test_weekdays_of_both_sides_are_the_same(first, length):
    period = Period(first, first.fromordinal(first.toordinal() + length))
    comparison = compare("year_weekdays", period, date(2070, 1, 1))
    assert comparison.base.days == comparison.current.days
    assert comparison.base.start.weekday() == comparison.current.start.weekday()
    assert sum(part.days for part in comparison.base_parts) == sum(part.days for part in comparison.current_parts)


@given(first=DAYS, length=st.integers(1, 1200), step=st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_steps_hold_every_day_once(first, length, step):
    period = Period(first, first.fromordinal(first.toordinal() + length))
    pieces = list(steps(period, step))
    assert pieces[0].start == period.start
    assert pieces[-1].end == period.end
    assert sum(piece.days for piece in pieces) == period.days
    assert len({step_start(piece.start, step) for piece in pieces}) == len(pieces)


@pytest.mark.parametrize(
    ("day", "step", "label"),
    [
        ("2024-12-30", "week", "2025-W01"),
        ("2027-01-01", "week", "2026-W53"),
        ("2026-11-22", "month", "Nov 2026"),
        ("2026-11-22", "quarter", "Q4 2026"),
        ("2026-11-22", "year", "2026"),
        ("2026-11-22", "day", "22 Nov 2026"),
    ],
)
def test_step_label_over_year_ends(day, step, label):
    assert step_label(step_start(date.fromisoformat(day), step), step) == label


def test_step_for_keeps_charts_readable():
    assert [step_for(Period(date(2020, 1, 1), date(2020, 1, 1).replace(year=2020 + years))) for years in (1, 4, 10, 20)] == [
        "week",
        "month",
        "quarter",
        "year",
    ]
    assert step_for(NOVEMBER) == "day"


def test_months_later_clamps_to_the_end_of_the_month():
    assert months_later(date(2024, 2, 29), -12) == date(2023, 2, 28)
    assert months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_later(date(2026, 12, 5), 1) == date(2027, 1, 5)
