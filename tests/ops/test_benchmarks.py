"""The benchmark asks what it says it asks, in turn, and tells what it found."""

from datetime import date

import pytest

from benchmarks.addresses import aligned, misaligned, mixed_day, named, varied_day
from benchmarks.results import Findings, as_text
from benchmarks.timing import Case, interleaved, percentile
from dashboard.periods import Period
from sales.measures import DIMENSIONS
from tests.sales.factories import make_category, make_product

RECORDED = Period(date(2023, 11, 24), date(2026, 11, 23))


def test_aligned_periods_are_whole_months_before_the_last_recorded_one():
    assert aligned(RECORDED) == {
        "1 month": Period(date(2026, 10, 1), date(2026, 11, 1)),
        "1 year": Period(date(2025, 11, 1), date(2026, 11, 1)),
        "3 years": Period(date(2023, 11, 1), date(2026, 11, 1)),
    }
    assert all(period.start.day != 1 and period.end.day != 1 for period in misaligned(RECORDED).values())


@pytest.mark.django_db
def test_a_mixed_day_has_every_dimension_and_half_of_it_compared(viewer_client, hx):
    for number in range(4):
        make_product(f"Bell {number}", category=make_category())
    plain, varied = mixed_day(RECORDED), varied_day(RECORDED)
    assert (plain, varied) == (mixed_day(RECORDED), varied_day(RECORDED))
    assert len(plain) >= 56
    assert all(sum(f"by={name}" in path.split("&") for path in plain) == 6 for name in DIMENSIONS)
    assert sum("compare=previous" in path for path in plain) == len(plain) / 2
    assert len(named(RECORDED)) >= 12
    for path in [*named(RECORDED).values(), *varied]:
        assert "errorlist" not in hx(viewer_client).get(path).content.decode()


def test_cases_take_turns_and_slow_ones_take_fewer():
    calls = []
    taken = interleaved([Case("a", lambda: calls.append("a") or 1.0), Case("b", lambda: calls.append("b") or 2.0, most=2)], 5)
    assert (len(taken["a"]), len(taken["b"])) == (5, 2)
    assert calls[:2] == ["a", "b"]
    assert taken["a"].median == 1.0
    assert percentile(range(1, 101), 0.95) == 95


def test_a_goal_says_whether_it_is_reached_and_by_how_much():
    findings = Findings()
    findings.at_most("fragment", 60, 30, " ms")
    findings.part_of("product", 100, 10.0, 500.0)
    text = as_text(findings)
    assert "| fragment | ≤ 60 ms | 30 ms | yes | 0.50 |" in text
    assert "| product | ≤ 1/100 | 1/50 (10.0 of 500 ms) | **no** | 2.00 |" in text
