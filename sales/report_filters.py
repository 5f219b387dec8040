"""The form of the sales pages: the words of the address that say which figures are asked for. Scope is made from it and from nothing else."""

from collections.abc import Iterable
from copy import deepcopy
from datetime import date
from functools import lru_cache

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import QueryDict

from dashboard.filters import LONGEST_TEXT, UNSHARED_WORDS, Chip, cleaned_query
from dashboard.periods import COMPARISONS, PRESETS, WEEKDAYS

from .editing import CELL_NAMES
from .known import Known
from .measures import DEFAULT_MEASURES, DIMENSIONS, MEASURES
from .models import Customer, LineKind, OrderStatus, Product

MOST_VALUES = 50  # of one word: every link of a page repeats them
NONE = "none"
NONE_LABEL = "(none)"
FIRST_DATE, LAST_DATE = date(1900, 1, 1), date(2199, 12, 31)
YES_NO = [("", "Any"), ("yes", "Yes"), ("no", "No")]


class ThingsField(forms.ModelMultipleChoiceField):
    """Things named by a public key, in any number, "none" among them for rows that have no such thing."""

    default_error_messages = {"invalid_choice": "There is no “%(value)s”.", "too_many": f"At most {MOST_VALUES} values."}

    def __init__(self, queryset, *, label, key, **kwargs):
        super().__init__(queryset, required=False, label=label, to_field_name=key, **kwargs)

    def clean(self, value):
        """The things in a list, with None at its end for "none"."""
        value = list(value or [])
        if len(value) > MOST_VALUES:
            raise ValidationError(self.error_messages["too_many"])
        for text in value:
            if "\x00" in text or len(text) > LONGEST_TEXT:
                raise ValidationError(self.error_messages["invalid_choice"], params={"value": text[:20].replace("\x00", "")})
        named = [text for text in value if text and text != NONE]
        things = list(super().clean(named)) if named else []
        return [*things, None] if NONE in value else things


class KnownField(forms.MultipleChoiceField):
    """Things of a short list that is known before the form is: named by a public key, "none" among them for rows without such a thing."""

    default_error_messages = ThingsField.default_error_messages

    def __init__(self, *, label, key):
        super().__init__(required=False, label=label)
        self.to_field_name = key
        self.things = {}

    def know(self, things: Iterable[Model]) -> None:
        """Set what there is to choose from."""
        self.things = {getattr(thing, self.to_field_name): thing for thing in things}
        self.choices = [(key, str(thing)) for key, thing in self.things.items()]

    def clean(self, value):
        """The things in a list, each once, with None at its end for "none"."""
        named = list(dict.fromkeys(text for text in value or [] if text))
        if len(named) > MOST_VALUES:
            raise ValidationError(self.error_messages["too_many"])
        for text in named:
            if text != NONE and text not in self.things:
                raise ValidationError(self.error_messages["invalid_choice"], params={"value": text[:20].replace("\x00", "")})
        return [self.things[text] for text in named if text != NONE] + ([None] if NONE in named else [])


class ChoicesField(forms.MultipleChoiceField):
    """Some of a few fixed words, repeated in the address."""

    def __init__(self, choices, *, label, **kwargs):
        super().__init__(choices=choices, required=False, label=label, **kwargs)

    def clean(self, value):
        """The words without empty ones."""
        return super().clean([word for word in value or [] if word])


class MeasuresField(forms.MultipleChoiceField):
    """Measures, repeated or as a comma list, in the order given."""

    def clean(self, value):
        """Their names, each once."""
        words = [word.strip() for text in value or [] for word in text.split(",")]
        return super().clean(list(dict.fromkeys(word for word in words if word)))


