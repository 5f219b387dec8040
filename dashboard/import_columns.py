"""The columns step of an import: which field each column fills, in which format its cells are read, and how the first rows come out."""

from collections.abc import Iterator

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from .import_files import DELIMITERS, header_widths, preview
from .importing import ImportFailedError
from .importing.kinds import Kind, RefusedError
from .importing.maps import Map, make_map, make_plan, same_header
from .imports import entities
from .models import Import

ENCODINGS = (("utf-8", "UTF-8"), ("cp1252", "Windows (cp1252)"))
LEAVE_OUT = "-"
SHOWN_ROWS = 5


class ColumnsForm(forms.Form):
    """What the page asks about a file: the field and the format of each column, one value for fields without a column, how text is written.

    `words` are, once it is valid, the sections of a map file that the answers stand for; sections that the form does not show stay.
    """

    encoding = forms.ChoiceField(choices=ENCODINGS, required=False)
    delimiter = forms.ChoiceField(choices=DELIMITERS, required=False)

    def __init__(self, record: Import, data):
        super().__init__(data)
        self.record, self.entity = record, entities()[record.entity]
        names = [(item.name, item.name) for item in self.entity.fields]
        for index in range(len(record.header)):
            self.fields[f"column-{index}"] = forms.ChoiceField(choices=[(LEAVE_OUT, ""), *names], required=False)
        for name, _ in names:
            self.fields[f"format-{name}"] = forms.CharField(max_length=60, required=False)
            self.fields[f"constant-{name}"] = forms.CharField(max_length=200, required=False)

    @property
    def words(self) -> dict:
        """The map."""
        answers, words = self.cleaned_data, dict(self.record.words)
        columns = {item.name: [] for item in self.entity.fields}
        for index, header in enumerate(self.record.header):
            name = answers.get(f"column-{index}") or LEAVE_OUT
            if name in columns:
                columns[name].append(header)
        words["columns"] = {name: wanted[0] if len(wanted) == 1 else wanted or "" for name, wanted in columns.items()}
        words["constants"] = {name: answers[f"constant-{name}"] for name in columns if not columns[name] and answers[f"constant-{name}"]}
        words["formats"] = {**words.get("formats", {}), **self._formats(columns)}
        words["formats"] = {name: wanted for name, wanted in words["formats"].items() if wanted}
        words["file"] = {**words.get("file", {}), **self.file_words()}
        return words

    def _formats(self, columns: dict) -> dict:
        """The formats chosen, of the columns for which the page asked; "" takes one back."""
        return {
            name: format_word(self.cleaned_data[f"format-{name}"]) for name, wanted in columns.items() if wanted and f"format-{name}" in self.data
        }

    def file_words(self) -> dict:
        """How the file is written, as far as the form says."""
        return {word: self.cleaned_data[word] for word in ("encoding", "delimiter") if self.cleaned_data.get(word)}

    def field_errors(self) -> bool:
        """Whether an answer is none of those that the page offers; then there are no words."""
        return any(name != NON_FIELD_ERRORS for name in self.errors)

    def clean(self):
        """Refuse what cannot be a plan for this header: a needed field without a column, one field in two columns."""
        if not self.errors:
            try:
                make_plan(self.entity, self.record.header, make_map(self.words, self.entity))
            except ImportFailedError as error:
                raise forms.ValidationError(str(error)) from None
        return self.cleaned_data

    @property
    def problem(self) -> str:
        """Why the answers cannot be used, in one sentence."""
        return next((str(error) for found in self.errors.values() for error in found), "")


def columns_of(record: Import) -> list[dict]:
    """Each column of the file: the field it will fill, the formats it could have, and its first cells as they would be read."""
    try:
        header, rows = preview(record)
    except ImportFailedError:
        return []
    entity = entities()[record.entity]
    try:
        the_map = make_map(record.words, entity)
    except ImportFailedError:
        the_map = Map()
    places = places_of(entity, header, record)
    choices = [(item.name, item.name.replace("_", " ")) for item in entity.fields]
    kinds = {item.name: item.kind for item in entity.fields}
    columns = []
    for index, name in enumerate(header):
        field = places.get(index, LEAVE_OUT)
        cells = [row[index].strip() for row in rows if index < len(row)]
        column = {"index": index, "name": name or f"Column {index + 1}", "field": field, "choices": choices}
        columns.append({**column, **reading_of(kinds.get(field), field, cells, the_map)})
    return columns


