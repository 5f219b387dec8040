"""Chart geometry: axes that enclose the figures, paths that break where nothing is known, bars that hang from zero."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, bar_share, chart, nice_ticks, short, spark

VALUES = st.lists(st.none() | st.decimals(-(10**7), 10**7, places=2), min_size=1, max_size=60)


def draw(values, previous=None, **options):
    return chart(
        [str(number) for number in range(len(values))],
        values,
        previous,
        title="T",
        description="D",
        texts=[str(value) for value in values],
        **options,
    )


def test_ticks_are_round_and_enclose_the_figures_and_zero():
    assert nice_ticks(0, 8123) == [0, 2500, 5000, 7500, 10000]
    assert nice_ticks(-5, 3) == [-6, -4, -2, 0, 2, 4]
    assert nice_ticks(0, 0) == [0, 0.25, 0.5, 0.75, 1]


@given(low=st.floats(-1e9, 1e9), high=st.floats(-1e9, 1e9))
def test_ticks_always_enclose(low, high):
    low, high = sorted((round(low, 2), round(high, 2)))
    ticks = nice_ticks(low, high)
    invisible = 1e-6 * max(high, 0.0, high - low, -low)
    assert ticks[0] <= low + invisible
    assert ticks[-1] >= high - invisible
    assert 2 <= len(ticks) <= 8


@pytest.mark.parametrize(("value", "label"), [(0, "0"), (1500, "1.5k"), (2_000_000, "2M"), (-20_000, "−20k"), (0.25, "0.25"), (3e9, "3B")])
def test_axis_labels_are_short(value, label):
    assert short(value) == label


@given(values=VALUES, kind=st.sampled_from(["line", "bar"]))
def test_everything_lies_inside_the_plot(values, kind):
    drawn = draw(values, kind=kind)
    for point in drawn.points:
        assert LEFT <= point.x <= WIDTH - RIGHT
        assert TOP <= point.y <= HEIGHT - BOTTOM
        if point.bar:
            assert point.bar.y >= TOP - 0.1
            assert point.bar.y + point.bar.height <= HEIGHT - BOTTOM + 0.1


def test_line_breaks_where_nothing_is_known():
    assert draw([Decimal(1), None, Decimal(2), Decimal(3)]).line.count("M") == 2


def test_bars_hang_from_zero_side_by_side_with_their_base():
    drawn = draw([Decimal(10), Decimal(-5)], [Decimal(5), None], kind="bar")
    up, down = drawn.points
    assert up.bar.y + up.bar.height == pytest.approx(drawn.zero)
    assert down.bar.y == pytest.approx(drawn.zero)
    assert up.base_bar.x + up.base_bar.width < up.bar.x
    assert down.base_bar is None


def test_labels_have_room_beside_each_other():
    drawn = chart([f"2026-W{n:02}" for n in range(53)], [1] * 53, title="T", description="D", texts=[""] * 53)
    places = [tick.at for tick in drawn.x_ticks]
    assert all(later - earlier >= 60 for earlier, later in pairwise(places))


def test_chart_of_ratios_has_an_axis_in_percent():
    assert draw([Decimal("0.4")], percent=True).y_ticks[-1].label == "40 %"


def test_spark_needs_two_figures():
    assert spark([Decimal(1)]) is None
    assert spark([None, Decimal(1)]) is None
    assert spark([Decimal(1), Decimal(1)]).line.startswith("M0 ")


def test_bar_share_is_of_the_largest_and_never_negative():
    assert bar_share(Decimal(50), Decimal(200)) == 25.0
    assert bar_share(Decimal(-5), Decimal(200)) == 0.0
    assert bar_share(None, Decimal(200)) == 0.0
    assert bar_share(Decimal(5), Decimal(0)) == 0.0