class DayField(forms.DateField):
    """A date in ISO form within what calendars of this century need."""

    def __init__(self, *, label):
        super().__init__(label=label, required=False, input_formats=["%Y-%m-%d"], widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean(self, value):
        """The date, or a sentence about what is wrong with it."""
        day = super().clean(value)
        if day and not FIRST_DATE <= day <= LAST_DATE:
            raise ValidationError(f"A date lies between {FIRST_DATE.year} and {LAST_DATE.year}.")
        return day


class SalesFilter(forms.Form):
    """All words of the sales report and its lines. Unknown words are ignored, wrong values are errors and show no rows."""

    by = forms.ChoiceField(label="By", required=False, choices=[(name, dimension.label) for name, dimension in DIMENSIONS.items()])
    measures = MeasuresField(
        label="Measures",
        required=False,
        choices=[(name, measure.label) for name, measure in MEASURES.items()],
        initial=DEFAULT_MEASURES,
        widget=forms.CheckboxSelectMultiple,
    )
    period = forms.ChoiceField(label="Period", required=False, choices=[("", "Default"), *PRESETS.items()])
    compare = forms.ChoiceField(label="Against", required=False, choices=[(name, text.capitalize()) for name, text in COMPARISONS.items()])
    q = forms.CharField(label="Product contains", required=False, max_length=LONGEST_TEXT, widget=forms.TextInput(attrs={"type": "search"}))
    category = KnownField(label="Category", key="key")
    subcategories = forms.ChoiceField(label="With subcategories", required=False, choices=[("", "Yes"), ("no", "No")])
    product = ThingsField(Product.objects.all(), label="Product", key="sku", widget=forms.MultipleHiddenInput)
    customer = ThingsField(Customer.objects.all(), label="Customer", key="key", widget=forms.MultipleHiddenInput)
    tier = KnownField(label="Tier", key="name")
    country = ChoicesField([], label="Country")
    channel = KnownField(label="Channel", key="name")
    salesperson = KnownField(label="Salesperson", key="name")
    status = ChoicesField(OrderStatus.choices, label="Order status", widget=forms.CheckboxSelectMultiple)
    kind = ChoicesField(LineKind.choices, label="Kind of line", widget=forms.CheckboxSelectMultiple)
    known = forms.ChoiceField(label="Customer known", required=False, choices=YES_NO)
    costed = forms.ChoiceField(label="Cost known", required=False, choices=YES_NO)
    weekday = ChoicesField([(str(number), name) for number, name in enumerate(WEEKDAYS, 1)], label="Weekday", widget=forms.CheckboxSelectMultiple)
    edit = MeasuresField(label="Edit", required=False, choices=[(name, name) for name in CELL_NAMES], widget=forms.MultipleHiddenInput)
    late = forms.BooleanField(label="Late figures", required=False, widget=forms.HiddenInput)
    hour = ChoicesField([(str(number), f"{number:02}:00") for number in range(24)], label="Hour", widget=forms.MultipleHiddenInput)

    field_order = ("by", "measures", "period", "from", "to", "compare", "q")
    CONDITIONS = (
        *("category", "product", "customer", "tier", "country", "channel", "salesperson"),
        *("status", "kind", "known", "costed", "weekday", "hour", "q"),
    )

    def __init__(self, data: QueryDict, path: str, known: Known):
        self.base_fields = fields_of(known)
        super().__init__(data)
        self.path, self.known = path, known

    def clean(self):
        """Dates in order, and given where "custom" asks for them."""
        cleaned = super().clean()
        first, last = cleaned.get("from"), cleaned.get("to")
        if first and last and last < first:
            self.add_error("to", "The last day lies before the first.")
        if cleaned.get("period") == "custom" and not first and not last and not {"from", "to"} & set(self.errors):
            self.add_error("from", "Give the first or the last day.")
        return cleaned

    queryset = None

    @property
    def rows(self):
        """The rows a list shows; none when a value is invalid."""
        return self.queryset

    @property
    def form(self):
        """The form itself, where lists have a filterset with a form."""
        return self

    def chips(self) -> list[Chip]:
        """One chip per condition value that is set."""
        if not self.is_valid():
            return []
        chips = []
        for word in self.CONDITIONS:
            value, field = self.cleaned_data[word], self.fields[word]
            if not value:
                continue
            for raw, text in self._texts(field, value):
                chips.append(Chip(field.label, text, self._without(word, raw)))
        if self.cleaned_data["subcategories"] == "no" and self.cleaned_data["category"]:
            chips.append(Chip("Subcategories", "left out", self._without("subcategories", "no")))
        return chips

    @staticmethod
    def _texts(field, value):
        if isinstance(field, ThingsField | KnownField):
            return [(str(getattr(thing, field.to_field_name)), str(thing)) if thing else (NONE, NONE_LABEL) for thing in value]
        if isinstance(value, list):
            texts = dict(field.choices)
            return [(word, texts[word]) for word in value]
        return [(value, dict(getattr(field, "choices", {})).get(value, value))]

    def _without(self, word: str, raw: str) -> str:
        query = cleaned_query(self.data, without=UNSHARED_WORDS)
        rest = [value for value in query.getlist(word) if value != raw and value.strip() != raw]
        query.setlist(word, rest)
        if not rest:
            del query[word]
        return f"{self.path}?{query.urlencode()}"


class SharedFields(dict):
    """Fields that forms use together, because none changes them: to copy each, as a form does, takes longer than all it does with them."""

    def __deepcopy__(self, memo):
        return dict(self)


@lru_cache(1)
def fields_of(known: Known) -> SharedFields:
    """The fields of all forms in one state of the data."""
    fields = SharedFields(deepcopy(SalesFilter.base_fields))
    for word, things in known.things.items():
        fields[word].know(things)
    fields["country"].choices = [*((name, name) for name in known.countries), (NONE, NONE_LABEL)]
    fields["from"], fields["to"] = DayField(label="From"), DayField(label="To")
    return fields
