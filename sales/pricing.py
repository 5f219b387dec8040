"""Price changes: what people write («+5% round .99»), read by a small parser, and the new prices with their margins and effects, in SQL.

A price change is exact until its one rounding, half up: to two decimals, to the nearest price with an ending (`round .99`), or to the
nearest multiple (`round 0.05`).
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.db import models
from django.db.models import Case, Count, ExpressionWrapper, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Mod, NullIf, Round
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from dashboard.fields import MoneyField
from dashboard.money import round_half_up

EXAMPLES = ("+5%", "-2.50", "=cost*1.4", "=12.50", "round .99", "+5% round .99")
LARGEST = Decimal(9_999_999_999)  # what the column holds
LARGEST_PERCENT = 1000
LONGEST = 60
CENT = Decimal("0.01")
ZERO = Decimal(0)

NUMBER = r"(?:[0-9]{1,10}(?:\.[0-9]{1,4})?|\.[0-9]{1,4})"
GRAMMAR = re.compile(
    rf"(?:(?P<sign>[+-])(?P<by>{NUMBER})(?P<by_percent>%)?"
    rf"|=(?P<base>price|cost)(?:(?P<operator>[*+-])(?P<operand>{NUMBER})(?P<operand_percent>%)?)?"
    rf"|=(?P<fixed>{NUMBER}))?"
    r"(?:round(?:(?P<ending>\.[0-9]{1,2})|(?P<step>[0-9]{1,5}(?:\.[0-9]{1,2})?)))?"
)
SAME = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*"})


@dataclass(frozen=True)
class PriceChange:
    """new price = base × factor + plus, rounded. `base` is "price", "cost", or "" for a fixed price.

    With an `ending` it is rounded to the nearest price that ends so, else to the nearest multiple of `step`.
    """

    base: str
    factor: Decimal = Decimal(1)
    plus: Decimal = ZERO
    step: Decimal = CENT
    ending: Decimal | None = None
    words: str = ""

    def __str__(self):
        return self.words

    def of(self, price: Decimal | None, cost: Decimal | None) -> Decimal | None:
        """The new price of a product, as `expression` computes it in SQL; None where its base is unknown."""
        base = {"price": price, "cost": cost, "": ZERO}[self.base]
        if base is None:
            return None
        exact = base * self.factor + self.plus
        if self.ending is not None:
            return max(round_half_up(exact - self.ending, 0), ZERO) + self.ending
        rest = exact % self.step
        return exact - rest + (self.step if rest * 2 >= self.step else 0)

    def expression(self):
        """The new price of a row; NULL where its base is unknown. Without any division, so nothing is ever cut off."""
        exact = F(self.base) * Value(self.factor) + Value(self.plus) if self.base else Value(self.plus)
        if self.ending is not None:
            whole = Round(exact - Value(self.ending), 0, output_field=MoneyField())
            # Not GREATEST: of nothing and zero it makes zero, and an unknown price must stay unknown.
            return Case(When(LessThan(whole, Value(ZERO)), then=Value(ZERO)), default=whole, output_field=MoneyField()) + Value(self.ending)
        rest = Mod(exact, Value(self.step), output_field=MoneyField())
        up = Case(When(GreaterThanOrEqual(rest * 2, Value(self.step)), then=Value(self.step)), default=Value(ZERO), output_field=MoneyField())
        return exact - rest + up


def parse(text: str) -> PriceChange:
    """Read what somebody wrote. Raises ValidationError with examples where it is no price change."""
    found = GRAMMAR.fullmatch("".join(text.lower().translate(SAME).split()))
    if found is None or not found[0]:
        raise forms.ValidationError(f"Write for example {', '.join(EXAMPLES[:-1])} or {EXAMPLES[-1]}.", code="typed")
    part = found.groupdict()
    base, factor, plus = arithmetic(part)
    if factor > 1 + LARGEST_PERCENT / 100:
        raise forms.ValidationError(f"At most +{LARGEST_PERCENT} %.", code="percent")
    step = Decimal(part["step"] or CENT)
    if not step:
        raise forms.ValidationError("Round to more than nothing, for example to 0.05.", code="step")
    return PriceChange(base, factor, plus, step, Decimal(part["ending"]) if part["ending"] else None, in_words(part))


def arithmetic(part: dict) -> tuple[str, Decimal, Decimal]:
    """Base, factor and plus of the parts that were found; rounding alone leaves the price as it is."""
    if part["fixed"]:
        return "", Decimal(1), Decimal(part["fixed"])
    amount = Decimal(part["by"] or part["operand"] or 0)
    percent = part["by_percent"] or part["operand_percent"]
    operator = part["sign"] or part["operator"]
    base = part["base"] or "price"
    if operator == "*":
        return base, amount / 100 if percent else amount, ZERO
    signed = -amount if operator == "-" else amount
    return (base, 1 + signed / 100, ZERO) if percent else (base, Decimal(1), signed)


def in_words(part: dict) -> str:
    """What the change does, to stand behind «repriced 3 products»: «by +5 %, rounded to end in .99»."""
    percent = " %" if part["by_percent"] or part["operand_percent"] else ""
    if part["by"]:
        words = f"by {part['sign'].replace('-', '−')}{part['by']}{percent}"
    elif part["base"]:
        operator = {"*": "×", "-": "−"}.get(part["operator"], part["operator"])
        words = f"to {part['base']} {operator} {part['operand']}{percent}" if operator else f"to {part['base']}"
    else:
        words = f"to {part['fixed']}" if part["fixed"] else ""
    rounding = f"rounded to end in {part['ending']}" if part["ending"] else f"rounded to {part['step']}" if part["step"] else ""
    return ", ".join(filter(None, [words, rounding])) if words else rounding


class PriceChangeField(forms.CharField):
    """A price change as text; cleans to a PriceChange, or None for nothing."""

    def __init__(self, **kwargs):
        super().__init__(max_length=LONGEST, **kwargs)

    def clean(self, value):
        """The change, or a sentence with examples."""
        text = super().clean(value)
        return parse(text) if text else None


def with_new_price(products: QuerySet, change: PriceChange) -> QuerySet:
    """`new_price`: what the change makes of each product's own price; NULL where its base is unknown."""
    return products.annotate(new_price=ExpressionWrapper(change.expression(), MoneyField(null=True)))


