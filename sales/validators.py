"""What a SKU and a GTIN look like. The same rules stand as constraints in the database."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

SKU_PATTERN = r"^[A-Za-z0-9]([A-Za-z0-9 ._/-]{0,48}[A-Za-z0-9])?$"

validate_sku = RegexValidator(
    SKU_PATTERN,
    "A SKU has 1 to 50 letters, digits, spaces, dots, dashes, underscores or slashes, and begins and ends with a letter or digit.",
    code="sku_form",
)

GTIN_LENGTHS = {8, 12, 13, 14}


def gtin_check_digit(digits: str) -> int:
    """The GS1 check digit of a GTIN without its last digit: weights 3 and 1 from the right, up to the next ten."""
    weighted = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits)))
    return -weighted % 10


def validate_gtin(value: str) -> None:
    """Refuse a GTIN of the wrong length or with a wrong check digit, and say which digit would be right."""
    if not value.isascii() or not value.isdigit() or len(value) not in GTIN_LENGTHS:
        raise ValidationError("A GTIN has 8, 12, 13 or 14 digits and nothing else.", code="gtin_length")
    expected = gtin_check_digit(value[:-1])
    if int(value[-1]) != expected:
        message = "The check digit of this GTIN is wrong: it ends in %(found)s, %(expected)s would be right."
        raise ValidationError(message, code="gtin_check_digit", params={"found": value[-1], "expected": expected})
