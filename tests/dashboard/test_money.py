"""Exact figures: rounding, ratios, the words for changes, and parts that add up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.money import (
    allocate,
    change,
    count_text,
    money_text,
    number_text,
    percent_text,
    ratio,
    round_half_up,
    rounded_parts,
)

AMOUNTS = st.decimals(min_value=-10_000, max_value=10_000, places=4)


@pytest.mark.parametrize(
    ("value", "rounded"), [("2.665", "2.67"), ("-2.665", "-2.67"), ("37515.725", "37515.73"), ("124568.235", "124568.24"), ("1.005", "1.01")]
)
def test_rounding_goes_half_away_from_zero(value, rounded):
    assert round_half_up(Decimal(value)) == Decimal(rounded)


@pytest.mark.parametrize(
    ("value", "text"),
    [("1265793.0395", "1,265,793.04"), ("0", "0.00"), ("-5.5", "−5.50"), ("-0.001", "0.00"), ("999.995", "1,000.00")],
)
def test_money_text(value, text):
    assert money_text(Decimal(value)) == text


def test_texts_of_nothing_are_dashes():
    assert [money_text(None), count_text(None), percent_text(None), number_text(None)] == ["—"] * 4


def test_texts_of_other_units():
    assert (count_text(2155), count_text(-3)) == ("2,155", "−3")
    assert percent_text(Decimal("0.34249")) == "34.2 %"
    assert number_text(Decimal("61.827")) == "61.83"
    assert money_text(Decimal(5), "EUR") == "5.00 EUR"


def test_ratio_of_nothing_is_nothing():
    assert ratio(5, 0) is None
    assert ratio(None, 5) is None
    assert ratio(0, 5) == 0


@pytest.mark.parametrize(
    ("current", "previous", "text", "direction"),
    [
        (120, 100, "+20.0 %", 1),
        (0, 100, "−100.0 %", -1),
        (None, 100, "−100.0 %", -1),
        (50, 0, "new", 0),
        (50, None, "new", 0),
        (0, 0, "—", 0),
        (None, None, "—", 0),
        (50, -20, "n/m", 0),
        (-20, 0, "n/m", 0),
        (100, 100, "0.0 %", 0),
    ],
)
def test_change_says_what_it_means(current, previous, text, direction):
    moved = change(current, previous)
    assert (moved.text, moved.direction) == (text, direction)


def test_change_before_the_first_record_is_no_data():
    moved = change(50, 0, had_previous=False)
    assert (moved.text, moved.delta, moved.share) == ("no data", None, None)


def test_change_of_a_ratio_is_in_points():
    moved = change(Decimal("0.404"), Decimal("0.407"), is_ratio=True)
    assert (moved.text, moved.kind, moved.delta) == ("−0.3 pp", "points", Decimal("-0.003"))
    assert change(Decimal("0.4"), None, is_ratio=True).text == "new"
    assert change(None, Decimal("0.4"), is_ratio=True).text == "—"


def test_changes_sort_new_first_and_wordless_last():
    moves = [change(0, 0), change(50, 0), change(100, 200), change(300, 200), change(5, -1)]
    assert [move.text for move in sorted(moves, key=lambda move: move.sort_key, reverse=True)] == ["new", "+50.0 %", "−50.0 %", "—", "n/m"]


def test_allocation_gives_the_remainder_to_the_largest():
    assert allocate(Decimal("10.00"), [1, 1, 1]) == [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]
    assert allocate(Decimal("12.00"), [90, 30]) == [Decimal("9.00"), Decimal("3.00")]


@given(cents=st.integers(0, 10**9), weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_allocation_sums_exactly(cents, weights):
    amount = Decimal(cents) / 100
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    assert all(abs(part - amount * weight / sum(weights)) < Decimal("0.01") for part, weight in zip(parts, weights, strict=True))


def test_allocation_refuses_what_cannot_be_split():
    with pytest.raises(ValueError, match="positive"):
        allocate(Decimal(1), [0, 0])
    with pytest.raises(ValueError, match="multiple"):
        allocate(Decimal("0.001"), [1])


@given(parts=st.lists(AMOUNTS, min_size=1, max_size=20))
def test_rounded_parts_add_up_to_the_rounded_sum(parts):
    assert sum(rounded_parts(parts)) == round_half_up(sum(parts))
