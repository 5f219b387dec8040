"""Model fields with one meaning everywhere. Owns no rules beyond a field's own shape."""

from django.db import models


class MoneyField(models.DecimalField):
    """An exact amount in the company's currency: numeric(14,4), never rounded before display."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_digits", 14)
        kwargs.setdefault("decimal_places", 4)
        super().__init__(*args, **kwargs)


class RateField(models.DecimalField):
    """A share between 0 and 1 with four decimals: 0.1500 is 15 %."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_digits", 5)
        kwargs.setdefault("decimal_places", 4)
        super().__init__(*args, **kwargs)
