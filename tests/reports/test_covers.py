"""Periods as signed pieces: every day once, nothing else that is recorded, and never dearer than day by day."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.periods import Period, step_start
from sales.covers import FLAT, RUNGS, Piece, cover
from sales.sources import FEW_A_DAY, LADDER

FIRST = date(2021, 1, 1)
PERIODS = st.builds(
    lambda start, length: Period(FIRST + timedelta(days=start), FIRST + timedelta(days=start + length)), st.integers(0, 1500), st.integers(1, 1500)
)


def days_of(pieces):
    counted = Counter()
    for piece in pieces:
        for number in range(piece.period.days):
            counted[piece.period.start + timedelta(days=number)] += piece.sign
    return {day: times for day, times in counted.items() if times}


@given(
    period=PERIODS,
    ladder=st.sampled_from([(RUNGS, FLAT), (RUNGS, FEW_A_DAY), (LADDER, FLAT)]),
    highest=st.integers(1, 5),
    signed=st.booleans(),
    recorded=st.none() | PERIODS,
)
def test_pieces_hold_each_recorded_day_of_the_period_once(period, ladder, highest, signed, recorded):
    rungs, costs = ladder[0][:highest], ladder[1]
    pieces = cover(period, rungs, costs=costs, signed=signed, recorded=recorded)
    found = {day for day, times in days_of(pieces).items() if not recorded or day in recorded}
    assert found == {period.start + timedelta(days=n) for n in range(period.days) if not recorded or period.start + timedelta(days=n) in recorded}
    assert {times for day, times in days_of(pieces).items() if not recorded or day in recorded} <= {1}
    for piece in pieces:
        assert (piece.sign == 1) or signed
        assert step_start(piece.period.start, piece.grain) == piece.period.start
        assert step_start(piece.period.end, piece.grain) == piece.period.end
        assert piece.grain in rungs


def piece(grain, first, after, sign=1):
    return Piece(grain, Period(date.fromisoformat(first), date.fromisoformat(after)), sign)


@pytest.mark.parametrize(
    ("first", "last", "pieces"),
    [
        ("2025-01-17", "2025-12-31", [piece("day", "2025-01-01", "2025-01-17", -1), piece("year", "2025-01-01", "2026-01-01")]),
        ("2025-03-01", "2025-04-30", [piece("month", "2025-03-01", "2025-05-01")]),
        (
            "2025-11-23",
            "2026-11-22",
            [
                piece("day", "2025-11-23", "2025-12-01"),
                piece("month", "2025-12-01", "2026-01-01"),
                piece("year", "2026-01-01", "2027-01-01"),
            ],
        ),
    ],
)
def test_cover_takes_the_cheaper_way(first, last, pieces):
    period = Period.of_days(date.fromisoformat(first), date.fromisoformat(last))
    assert cover(period, recorded=Period.of_days(date(2023, 11, 25), date(2026, 11, 22))) == tuple(pieces)
