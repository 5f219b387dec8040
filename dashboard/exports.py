"""CSV, XLSX and JSON of a table's own columns: same rows, order and totals as the screen, all pages, streamed."""

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import batched, chain

import xlsxwriter
from django.conf import settings
from django.db import connection
from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify

from . import money
from .lookups import any_of
from .tables import Kind

FORMATS = ("csv", "xlsx", "json")
CHUNK = 1_000  # more ids at once, and the planner sets out to read whole tables, with workers that take longer to start than to help
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
SUSPECTS = frozenset({*FORMULA_STARTS, " ", "\n"})  # first letters of texts that are looked at
TEXTS = frozenset({str, type(None)})
BREAKS = re.compile('[",\r\n]').search
XLSX_FORMATS = {
    "money": "#,##0.00",
    "number": "#,##0.00",
    "count": "#,##0",
    "ratio": "0.0%",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
}


def respond(request, table, about):
    """The export asked for by `?export=`, as a download named after the view."""
    write = {"csv": csv_response, "xlsx": xlsx_response, "json": json_response}[request.GET["export"]]
    response = write(request, table, about)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def file_name(about, extension: str) -> str:
    """An ASCII file name from the view's title."""
    return f"{slugify(about.title)[:80] or 'tallyboard'}.{extension}"


def parts(table) -> Iterator[list]:
    """The keys of the rows of all pages in their order, a part at a time: constant memory, whatever their number."""
    keys = table.data.data.values_list("pk", flat=True).iterator(chunk_size=CHUNK)
    return map(list, batched(keys, CHUNK, strict=False))


def records(table) -> Iterator:
    """The records of all pages."""
    if not hasattr(table.data.data, "query"):
        return iter(table.data.data)
    return chain.from_iterable(table.records_of(keys) for keys in parts(table))


def written_parts(table, columns: list, write: Callable[[list[Sequence]], object]) -> Iterator:
    """What `write` makes of the exported values of all pages, a part at a time, column by column: what a column needs is then done once a part.

    Columns that look at nothing but their value are read without making records of the rows, which would cost more than all the rest.
    """
    drawers = [drawer for column in columns for drawer in table.cells.drawers if drawer.name == column.name]
    if hasattr(table.data.data, "query") and not any(drawer.needs_record for drawer in drawers):
        return read_ahead(table, drawers, write)
    some = batched(records(table), CHUNK, strict=False)
    return (write([[drawer.export(record) for record in part] for drawer in drawers]) for part in some)


def read_ahead(table, drawers: list, write: Callable[[list[Sequence]], object]) -> Iterator:
    """The same from values alone: the server looks the next part up while this one is written, where each would wait for the other."""
    read = [drawer for drawer in drawers if drawer.name not in table.aside]
    rows = table.shown_rows.order_by().values_list("pk", *(str(drawer.accessor) for drawer in read))

    def answered(keys, cursor, beside):
        with cursor:
            found = {row[0]: row for row in cursor.fetchall()}
        keys = [key for key in keys if key in found]  # without the rows that were deleted meanwhile
        values = by_name(["pk", *(drawer.name for drawer in read)], found, keys) | by_name(table.aside, beside, keys)
        return [exported(drawer, rows.model, values.get(drawer.name, ())) for drawer in drawers]

    asked = written = None
    for keys in chain(parts(table), [None]):
        cursor = connection.cursor()
        with connection.connection.pipeline():  # where to ask is not to wait; at its end the answer is there
            if keys:
                cursor.execute(*rows.filter(any_of(table.looked_up_by, keys)).query.sql_with_params())
            if asked:
                written = write(answered(*asked))
        if written:
            yield written
        if keys:
            asked = keys, cursor, table.beside(keys) if table.aside else {}


def by_name(names: Sequence[str], found: dict[int, tuple], keys: list[int]) -> dict[str, Sequence]:
    """Rows by id as columns by name, in the order of the keys."""
    return dict(zip(names, zip(*map(found.get, keys), strict=True), strict=False)) if names else {}


def exported(drawer, model, values: Sequence) -> Sequence:
    """A column as an export holds it, once its values are read."""
    labels = drawer.choices(model)
    if labels:
        values = [labels.get(value, value) for value in values]
    return values if as_it_is(drawer) else [drawer.exported(value) for value in values]


