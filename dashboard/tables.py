"""The one table style: column kinds with units, a footer over all rows, and an order that never ties."""

from operator import attrgetter
from weakref import proxy

import django_tables2 as tables
from django.db.models import F, QuerySet
from django.template import Context, Engine, Template
from django.template.loader import get_template
from django.utils.functional import cached_property

from . import money
from .addresses import page_of
from .cells import Cells, Drawer
from .days import day_text, moment_text
from .lookups import APART, any_of, apart
from .markup import filled


class Kind(tables.Column):
    """A column that knows its unit (for exports and alignment) and puts empty values last when sorted.

    `sort` are the expressions of an index to sort by. `sort_through` names a relation that every row has: the list is then sorted from there.
    `sort_with` names the method of the queryset that adds what is sorted by.
    """

    unit = "text"
    numeric = False
    nulls_last = False

    def __init__(self, verbose_name=None, *, help_text="", nulls_last=None, sort=(), sort_through="", sort_with="", **kwargs):
        if self.numeric:
            kwargs.setdefault("initial_sort_descending", True)
        super().__init__(verbose_name, **kwargs)
        self.help_text, self.sort, self.sort_through, self.sort_with = help_text, sort, sort_through, sort_with
        if nulls_last is not None:
            self.nulls_last = nulls_last

    def value(self, value):
        """What an export holds: the typed value, not its text."""
        return value

    def order(self, queryset, is_descending):
        """The library's hook: the sorted queryset and whether it was sorted here."""
        if self.sort:
            return queryset.order_by(*(item.desc() if is_descending else item.asc() for item in self.sort)), True
        if self.sort_through or self.sort_with:
            queryset = getattr(queryset, self.sort_with)() if self.sort_with else queryset.filter(**{f"{self.sort_through}__isnull": False})
            keys = (str(key.for_queryset()) for key in self.order_by)
            return queryset.order_by(*(f"-{key}" if is_descending else key for key in keys)), True
        return queryset, False


class TextColumn(Kind):
    """Words. With `sub`, an attribute of the record that stands small beside them."""

    def __init__(self, verbose_name=None, *, sub=None, **kwargs):
        super().__init__(verbose_name, **kwargs)
        self.sub = tables.A(sub) if sub else None

    def render(self, value, record):
        """The text, escaped by the template; the small addition only where there is one."""
        addition = self.sub.resolve(record, quiet=True) if self.sub else None
        return filled('{}<span class="sub">{}</span>', value, addition) if addition else value


class MoneyColumn(Kind):
    """An amount, rounded half up to two decimals here and nowhere before."""

    unit = "money"
    numeric = True
    nulls_last = True

    def render(self, value):
        """12345.675 becomes 12,345.68."""
        return money.money_text(value)


class CountColumn(Kind):
    """A whole number."""

    unit = "count"
    numeric = True

    def render(self, value):
        """12345 becomes 12,345."""
        return money.count_text(value)


class NumberColumn(Kind):
    """A number with decimals that is neither money nor a share: units per order."""

    unit = "number"
    numeric = True
    nulls_last = True

    def render(self, value):
        """Two decimals, rounded half up."""
        return money.number_text(value)


class PercentColumn(Kind):
    """A share, stored as a ratio: 0.3456 is 34.6 %."""

    unit = "ratio"
    numeric = True
    nulls_last = True

    def render(self, value):
        """One decimal."""
        return money.percent_text(value)


class DateColumn(Kind):
    """A business day."""

    unit = "date"
    nulls_last = True

    def render(self, value):
        """3 Nov 2026."""
        return day_text(value)


class PageColumn(Kind):
    """The name of something, linked to its page; `key` leads from the record to what the page is addressed by."""

    def __init__(self, verbose_name=None, *, page, key="pk", **kwargs):
        super().__init__(verbose_name, **kwargs)
        self.page, self.key = page, attrgetter(key)

    def render(self, value, record):
        """The link."""
        return filled('<a href="{}">{}</a>', page_of(self.page, self.key(record)), value)


class DateTimeColumn(Kind):
    """A moment, in the company's time zone."""

    unit = "datetime"

    def render(self, value):
        """3 Nov 2026, 14:05."""
        return moment_text(value)


class TemplateCell(Kind):
    """A cell with markup of its own, from a template file that gets `record`, `value`, `table` and `column`."""

    empty_values = ()

    def __init__(self, verbose_name=None, *, template_name, unit="text", numeric=False, **kwargs):
        self.unit = unit
        self.numeric = numeric
        super().__init__(verbose_name, **kwargs)
        self.template_name = template_name

    def render(self, value, record, table, bound_column):
        """Render the file in the context that all cells of the table share."""
        context = table.shared_context
        with context.push(value=value, record=record, column=bound_column):
            return table.cell_template(self.template_name).nodelist.render(context)


class SelectColumn(Kind):
    """A box per row for bulk actions; the boxes belong to the form with id `bulk`."""

    empty_values = ()

    def __init__(self, **kwargs):
        super().__init__("Select", orderable=False, exclude_from_export=True, **kwargs)

    def render(self, record, table):
        """The box, named after its row for screen readers."""
        return filled(
            '<input type="checkbox" name="ids" value="{}" form="bulk" aria-label="Select {}" data-select>',
            record.pk,
            table.row_label(record),
        )


