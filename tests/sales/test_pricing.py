"""Price changes: what is read from what people write, exact figures in SQL, and what the rehearsal tells of them."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db.models import DecimalField, ExpressionWrapper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sales.models import Product
from sales.pricing import parse

from .factories import make_product


@pytest.mark.parametrize(
    ("text", "price", "cost", "expected"),
    [
        ("+5%", "10.00", None, "10.50"),
        ("+5 %", "0.10", None, "0.11"),  # 0.105: half up
        ("-2.50", "10.00", None, "7.50"),
        ("−2.5", "10.00", None, "7.50"),
        ("-10%", "10.05", None, "9.05"),  # 9.045
        ("=12.50", None, None, "12.50"),
        ("=cost*1.4", None, "6.25", "8.75"),
        ("=COST + 40%", "1", "6.25", "8.75"),
        ("=cost*140%", "1", "6.25", "8.75"),
        ("=cost+3", "1", "6.2549", "9.25"),
        ("=cost", "1", "6.255", "6.26"),
        ("round .99", "10.48", None, "9.99"),
        ("round .99", "10.49", None, "10.99"),  # as far from both: up
        ("round .99", "0.10", None, "0.99"),
        ("round .9", "10.00", None, "9.90"),
        ("+5% round .99", "10.00", None, "10.99"),
        ("+5% round 0.05", "10.00", None, "10.50"),
        ("round 0.05", "10.025", None, "10.05"),
        ("round 5", "12.50", None, "15"),
        ("+5%", None, "3", None),
        ("=cost*2", "3", None, None),
    ],
)
def test_price_change_gives_the_price_a_person_expects(text, price, cost, expected):
    values = [Decimal(value) if value else None for value in (price, cost)]
    assert parse(text).of(*values) == (Decimal(expected) if expected else None)


@pytest.mark.parametrize(
    "text",
    ["", "5", "5%", "+", "=", "++5", "+5%%", "=cost**2", "=cost*", "=price*2-", "=costs", "round", "round 0", ".99", "=1/2", "+5% +3", "import os",
     "+12345678901", "+1.23456", "=cost*cost", "+1001%", "=cost*99", "٥", "+５%", "round .999", "=12.50;", "+5% round .99 round 1"],
)  # fmt: skip
def test_what_is_no_price_change_is_refused(text):
    with pytest.raises(ValidationError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("+5%", "by +5 %"),
        ("-2.50", "by −2.50"),
        ("=12.50", "to 12.50"),
        ("=cost*1.4", "to cost × 1.4"),
        ("=price-10%round.99", "to price − 10 %, rounded to end in .99"),
        ("+5% round 0.05", "by +5 %, rounded to 0.05"),
        ("round .99", "rounded to end in .99"),
        ("=cost", "to cost"),
    ],
)
def test_price_change_says_in_words_what_it_does(text, words):
    assert str(parse(text)) == words


amounts = st.decimals(0, 9_999, places=4)
numbers = st.decimals("0.0001", 999, places=4).map(lambda number: format(number, "f"))
changes = st.builds(
    lambda change, rounding: f"{change} {rounding}".strip() or "+1%",
    st.one_of(
        st.just(""),
        st.builds("{}{}{}".format, st.sampled_from("+-"), numbers, st.sampled_from(["", "%"])),
        st.builds("={}".format, numbers),
        st.builds("={}{}{}{}".format, st.sampled_from(["cost", "price"]), st.sampled_from("*+-"), st.decimals("0.0001", 9, places=4).map(str),
                  st.sampled_from(["", "%"])),
    ),
    st.one_of(st.just(""), st.integers(0, 99).map("round .{:02}".format), st.decimals("0.01", 99, places=2).map("round {}".format)),
)  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=changes, price=st.none() | amounts, cost=st.none() | amounts)
def test_sql_computes_the_price_that_exact_decimals_do(text, price, cost):
    product = make_product(price=price, cost=cost)
    change = parse(text)
    exact = ExpressionWrapper(change.expression(), DecimalField(max_digits=40, decimal_places=12))
    assert Product.objects.annotate(new_price=exact).get(pk=product.pk).new_price == change.of(price, cost)