def as_it_is(drawer) -> bool:
    """Whether a column exports its value unchanged, which need not be asked of every cell."""
    return getattr(drawer.bound.value, "__func__", None) is Kind.value


def cents(value) -> str:
    """An amount with two decimals."""
    return str(money.round_half_up(value if isinstance(value, Decimal) else Decimal(value)))


def share(value) -> str:
    """A ratio with six decimals."""
    return str(money.round_half_up(Decimal(value), places=6))


def plain(value) -> str:
    """Days and moments in ISO form, moments in the company's time zone; anything else as it says itself."""
    if isinstance(value, datetime) and value.tzinfo:
        value = value.astimezone(timezone.get_default_timezone())
    return value.isoformat() if isinstance(value, date) else str(value)


WRITERS = {"money": cents, "number": cents, "ratio": share, "count": int}


def as_text(value, unit: str):
    """A value as CSV and JSON hold it; None where there is none."""
    if value is None or isinstance(value, str):
        return value or None
    return WRITERS.get(unit, plain)(value)


def harmless(value):
    """Text that a spreadsheet will not run as a formula; numbers stay numbers."""
    text = value.lstrip(" \n") if isinstance(value, str) else ""
    return f"'{value}" if text.startswith(FORMULA_STARTS) else value


def csv_column(unit: str) -> Callable[[Sequence], list[str]]:
    """What writes a column of CSV: empty for None, and a quote before text that begins like a formula."""
    write = WRITERS.get(unit, plain)

    def word(value):
        if value is None:
            return ""
        text = value if isinstance(value, str) else write(value)
        return text if text[:1] not in SUSPECTS and not BREAKS(text) else quoted(harmless(text))

    def words(values):
        if not TEXTS.issuperset(map(type, values)):  # whose equals may read differently, as 1 and True do
            return [word(value) for value in values]
        known = {value: word(value) for value in set(values)}  # names come again and again
        return [known[value] for value in values]

    def typed(values):
        return ["" if value is None or (value.__class__ is str and not value) else str(write(value)) for value in values]

    return words if unit == "text" else typed


def quoted(text: str) -> str:
    """A cell of CSV, within quotes where it would end early without."""
    return f'"{text.replace('"', '""')}"' if BREAKS(text) else text


def csv_text(columns: Iterable[Iterable[str]]) -> str:
    """Columns of written cells as lines. Joined here, because the library's writer reads every letter of every cell again."""
    return "".join([line + "\r\n" for line in map(",".join, zip(*columns, strict=True))])


def csv_line(cells: Iterable[str]) -> str:
    """One line of words."""
    return csv_text(zip(csv_column("text")(list(cells)), strict=True))


def preamble(request, table, about) -> list[tuple[str, str]]:
    """What an export says of itself: the view as a sentence, its parameters, currency, time zone and moment."""
    return [
        ("View", about.title),
        *((str(key), str(value)) for key, value in about.parameters.items()),
        *about.notes,
        ("Currency", settings.CURRENCY),
        ("Time zone", settings.TIME_ZONE),
        ("As of", timezone.localtime().isoformat(timespec="seconds")),
        ("Rows", str(row_count(table))),
        *(("Left out", f"{item['count']} {item['reason']}") for item in about.left_out),
    ]


def row_count(table) -> int:
    """Rows of all pages."""
    data = table.data.data
    return data.order_by().count() if hasattr(data, "query") else len(data)


def csv_response(request, table, about):
    """CSV in UTF-8 with BOM-free header line; `header=1` puts the preamble before it, each line behind `#`."""
    columns = table.export_columns()

    def lines():
        if request.GET.get("header") == "1":
            yield from (csv_line([f"# {key}", value]) for key, value in preamble(request, table, about))
        yield csv_line(str(column.header) for column in columns)
        writers = [csv_column(unit_of(column)) for column in columns]
        yield from written_parts(table, columns, lambda part: csv_text(write(values) for write, values in zip(writers, part, strict=True)))
        if table.totals:
            yield csv_text(csv_column(unit)([value]) for value, unit in totals_row(table, columns))

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name(about, "csv")}"'
    return response


