"""The change log in words: which thing a row is, and its fields as people know them."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import is_aware, localtime

from .models import Operation, RowChange
from .money import money_text

HIDDEN = frozenset({"id", "version"})
NAMES = ("name", "title", "number", "full_name", "sku", "key")


@dataclass(frozen=True)
class FieldChange:
    """One field of one row in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class RowStory:
    """One entry of the log in words: «Product Ridge 29: price 10.00 → 12.00»."""

    entry: RowChange
    kind: str
    name: str
    url: str
    fields: list[FieldChange]

    @property
    def what(self) -> str:
        """Added, changed or deleted."""
        return self.entry.get_operation_display()


@cache
def model_of(table: str) -> type[models.Model] | None:
    """The model whose rows stand in `table`."""
    return next((model for model in apps.get_models(include_auto_created=True) if model._meta.db_table == table), None)


def stories(entries: list[RowChange]) -> list[RowStory]:
    """A page of entries in words; one query for each table, and for each table referred to."""
    wanted = defaultdict(set)
    for entry in entries:
        if entry.operation != Operation.DELETE:
            wanted[entry.table].add(entry.row_id)
        for field, value in references_in(entry):
            wanted[field.related_model._meta.db_table].add(value)
    found = {table: model_of(table)._base_manager.in_bulk(ids) for table, ids in wanted.items() if model_of(table)}
    return [story(entry, found) for entry in entries]


def references_in(entry: RowChange):
    """(field, id) of every foreign key that this entry changed."""
    model = model_of(entry.table)
    for column in (entry.before or {}) if model and entry.operation == Operation.UPDATE else ():
        field = field_of(model, column)
        if field is not None and field.many_to_one:
            yield from ((field, side[column]) for side in (entry.before, entry.after) if side[column] is not None)


def story(entry: RowChange, found: dict) -> RowStory:
    """One entry in words, with the objects it speaks of already read."""
    model = model_of(entry.table)
    kind = str(model._meta.verbose_name if model else entry.table).capitalize()
    row = found.get(entry.table, {}).get(entry.row_id)
    many = entry.last_id - entry.row_id + 1
    if many > 1:
        return RowStory(entry, str(model._meta.verbose_name_plural).capitalize(), f"{many:,} rows", "", [])
    name = str(row) if row else name_in(entry.before or {}) or f"no. {entry.row_id}"
    url = row.get_absolute_url() if hasattr(row, "get_absolute_url") else ""
    fields = [] if entry.operation != Operation.UPDATE else list(field_changes(model, entry, found))
    return RowStory(entry, kind, name, url, fields)


def name_in(values: dict) -> str:
    """What a deleted row was called."""
    return next((str(values[name]) for name in NAMES if values.get(name)), "")


def field_changes(model, entry: RowChange, found: dict):
    """The changed fields of an entry, without those that only count edits."""
    for column in entry.before:
        if column not in HIDDEN:
            field = field_of(model, column)
            label = str(field.verbose_name) if field is not None else column
            yield FieldChange(label, shown(field, entry.before[column], found), shown(field, entry.after[column], found))


def field_of(model, column: str):
    """The model field of a column, or None."""
    try:
        return next(field for field in model._meta.concrete_fields if field.column == column) if model else None
    except (StopIteration, FieldDoesNotExist):
        return None


def shown(field, value, found: dict) -> str:
    """A logged value as a person reads it."""
    if value in (None, ""):
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field is None:
        return str(value)
    if field.many_to_one:
        return str(found.get(field.related_model._meta.db_table, {}).get(value, f"no. {value}"))
    if isinstance(field, models.DecimalField):
        value = money_text(Decimal(value))
    elif isinstance(field, models.DateTimeField):
        moment = parse_datetime(value)
        value = date_format(localtime(moment) if is_aware(moment) else moment, "j M Y, H:i")
    return str(dict(field.flatchoices).get(value, value))


@dataclass(frozen=True)
class FieldConflict:
    """One field of a row that an undo left alone: before, as this change made it, as it is now."""

    label: str
    before: str
    mine: str
    theirs: str


def conflicts_in_words(left_alone: list[dict]) -> list[dict]:
    """Rows that an undo left alone, as UndoRun keeps them, in words: kind, name, url, reason and fields."""
    wanted = defaultdict(set)
    for row in left_alone:
        wanted[row["table"]].add(row["row_id"])
        for column, values in row["fields"].items():
            field = field_of(model_of(row["table"]), column)
            if field is not None and field.many_to_one:
                wanted[field.related_model._meta.db_table].update(value for value in values if value is not None)
    found = {table: model_of(table)._base_manager.in_bulk(ids) for table, ids in wanted.items() if model_of(table)}
    return [conflict_in_words(row, found) for row in left_alone]


def conflict_in_words(row: dict, found: dict) -> dict:
    """One row that was left alone, with the objects it speaks of already read."""
    model, item = model_of(row["table"]), found.get(row["table"], {}).get(row["row_id"])
    fields = []
    for column, values in row["fields"].items():
        field = field_of(model, column)
        fields.append(FieldConflict(str(field.verbose_name) if field is not None else column, *(shown(field, value, found) for value in values)))
    return {
        "kind": str(model._meta.verbose_name if model else row["table"]).capitalize(),
        "name": str(item) if item else f"no. {row['row_id']}",
        "url": item.get_absolute_url() if hasattr(item, "get_absolute_url") else "",
        "reason": row["reason"],
        "fields": fields,
    }


def name_of_row(table: str, row_id: int) -> str:
    """What a row is called now, or in the last entry of the log that says so."""
    model = model_of(table)
    row = model._base_manager.filter(pk=row_id).first() if model else None
    if row:
        return str(row)
    last = RowChange.objects.filter(table=table, row_id=row_id, operation=Operation.DELETE).order_by("-pk").first()
    return (last and name_in(last.before)) or f"{table} {row_id}"


def history_of(record, limit: int = 10) -> list[RowStory]:
    """The newest entries of one object, in words, each with its change set; the entry that added it comes last."""
    logged = RowChange.objects.filter(table=record._meta.db_table).select_related("change_set__user")
    newest = list(logged.filter(row_id=record.pk).exclude(operation=Operation.INSERT).order_by("-pk")[:limit])
    told = stories(newest)
    added = next(iter(logged.added_with(record.pk)), None) if len(newest) < limit else None
    if added:
        told.append(RowStory(added, str(record._meta.verbose_name).capitalize(), str(record), "", []))
    return told
