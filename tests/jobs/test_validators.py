"""Phone numbers, currencies and salary ranges: what is accepted, what is refused, and which field is named."""

import pytest
from django.core.exceptions import ValidationError

from jobs.validators import validate_currency, validate_phone, validate_salary


@pytest.mark.parametrize("value", ["+4930123456", "+1234567", "+123456789012345"])
def test_phone_in_the_international_form_is_accepted(value):
    validate_phone(value)


@pytest.mark.parametrize("value", ["030123456", "+0301234567", "+49 30 123456", "+123456", "+1234567890123456", "+49301234x", "＋4930123456"])
def test_phone_in_any_other_form_is_refused(value):
    with pytest.raises(ValidationError, match="international form"):
        validate_phone(value)


@pytest.mark.parametrize("value", ["eur", "EU", "EURO", "E1R"])
def test_currency_that_is_not_three_capitals_is_refused(value):
    with pytest.raises(ValidationError, match="three capital letters"):
        validate_currency(value)


@pytest.mark.parametrize("salary", [(None, None, "", ""), (1, 1, "EUR", "hour"), (50_000, 60_000, "USD", "year")])
def test_salary_that_says_everything_or_nothing_is_accepted(salary):
    validate_salary(*salary)


@pytest.mark.parametrize(
    ("salary", "field"),
    [
        ((None, 5, "EUR", "year"), "salary_min"),
        ((5, None, "EUR", "year"), "salary_max"),
        ((0, 5, "EUR", "year"), "salary_min"),
        ((6, 5, "EUR", "year"), "salary_max"),
        ((4, 5, "", "year"), "salary_currency"),
        ((4, 5, "EUR", ""), "salary_period"),
        ((None, None, "EUR", ""), "salary_currency"),
        ((None, None, "", "year"), "salary_period"),
    ],
)
def test_salary_that_is_half_said_names_the_field_to_mend(salary, field):
    with pytest.raises(ValidationError) as caught:
        validate_salary(*salary)
    assert list(caught.value.message_dict) == [field]