def unit_of(column) -> str:
    """The unit of a table column."""
    return getattr(column.column, "unit", "text")


def totals_row(table, columns) -> Iterator[tuple]:
    """The totals as (value, unit) in column order, their label first."""
    for column in columns:
        if column.name == table.header_column():
            yield table.totals_label or "Total", "text"
        else:
            yield table.totals.get(column.name), unit_of(column)


def xlsx_response(request, table, about):
    """A workbook of two sheets: what this is, and the rows. Written row by row, never held in memory."""
    columns = table.export_columns()
    target = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(target, options) as book:
        bold = book.add_format({"bold": True})
        formats = {unit: book.add_format({"num_format": code}) for unit, code in XLSX_FORMATS.items()}
        bold_formats = {unit: book.add_format({"num_format": code, "bold": True}) for unit, code in XLSX_FORMATS.items()}
        about_sheet = book.add_worksheet("About")
        about_sheet.set_column(0, 0, 18)
        for number, (key, value) in enumerate(preamble(request, table, about)):
            about_sheet.write_string(number, 0, key, bold)
            about_sheet.write_string(number, 1, value)
        sheet = book.add_worksheet("Rows")
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 0, 32)
        sheet.set_column(1, max(len(columns) - 1, 1), 15)
        for index, column in enumerate(columns):
            sheet.write_string(0, index, str(column.header), bold)
        number = 0
        units = [unit_of(column) for column in columns]
        rows = chain.from_iterable(written_parts(table, columns, lambda part: zip(*part, strict=True)))
        for number, row in enumerate(rows, start=1):
            for index, (value, unit) in enumerate(zip(row, units, strict=True)):
                write_cell(sheet, number, index, value, unit, formats)
        if table.totals:
            for index, (value, unit) in enumerate(totals_row(table, columns)):
                write_cell(sheet, number + 1, index, value, unit, {**bold_formats, "text": bold})
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=file_name(about, "xlsx"))


def write_cell(sheet, row: int, column: int, value, unit: str, formats: dict):
    """One typed cell. Amounts are rounded to two decimals first, so that the file shows what the screen shows."""
    style = formats.get(unit)
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif unit in {"money", "number"}:
        sheet.write_number(row, column, float(money.round_half_up(Decimal(value))), style)
    elif unit in {"count", "ratio"}:
        sheet.write_number(row, column, float(value), style)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, timezone.make_naive(value) if timezone.is_aware(value) else value, style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), style)  # noqa: DTZ001 - a business day has no zone
    else:
        sheet.write_string(row, column, str(value), style)


def json_response(request, table, about):
    """The JSON shape of the contract, written as it is read."""
    header_column = table.header_column()
    columns = [column for column in table.export_columns() if column.name != header_column]
    head = {
        "view": about.title,
        "parameters": about.parameters,
        "currency": settings.CURRENCY,
        "time_zone": settings.TIME_ZONE,
        "as_of": timezone.localtime().isoformat(timespec="seconds"),
        "columns": [{"name": column.name, "label": str(column.header), "unit": unit_of(column)} for column in columns],
    }

    def parts():
        yield json.dumps(head, ensure_ascii=False)[:-1] + ', "rows": ['
        count = 0
        drawers = {drawer.name: drawer for drawer in table.cells.drawers}
        units = {column.name: unit_of(column) for column in columns}
        for record in records(table):
            cells = {name: as_text(drawers[name].export(record), unit) for name, unit in units.items()}
            label = as_text(drawers[header_column].export(record), unit_of(table.columns[header_column]))
            yield (",\n" if count else "\n") + json.dumps({"key": table.row_key(record), "label": label, **cells}, ensure_ascii=False)
            count += 1
        totals = {name: as_text(value, units.get(name, "text")) for name, value in table.totals.items()}
        tail = {"totals": totals, "row_count": count, "left_out": list(about.left_out)}
        yield "\n], " + json.dumps(tail, ensure_ascii=False)[1:]

    response = StreamingHttpResponse(parts(), content_type="application/json")
    response["Content-Disposition"] = f'inline; filename="{file_name(about, "json")}"'
    return response
