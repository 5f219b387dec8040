"""What every filter form shares: bounded input, chips of what is set, and addresses without empty words."""

from dataclasses import dataclass
from datetime import date

import django_filters
from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.validators import MaxLengthValidator
from django.http import QueryDict

from .days import day_text
from .people import name_of

LONGEST_TEXT = 200
MOST_VALUES = 500
SEEN = "seen"
UNSHARED_WORDS = frozenset({"page", "export", "header", "late", SEEN})


@dataclass(frozen=True)
class Chip:
    """One condition that is set, and the address of the same view without it."""

    label: str
    value: str
    remove_url: str


def cleaned_query(query: QueryDict, *, without: frozenset[str] = frozenset()) -> QueryDict:
    """The query without empty words, without a first page, and without the words named.

    A value longer than any field takes is left out too: a page repeats its address in every link.
    """
    cleaned = QueryDict(mutable=True)
    for word, values in query.lists():
        kept = [value for value in values if value.strip() and len(value) <= LONGEST_TEXT]
        if kept and word not in without and not (word == "page" and kept == ["1"]):
            cleaned.setlist(word, kept)
    return cleaned


def shown(value) -> str:
    """A cleaned value as a person reads it."""
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, AbstractBaseUser):
        return name_of(value)
    return str(value)


class DateInput(forms.DateInput):
    """The browser's own calendar; the value is always in ISO form."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class BaseFilterSet(django_filters.FilterSet):
    """A filter form whose text is bounded and which knows how to say what is set."""

    def get_form_class(self):
        """Bound every text field: no length of query string may cost the database anything."""
        form_class = super().get_form_class()
        for field in form_class.base_fields.values():
            if isinstance(field, forms.CharField) and not field.max_length:
                field.max_length = LONGEST_TEXT
                field.validators.append(MaxLengthValidator(LONGEST_TEXT))
        return form_class

    @property
    def rows(self):
        """The filtered queryset; nothing when a value is invalid, because the stock `qs` would be everything."""
        return self.qs if self.is_valid() else self.queryset.none()

    def chips(self) -> list[Chip]:
        """One chip per value that is set, in the order of the form."""
        if not self.is_bound or not self.is_valid():
            return []
        chips = []
        for name in self.form.fields:
            chips.extend(self._chips_of(name))
        return chips

    def _chips_of(self, name):
        value = self.form.cleaned_data.get(name)
        if value in (None, "", []) or (hasattr(value, "__len__") and not len(value)):
            return
        field = self.form.fields[name]
        label = field.label or self.filters[name].label or name.replace("_", " ").capitalize()
        choices = {str(key): text for key, text in getattr(field, "choices", [])} if not hasattr(field, "queryset") else {}
        given = self.data.getlist(name) if hasattr(self.data, "getlist") else [self.data[name]]
        cleaned = list(value) if hasattr(field, "queryset") and not isinstance(value, str) and hasattr(value, "__iter__") else None
        if cleaned is not None:
            to_field = getattr(field, "to_field_name", None) or "pk"
            texts = {str(getattr(item, to_field)): str(item) for item in cleaned}
        elif isinstance(value, list):
            texts = {str(item): choices.get(str(item), shown(item)) for item in value}
        else:
            texts = None
        if texts is None:
            yield Chip(label, choices.get(str(value), shown(value)), self._without(name))
            return
        for raw in dict.fromkeys(given):
            if raw in texts:
                yield Chip(label, texts[raw], self._without(name, raw))

    def _without(self, name, raw=None) -> str:
        query = cleaned_query(self.data, without=UNSHARED_WORDS)
        rest = [value for value in query.getlist(name) if raw is not None and value != raw]
        if rest:
            query.setlist(name, rest)
        else:
            query.pop(name, None)
        return f"{self.request.path if self.request else ''}?{query.urlencode()}"

    def sentence(self) -> str:
        """What is set, in words: «Category: Bikes, Stock: sold out»; «all» when nothing is."""
        return ", ".join(f"{chip.label}: {chip.value}" for chip in self.chips()) or "all"
