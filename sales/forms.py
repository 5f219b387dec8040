"""Forms of the sales lists: what is typed into a cell, a product's own form, tiers and default prices."""

import re
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.core.validators import MinValueValidator

from .models import Category, Product, Tier

LARGEST_STOCK = 2_000_000_000
LARGEST_PRICE = Decimal(9_999_999_999)
LARGEST_PERCENT = 1000
MINUS_SIGNS = "-−"
TYPED = re.compile(rf"([+={re.escape(MINUS_SIGNS)}])?\s*([0-9]{{1,10}}(?:\.[0-9]{{1,4}})?)\s*(%)?")


def plain(value: Decimal | int | None) -> str:
    """A number as one types it: no thousands, at least two decimals where it has any."""
    if not isinstance(value, Decimal):
        return "" if value is None else str(value)
    whole, _, part = format(value.normalize(), "f").partition(".")
    return f"{whole}.{part:0<2}"


@dataclass(frozen=True)
class Edit:
    """What a cell is to become: `amount` itself, or so much more or less, in units or per cent. No amount empties the cell."""

    amount: Decimal | None
    relative: bool = False
    percent: bool = False

    def __str__(self):
        if self.amount is None:
            return "nothing"
        sign = "" if not self.relative else "+" if self.amount >= 0 else "−"
        number = format(abs(self.amount).normalize(), "f") if self.percent else format(abs(self.amount), "f")
        return f"{sign}{number}{' %' if self.percent else ''}"


class EditField(forms.CharField):
    """A number, or a change to it with a sign in front: `12`, `=12`, `+5`, `-2`; with `percents` also `+5%`. Nothing empties the cell."""

    def __init__(self, *, largest, whole=False, percents=False, **kwargs):
        self.largest, self.whole, self.percents = largest, whole, percents
        super().__init__(max_length=20, error_messages={"required": "Write a number."}, **kwargs)

    def clean(self, value):
        """The edit; a sentence with examples for anything else."""
        text = super().clean(value)
        if not text:
            return Edit(None)
        match = TYPED.fullmatch(text)
        examples = "12, +5 or -2" if self.whole else "12.50, +5% or -2"
        relative = bool(match and match[1] and match[1] != "=")
        if not match or (self.whole and "." in match[2]) or (match[3] and not (self.percents and relative)):
            raise forms.ValidationError(f"Write {examples}.", code="typed")
        sign = -1 if match[1] and match[1] in MINUS_SIGNS else 1
        edit = Edit(sign * Decimal(match[2]), relative=relative, percent=bool(match[3]))
        if edit.percent and edit.amount > LARGEST_PERCENT:
            raise forms.ValidationError(f"At most +{LARGEST_PERCENT} %.", code="percent")
        if not edit.percent and abs(edit.amount) > self.largest:
            raise forms.ValidationError(f"{self.label} goes up to {self.largest:,}.", code="largest")
        return edit


class CellForm(forms.Form):
    """What was typed into a cell, under the cell's own name, and `was`: what its editor showed.

    `by` comes from the − and + buttons of a stepper and wins. `was` cleans to a value of the column; an answer without it asks for no check.
    """

    def __init__(self, cell, data):
        super().__init__(data)
        self.cell = cell
        self.fields[cell.name] = cell.typed()
        self.fields["was"] = cell.shown()
        if cell.stepper:
            self.fields["by"] = forms.TypedChoiceField(choices=[("-1", "−"), ("1", "+")], coerce=int, required=False, empty_value=None)

    def clean(self):
        """Settle on one value."""
        cleaned = super().clean()
        if self.data.get("by"):
            self.errors.pop(self.cell.name, None)
        if cleaned.get("by"):
            cleaned[self.cell.name] = Edit(Decimal(cleaned["by"]), relative=True)
        return cleaned

    @property
    def wish(self):
        """What the cell is to become: an Edit, or a record, or None for no record."""
        return self.cleaned_data[self.cell.name]

    @property
    def checked(self) -> bool:
        """Whether the value stands only if nobody changed the cell since; a change by so much stands in any case."""
        return "was" in self.data and not getattr(self.wish, "relative", False)

    @property
    def sentence(self) -> str:
        """The first thing that is wrong."""
        return "This form is out of date. Reload the page." if "was" in self.errors else next(iter(self.errors.values()))[0]


class ProductForm(forms.ModelForm):
    """A product's facts. Stock is changed on its own, so that two people counting shelves never overwrite each other."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = Product
        fields = ["name", "category", "gtin", "price", "cost", "reorder_point", "preorder_from", "active"]
        widgets = {"preorder_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        labels = {"active": "On sale (not archived)", "preorder_from": "Pre-order from"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("price", "cost"):
            self.initial[name] = plain(self.initial[name])
            self.fields[name].validators.append(MinValueValidator(0, f"A {name} cannot be negative."))

    def values(self) -> dict:
        """The fields to write; the version is the condition, not a value."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class TierForm(forms.ModelForm):
    """A tier; the discount is typed in per cent."""

    discount = forms.DecimalField(label="Discount, %", min_value=0, max_value=Decimal("99.99"), max_digits=4, decimal_places=2)

    class Meta:
        model = Tier
        fields = ["name", "min_spend", "discount"]
        labels = {"min_spend": "From net sales of"}
        help_texts = {"min_spend": ""}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["discount"] = format((self.instance.discount * 100).normalize(), "f")
            self.initial["min_spend"] = plain(self.instance.min_spend)

    def clean_discount(self):
        """Per cent in the form, a rate in the database."""
        return self.cleaned_data["discount"] / 100


class DefaultPriceForm(forms.ModelForm):
    """The price of a category's products that have none of their own."""

    class Meta:
        model = Category
        fields = ["default_price"]
        widgets = {
            "default_price": forms.TextInput(attrs={"class": "cell-quiet", "inputmode": "decimal", "placeholder": "none", "autocomplete": "off"})
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["default_price"] = plain(self.instance.default_price)
        self.fields["default_price"].validators.append(MinValueValidator(0, "A default price cannot be negative."))
