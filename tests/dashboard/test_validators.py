"""Passwords, SKUs and GTINs: what is refused, and what the refusal says."""

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from sales.validators import gtin_check_digit, validate_gtin, validate_sku

ANN = User(username="ann.okafor@company.test", first_name="Ann", last_name="Okafor")


@pytest.mark.parametrize("password", ["correct horse battery", "Trombone-91-Lichen", "päivää kaikille teille", "x" * 40 + "abcdefgh" * 3])
def test_password_policy_accepts(password):
    validate_password(password, ANN)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short one", "needs at least 12"),
        ("aaaaaaaaaaaaaa", "repeats very few characters"),
        ("ababababababab", "repeats very few characters"),
        ("okaforokafor1", "okafor"),
        ("tallyboard2026", "tallyboard"),
        ("1234567890123", "numeric"),
        ("password1234", "common"),
    ],
)
def test_password_policy_refuses_and_says_why(password, sentence):
    with pytest.raises(ValidationError) as refusal:
        validate_password(password, ANN)
    assert sentence in " ".join(refusal.value.messages)


@pytest.mark.parametrize("sku", ["A", "85123A", "BANK CHARGES", "gift_0001_80", "a-b/c.d"])
def test_sku_form_accepts(sku):
    validate_sku(sku)


@pytest.mark.parametrize("sku", ["", " A", "A ", "-A", "Ä1", "a" * 51, "a\nb", "<b>"])
def test_sku_form_refuses(sku):
    with pytest.raises(ValidationError):
        validate_sku(sku)


@pytest.mark.parametrize("gtin", ["4006381333931", "96385074", "036000291452", "10614141000415"])
def test_gtin_with_right_check_digit_is_accepted(gtin):
    validate_gtin(gtin)


def test_gtin_with_wrong_check_digit_is_told_the_right_one():
    with pytest.raises(ValidationError, match="ends in 2, 1 would be right"):
        validate_gtin("4006381333932")


@pytest.mark.parametrize("gtin", ["123", "40063813339311234", "40063813339a1", "٤٠٠٦٣٨١٣٣٣٩٣١"])
def test_gtin_of_wrong_form_is_refused(gtin):
    with pytest.raises(ValidationError, match="8, 12, 13 or 14 digits"):
        validate_gtin(gtin)


def test_gtin_check_digit_of_the_standard_example():
    assert gtin_check_digit("629104150021") == 3
