"""The words of the price rehearsal: which products, how their prices change, and what to show of it."""

import django_filters
from django import forms
from django.core.exceptions import ValidationError

from dashboard.bulk import LONGEST_ID, MOST_SELECTED, SELECTED
from dashboard.filters import Chip

from .filters import ProductFilter
from .pricing import LONGEST, PriceChangeField

LARGEST_MARGIN = 99
SHOWN = [("cost", "Below cost"), ("margin", "Below the least margin"), ("left", "Left as they are")]


class IdsField(forms.Field):
    """Rows by their numbers, from boxes that were ticked."""

    widget = forms.MultipleHiddenInput

    def clean(self, value):
        """The numbers; a sentence for anything else, and for more than a page can hold."""
        given = [text for text in value or [] if text]
        if not all(text.isascii() and text.isdigit() and len(text) <= LONGEST_ID for text in given) or len(given) > MOST_SELECTED:
            raise ValidationError("This is no selection of products. Go back to the list and select them again.", code="ids")
        return [int(text) for text in given]


class IdsFilter(django_filters.Filter):
    """Only the rows that were ticked."""

    field_class = IdsField

    def filter(self, qs, value):
        """Everything while none is."""
        return qs.filter(pk__in=value) if value else qs


class PriceChangeFilter(django_filters.Filter):
    """How prices change; it narrows nothing."""

    field_class = PriceChangeField

    def filter(self, qs, value):
        """The rows as they are."""
        return qs


class RehearsalFilter(ProductFilter):
    """Products as in their list, or those selected there, with a price change."""

    how = PriceChangeFilter(
        label="New price",
        widget=forms.TextInput(attrs={"placeholder": "+5% round .99", "autocomplete": "off", "spellcheck": "false", "maxlength": LONGEST}),
    )
    margin = django_filters.NumberFilter(label="Least margin", method="leave", min_value=0, max_value=LARGEST_MARGIN, max_digits=4, decimal_places=2)
    show = django_filters.ChoiceFilter(label="Show", method="leave", choices=SHOWN, empty_label="Every new price")
    ids = IdsFilter(label=SELECTED)

    def leave(self, queryset, name, value):
        """A word that only says what is shown."""
        return queryset

    def _chips_of(self, name):
        if name == "ids" and (ids := self.form.cleaned_data["ids"]):
            yield Chip(SELECTED, f"{len(ids):,} product{'' if len(ids) == 1 else 's'}", self._without(name))
        elif name not in {"ids", "how", "margin", "show"}:
            yield from super()._chips_of(name)
