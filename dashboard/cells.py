"""The cells of a table: what each column needs is found out once a table, where the library asks again for every cell."""

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from types import MethodType
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.timezone import template_localtime
from django_tables2 import A

VALUES_ALONE = frozenset({"value", "table", "column", "bound_column"})


def words_of(function: Callable) -> frozenset[str]:
    """The names of the arguments that a column's `render` or `value` wishes for."""
    return frozenset(inspect.signature(function).parameters)


class Drawer:
    """How one column of a table reads, writes and exports its cells; the hooks are the library's: `render`, `value`, `linkify`."""

    def __init__(self, table, bound):
        self.bound, self.column, self.link = bound, bound.column, bound.link
        self.name, self.default = bound.name, bound.default
        self.numeric = getattr(self.column, "numeric", False)
        self.header = bound.name == table.header_column()
        self.accessor = A(bound.accessor)
        self.path, self.kind = None, None
        self.known = {"table": table, "column": self.column, "bound_column": bound}
        self.render, self.value = bound.render, bound.value
        self.render_words, self.value_words = words_of(self.render), words_of(self.value)

    def read(self, record) -> Any:
        """The raw value, a choice as its label; None where the way to it ends."""
        if self.kind is not type(record):
            self.path, self.kind = self._path(record), type(record)
        try:
            for bit in self.path:
                record = record[bit] if isinstance(record, dict) else getattr(record, bit)
                if isinstance(record, (MethodType, partial)):  # a manager can be called too, and has no value
                    record = record()
                if record is None:
                    return None
        except (AttributeError, KeyError, ObjectDoesNotExist):
            return None
        return record

    def _path(self, record) -> tuple[str, ...]:
        bits = tuple(self.accessor.bits)
        return (*bits[:-1], f"get_{bits[-1]}_display") if self.choices(record) else bits

    def choices(self, record: Model | type[Model]) -> dict:
        """The labels of the field behind the column, where it has choices."""
        if not isinstance(record, Model) and not isinstance(record, type):
            return {}
        field = self.accessor.get_field(record)
        return dict(getattr(field, "flatchoices", ())) if field and field.name == self.accessor.bits[-1] else {}

    def text(self, record) -> Any:
        """The cell as it stands on the screen, linked where the column links it."""
        value = self.read(record)
        if value in self.column.empty_values:
            return self.default
        text = self._call(self.render, self.render_words, value, record)
        return self.link(text, record=record, value=value, **self.known) if self.link else text

    def export(self, record) -> Any:
        """The cell as an export holds it: the typed value."""
        return self.exported(self.read(record), record)

    def exported(self, value, record=None) -> Any:
        """The value as an export holds it, once it is read."""
        if value in self.column.empty_values:
            return None
        return self._call(self.value, self.value_words, value, record)

    def _call(self, function, words, value, record):
        given = {"value": value, "record": record, **self.known}
        return function(**{word: given[word] for word in words})


class Cells:
    """All columns of a table, for one row after the other."""

    def __init__(self, table):
        self.table = table
        self.drawers = [Drawer(table, column) for column in table.columns]

    def row(self, record):
        """One row as markup: the same for the whole table and for a row that comes alone after an edit."""
        cells = format_html_join("", "{}", ((self.cell(drawer, record),) for drawer in self.drawers))
        return format_html('<tr id="{}" tabindex="-1">{}</tr>', self.table.row_id(record), cells)

    def cell(self, drawer: Drawer, record):
        """One cell; the column that names the row is its header, and tells what others did to the row."""
        text = localize(template_localtime(drawer.text(record)))
        if drawer.header:
            return format_html('<th scope="row">{}{}</th>', text, self.table.told.get(getattr(record, "pk", None), ""))
        return format_html('<td class="r">{}</td>', text) if drawer.numeric else format_html("<td>{}</td>", text)


def export_rows(table, columns: list, chunks: Iterator[QuerySet | list]) -> Iterator[list]:
    """The exported values of some columns, row by row.

    Columns that look at nothing but their value are read without making records of the rows, which would cost more than all the rest.
    """
    drawers = [Drawer(table, column) for column in columns]
    for rows in chunks:
        if isinstance(rows, QuerySet) and all(drawer.value_words <= VALUES_ALONE for drawer in drawers):
            labels = [drawer.choices(rows.model) for drawer in drawers]
            for values in rows.values_list(*(str(drawer.accessor) for drawer in drawers)):
                yield [
                    drawer.exported(named.get(value, value) if named else value) for drawer, named, value in zip(drawers, labels, values, strict=True)
                ]
        else:
            for record in rows:
                yield [drawer.export(record) for drawer in drawers]
