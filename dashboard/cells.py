"""The cells of a table with its head and totals: what each column needs is found out once a table, where the library asks again for every cell."""

from collections.abc import Callable
from functools import cache, partial
from types import CodeType, MethodType
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.utils.formats import localize
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.timezone import template_localtime

from .markup import escaped, filled
from .money import NOTHING

NUMERIC = ' class="r"'
SORT = '<a href="{0}" id="sort-{1}" data-hx-get="{0}" data-hx-target="#results" data-hx-swap="outerHTML">{2}{3}</a>'
DOWN, UP = (SafeString(f' <span aria-hidden="true">{arrow}</span>') for arrow in "↓↑")
SELECT_ALL = SafeString('<input type="checkbox" data-select-all aria-label="Select all rows of this page">')


def words_of(function: Callable) -> frozenset[str]:
    """The names of the arguments that a column's `render` or `value` wishes for; read off the code, as signatures cost more than cells."""
    return _words_of(function.__code__)


@cache
def _words_of(code: CodeType) -> frozenset[str]:
    return frozenset(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def caller(function: Callable, known: dict) -> Callable[[Any, Any], Any]:
    """The function of a value and a record that gives `function` the arguments it wishes for, and no others."""
    words = words_of(function)
    fixed = {word: known[word] for word in words & known.keys()}
    if {"value", "record"} <= words:
        return lambda value, record: function(value=value, record=record, **fixed)
    if "value" in words:
        return lambda value, record: function(value=value, **fixed)
    if "record" in words:
        return lambda value, record: function(record=record, **fixed)
    return lambda value, record: function(**fixed)


class Drawer:
    """How one column of a table reads, writes and exports its cells; the hooks are the library's: `render`, `value`, `linkify`."""

    def __init__(self, table, bound):
        self.table, self.bound, self.column, self.link = table, bound, bound.column, bound.link
        self.name, self.default = bound.name, bound.default
        self.numeric = getattr(self.column, "numeric", False)
        self.markup = f"<td{NUMERIC}>{{}}</td>" if self.numeric else "<td>{}</td>"
        if bound.name == table.header_column():
            self.markup = '<th scope="row">{}</th>'
        self.accessor = bound.accessor
        self.path, self.kind = None, None
        self.known = {"table": table, "column": self.column, "bound_column": bound}
        self.render = caller(bound.render, self.known)

    @cached_property
    def value(self) -> Callable[[Any, Any], Any]:
        """What an export makes of a value and a record."""
        return caller(self.bound.value, self.known)

    @property
    def needs_record(self) -> bool:
        """Whether an export looks at more than the value."""
        return "record" in words_of(self.bound.value)

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
        text = self.render(value, record)
        return self.link(text, record=record, value=value, **self.known) if self.link else text

    def head(self, alias, address: Callable[[str], str]) -> SafeString:
        """The name of the column: a link that sorts by it, where one can; `alias` says how the table is sorted by it now."""
        name = self.bound.header
        sorted_by, arrow = ("descending", DOWN) if alias and alias.is_descending else ("ascending", UP) if alias else ("", "")
        if self.bound.orderable:
            then = alias.opposite if alias else f"-{self.name}" if self.column.initial_sort_descending else self.name
            name = filled(SORT, address(then), self.name, name, arrow)
        elif self.name == "select":
            name = SELECT_ALL
        told = f' aria-sort="{sorted_by}"' if sorted_by else ""
        if help_text := getattr(self.column, "help_text", ""):
            told += f' title="{escaped(help_text)}"'
        return SafeString(f'<th scope="col"{NUMERIC if self.numeric else ""}{told}>{escaped(name)}</th>')

    def foot(self, totals: dict) -> SafeString:
        """The column's total, and an empty cell where it has none."""
        if self.name not in totals:
            return SafeString("<td></td>")
        value = totals[self.name]
        return filled(self.markup, NOTHING if value is None else written(self.table.render_total(self.bound, value)))

    def export(self, record) -> Any:
        """The cell as an export holds it: the typed value."""
        return self.exported(self.read(record), record)

    def exported(self, value, record=None) -> Any:
        """The value as an export holds it, once it is read."""
        if value in self.column.empty_values:
            return None
        return self.value(value, record)


def written(text: Any) -> str:
    """What a column draws, as a template writes it."""
    return text if isinstance(text, str) else localize(template_localtime(text))


class Cells:
    """All columns of a table, for one row after the other. The column that names the row is its header."""

    def __init__(self, table):
        self.table = table
        self.drawers = table.drawers
        self.header = [drawer.name for drawer in self.drawers].index(table.header_column())
        self.markup = f'<tr id="{{}}" tabindex="-1">{"".join(drawer.markup for drawer in self.drawers)}</tr>'

    def row(self, record):
        """One row as markup: the same for the whole table and for a row that comes alone after an edit."""
        shown = [written(drawer.text(record)) for drawer in self.drawers]
        if self.table.told and record.pk in self.table.told:
            shown[self.header] = filled("{}{}", shown[self.header], self.table.told[record.pk])
        return filled(self.markup, self.table.row_id(record), *shown)

    def rows(self):
        """All rows of the page, which is what a table is for."""
        drawn = SafeString("".join([self.row(record) for record in self.table.paginated_rows.data]))
        self.table.loosen()
        return drawn

    def head(self, address: Callable[[str], str]):
        """The names of the columns; `address` makes that of the list in another order."""
        order = {alias.bare: alias for alias in self.table.order_by or ()}
        return SafeString("".join([drawer.head(order.get(drawer.name), address) for drawer in self.drawers]))

    def foot(self):
        """The totals row, written by the same columns as the cells above it."""
        parts = [drawer.foot(self.table.totals) for drawer in self.drawers]
        parts[self.header] = filled('<th scope="row">{}</th>', self.table.totals_label)
        return SafeString("".join(parts))