def reading_of(kind: Kind | None, field: str, cells: list[str], the_map: Map) -> dict:
    """How the sample of a column comes out as a field: the first cells, each with what is read or why not; and the formats with their counts."""
    if kind is None:
        return {"cells": [{"text": cell, "good": True} for cell in cells[:SHOWN_ROWS]], "formats": []}
    values = the_map.values.get(field, {})
    meant = ["" if cell in the_map.nulls else values.get(cell, cell).strip() for cell in cells]
    filled = [cell for cell in meant if cell]
    chosen = the_map.formats.get(field, "")
    chosen = chosen if isinstance(chosen, str) else "+".join(chosen)
    counts = {wanted: read_count(kind, wanted, filled) for wanted in dict.fromkeys(("", *kind.suggested(filled), chosen))}
    formats = [
        {"value": wanted, "label": format_words(kind, wanted), "rows": rows, "chosen": wanted == chosen}
        for wanted, rows in counts.items()
        if rows or wanted in {"", chosen}
    ]
    formatted = formatted_kind(kind, chosen)
    return {
        "cells": [shown_cell(formatted, *pair) for pair in zip(cells[:SHOWN_ROWS], meant, strict=False)],
        "formats": formats if len(formats) > 1 else [],
        "sample": len(filled),
        "read": counts[chosen],
    }


def format_word(value: str) -> str | list[str]:
    """A format as a map has it, of the value on the page: several words are joined by + there."""
    words = value.split("+")
    return words[0] if len(words) == 1 else words


def formatted_kind(kind: Kind, value: str) -> Kind:
    """The kind reading cells in a format of the page; a format that it does not know changes nothing."""
    try:
        return kind.with_format(format_word(value)) if value else kind
    except ValueError:
        return kind


def read_count(kind: Kind, value: str, cells: list[str]) -> int:
    """How many cells a format reads."""
    formatted = formatted_kind(kind, value)
    return sum(shown_cell(formatted, cell, cell)["good"] for cell in cells)


def shown_cell(kind: Kind, text: str, meant: str) -> dict:
    """One cell as the preview shows it: as it stands in the file, and what is read where that differs, or why it is refused."""
    if not meant:
        return {"text": text, "good": True}
    try:
        read = kind.parse(meant)
    except RefusedError as error:
        return {"text": text, "good": False, "reason": str(error)}
    read = ", ".join(read) if isinstance(read, list) else str(read)
    return {"text": text, "good": True, "read": "" if read == text else read}


DATE_WORDS = {
    "%d": "day",
    "%m": "month",
    "%b": "month",
    "%B": "month",
    "%Y": "year",
    "%y": "year",
    "%H:%M:%S": "time",
    "%H:%M": "time",
    "%I:%M:%S": "time",
    "%I:%M": "time",
    "%p": "",
}


def format_words(kind: Kind, wanted: str) -> str:
    """A format as people say it."""
    if wanted.startswith("%"):
        for mark, word in DATE_WORDS.items():
            wanted = wanted.replace(mark, word)
        return wanted
    plain = {"numeric": "1234.56", "timestamptz": "year-month-day", "date": "year-month-day"}.get(kind.sql_type, "as it is")
    words = {"": plain, "round": "rounded", "integer": "17850.0 as 17850"}
    return ", ".join(words.get(word, word) for word in wanted.split("+"))


def places_of(entity, header, record: Import) -> dict[int, str]:
    """Which field each column fills: as chosen before, else as the engine recognises it."""
    chosen = record.words.get("columns", {})
    places = {}
    for item in entity.fields:
        wanted = chosen.get(item.name)
        wanted = [wanted] if isinstance(wanted, str) else wanted
        known = wanted if wanted is not None else (item.name, *item.synonyms)
        for index, name in enumerate(header):
            if index not in places and any(word and same_header(name) == same_header(word) for word in known):
                places[index] = item.name
                if wanted is None:
                    break
    return places


def missing_fields(record: Import) -> list[dict]:
    """Fields that no column of the file fills, with the value given for all rows, if any."""
    entity = entities()[record.entity]
    filled = set(places_of(entity, record.header, record).values())
    constants = record.words.get("constants", {})
    return [
        {"name": item.name, "label": item.name.replace("_", " "), "value": constants.get(item.name, ""), "required": item.required}
        for item in entity.fields
        if item.name not in filled
    ]


def delimiter_choices(record: Import) -> Iterator[tuple[str, str, bool]]:
    """(mark, words, whether it is in use) of each delimiter, with the columns it would make of the header; none for a workbook."""
    widths = header_widths(record)
    used = record.words.get("file", {}).get("delimiter", ",")
    for mark, word in DELIMITERS if widths else ():
        yield mark, f"{word}: {widths[mark]} column{'s' if widths[mark] != 1 else ''}", mark == used