def in_order(records: QuerySet, keys: list, looked_up_by: str = "pk") -> list:
    """The records of these ids, in the order of the ids."""
    found = {record.pk: record for record in records.order_by().filter(any_of(looked_up_by, keys))}
    return [found[key] for key in keys if key in found]


class BaseTable(tables.Table):
    """What all our tables share.

    `totals` maps column names to figures over all filtered rows, computed by the caller in one aggregate; `totals_label` stands at
    the head of that row. `cell_context` is given to every TemplateCell. `records` is a queryset to look the rows of a page up in by id,
    where the table's own queryset has only what filters and sorts need.
    """

    tie_breaker = "pk"
    tells = ()  # fields whose change by somebody else is told at the row
    looked_up_by = "pk"  # where the ids of a page are looked up: its own, or those of what it is joined with
    aside = ()  # columns that exports look up for thousands of rows at once, where a list looks them up row by row; see `beside`
    row_header = None  # name of the column that names the row; the first one unless said otherwise

    class Meta:
        template_name = "partials/_table.html"
        order_by_field = "sort"

    def __init__(self, *args, totals=None, totals_label="", cell_context=None, caption="", **kwargs):
        super().__init__(*args, **kwargs)
        self.totals = totals or {}
        self.totals_label = totals_label
        self.cell_context = cell_context or {}
        self.caption = caption
        self.records = None
        self.unsorted = None  # the same rows without what only their order needs, for counts
        self.told = {}  # by id; see others.py
        self.request = None
        self._cell_templates = {}

    def loosen(self) -> None:
        """Once drawn: let what points back at the table do so weakly, so that it goes with its page and no garbage collector has to find it."""
        this = proxy(self)
        for part in (self.data, self.rows):
            part.table = this
        for part in (self.columns, *self.columns.iterall()):
            part._table = this  # noqa: SLF001 - the library has no other way to it

    @property
    def shown_rows(self) -> QuerySet:
        """The rows with everything the table shows."""
        return self.data.data if self.records is None else self.records

    def records_of(self, keys: list) -> list:
        """The records of these ids, in the order of the ids; those that were deleted meanwhile are left out."""
        return in_order(self.shown_rows, keys, self.looked_up_by)

    def beside(self, keys: list) -> dict[int, tuple]:
        """The values of the columns named in `aside`, in that order, of the rows with these ids, by id."""
        return {}

    @property
    def cells(self) -> Cells:
        """What draws the rows."""
        return Cells(self)

    @cached_property
    def drawers(self) -> list[Drawer]:
        """What draws each column."""
        return [Drawer(proxy(self), column) for column in self.columns]

    @cached_property
    def shared_context(self) -> Context:
        """What every cell template knows; context processors run once a table, not once a cell."""
        context = Context({"table": proxy(self), "request": self.request})
        for processor in Engine.get_default().template_context_processors if self.request else ():
            context.update(processor(self.request))
        context.update(self.cell_context)
        context.template = get_template(self._meta.template_name).template  # whose engine the cells ask for what is missing
        return context

    def cell_template(self, name: str) -> Template:
        """A cell's file, looked for once a table."""
        if name not in self._cell_templates:
            self._cell_templates[name] = get_template(name).template
        return self._cell_templates[name]

    def settle_order(self):
        """Put empty values last and append the unique key, so that pages neither skip nor repeat rows."""
        queryset = self.data.data
        if not hasattr(queryset, "query"):
            return
        order = [self._nulls_last(item) for item in queryset.query.order_by or queryset.query.get_meta().ordering]
        order = [apart(order[0]), *order[1:]] if APART in queryset.query.annotations and order else order
        queryset = queryset.order_by(*order)
        self.data.data = queryset if queryset.totally_ordered else queryset.order_by(*order, self.tie_breaker)

    def _nulls_last(self, item):
        if not isinstance(item, str) or item.lstrip("-") not in self._nullable_keys():
            return item
        return F(item[1:]).desc(nulls_last=True) if item.startswith("-") else F(item).asc(nulls_last=True)

    def _nullable_keys(self) -> set[str]:
        nullable = [column for column in self.columns if getattr(column.column, "nulls_last", False)]
        return {str(key.for_queryset()).lstrip("-") for column in nullable for key in column.order_by}

    def row_label(self, record) -> str:
        """What a row is called."""
        return str(record)

    def row_key(self, record) -> str:
        """The stable key of a row in exports and element ids."""
        return str(record.pk)

    def row_id(self, record) -> str:
        """The element id of a row: `row-<key>`."""
        return f"row-{self.row_key(record)}"

    def header_column(self) -> str:
        """Name of the column that names each row: a `<th scope="row">`, sticky."""
        if self.row_header:
            return self.row_header
        return next(column.name for column in self.columns if not isinstance(column.column, SelectColumn))

    def render_total(self, column, value):
        """One total as text; tables that link their totals override this."""
        kind = column.column
        return value if isinstance(kind, TemplateCell) or kind.unit == "text" else kind.render(value)

    def export_columns(self) -> list:
        """Columns of an export in screen order, the row's own name first."""
        return [column for column in self.columns if not column.column.exclude_from_export]