def refusals(change: PriceChange) -> list[tuple[Q, str]]:
    """The products that a change leaves alone, with the reason: nothing unknown is guessed. Wants with_new_price before."""
    unknown = {
        "price": (Q(price__isnull=True), "they have no price of their own and follow their category"),
        "cost": (Q(cost__isnull=True), "their cost is unknown"),
    }
    return [
        *([unknown[change.base]] if change.base else []),
        (Q(new_price__lt=0), "the price would fall below zero"),
        (Q(new_price__gt=LARGEST), "the price would not fit its column"),
        (Q(new_price=F("price")), "they have this price already"),
    ]


class Floor(models.TextChoices):
    """What a new price falls below, if anything."""

    COST = "cost", "Below cost"
    MARGIN = "margin", "Below your margin"


def rehearsed(products: QuerySet, least_margin: Decimal | None) -> QuerySet:
    """Products with what their new price would do, at the units of the last 90 days. Wants with_new_price before.

    `rise` and `new_margin` are ratios; `effect` is units × (new − present price), NULL where no price applies now; `floor` is a Floor or "".
    """
    present = products.with_effective_price().annotate(
        rise=(F("new_price") - F("effective_price")) / NullIf("effective_price", Value(ZERO, MoneyField())),
        new_margin=(F("new_price") - F("cost")) / NullIf("new_price", Value(ZERO, MoneyField())),
        effect=ExpressionWrapper((F("new_price") - F("effective_price")) * Coalesce("recent__units", 0), MoneyField(null=True)),
    )
    floors = [When(new_price__lt=F("cost"), then=Value(Floor.COST))]
    if least_margin is not None:
        floors.append(When(new_margin__lt=least_margin, then=Value(Floor.MARGIN)))
    return present.annotate(floor=Case(*floors, default=Value("")))


def outlook(products: QuerySet) -> dict:
    """What a rehearsed change would do in all; one aggregate."""
    return products.order_by().aggregate(
        count=Count("pk"),
        total_effect=Coalesce(Sum("effect"), Value(ZERO, MoneyField())),
        units=Coalesce(Sum("recent__units"), 0),
        dearer=Count("pk", filter=Q(rise__gt=0)),
        cheaper=Count("pk", filter=Q(rise__lt=0)),
        below_cost=Count("pk", filter=Q(floor=Floor.COST)),
        below_margin=Count("pk", filter=Q(floor=Floor.MARGIN)),
        unpriced=Count("pk", filter=Q(effective_price__isnull=True)),
        uncosted=Count("pk", filter=Q(cost__isnull=True)),
    )
