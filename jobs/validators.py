"""What a phone number, a currency and a salary range look like. The same rules stand as constraints in the database."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

PHONE_PATTERN = r"^\+[1-9][0-9]{6,14}$"
CURRENCY_PATTERN = r"^[A-Z]{3}$"

validate_phone = RegexValidator(
    PHONE_PATTERN,
    "A phone number is written in the international form: a plus sign, then 7 to 15 digits without blanks, like +4930123456.",
    code="phone_form",
)
validate_currency = RegexValidator(CURRENCY_PATTERN, "A currency is three capital letters, like EUR.", code="currency_form")


def validate_salary(minimum: Decimal | None, maximum: Decimal | None, currency: str, period: str) -> None:
    """Refuse a salary that is not a whole statement: both ends, in order, above zero, with currency and period, or nothing at all.

    Raises ValidationError naming the field to mend.
    """
    if minimum is None and maximum is None:
        if currency or period:
            field = "salary_currency" if currency else "salary_period"
            raise ValidationError({field: "Without a salary there is no currency and no period."}, code="salary_empty")
        return
    if minimum is None or maximum is None:
        field = "salary_min" if minimum is None else "salary_max"
        raise ValidationError({field: "A salary has both ends, or none."}, code="salary_one_end")
    if minimum <= 0:
        raise ValidationError({"salary_min": "A salary is above zero."}, code="salary_not_positive")
    if minimum > maximum:
        raise ValidationError({"salary_max": "The upper end of a salary is not below its lower end."}, code="salary_order")
    if not currency:
        raise ValidationError({"salary_currency": "Say the currency of the salary, like EUR."}, code="salary_currency_missing")
    if not period:
        raise ValidationError(
            {"salary_period": "Say whether the salary is for an hour, a day, a week, a month or a year."},
            code="salary_period_missing",
        )
