"""CSV, XLSX and JSON of a table's own columns: same rows, order and totals as the screen, all pages, streamed."""

import csv
import json
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import batched, chain

import xlsxwriter
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, IntegerField, QuerySet, Value
from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify

from . import money
from .cells import export_rows

FORMATS = ("csv", "xlsx", "json")
CHUNK = 2_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
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


def chunks(table) -> Iterator[QuerySet | list]:
    """The rows of all pages in their order, a part at a time: constant memory, whatever their number."""
    data = table.data.data
    if not hasattr(data, "query"):
        yield data
        return
    keys = data.values_list("pk", flat=True).iterator(chunk_size=CHUNK)
    for part in batched(keys, CHUNK, strict=False):
        rows = data if table.records is None else table.records
        yield rows.filter(pk__in=part).order_by(position_in(part))


def position_in(keys) -> Func:
    """Where a row's key stands among `keys`: what puts rows that were looked up by key into the order of the list."""
    return Func(Value(list(keys), output_field=ArrayField(BigIntegerField())), F("pk"), function="array_position", output_field=IntegerField())


def as_text(value, unit: str):
    """A value as CSV and JSON hold it: money with two decimals, ratios with six, dates in ISO form, None where there is none."""
    if value is None or value == "":
        return None
    if unit in {"money", "number"}:
        return str(money.round_half_up(Decimal(value)))
    if unit == "ratio":
        return str(money.round_half_up(Decimal(value), places=6))
    if unit == "count":
        return int(value)
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat() if timezone.is_aware(value) else value.isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def harmless(value):
    """Text that a spreadsheet will not run as a formula; numbers stay numbers."""
    text = value.lstrip(" \n") if isinstance(value, str) else ""
    return f"'{value}" if text.startswith(FORMULA_STARTS) else value


def csv_cell(value, unit: str):
    """One CSV cell: empty for None, and a quote before text that begins like a formula."""
    text = as_text(value, unit)
    return "" if text is None else harmless(text) if unit == "text" else text


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


class Echo:
    """A file that hands back what is written, for the csv writer."""

    def write(self, value):
        """Return the line instead of keeping it."""
        return value


def csv_response(request, table, about):
    """CSV in UTF-8 with BOM-free header line; `header=1` puts the preamble before it, each line behind `#`."""
    columns = table.export_columns()

    def lines():
        writer = csv.writer(Echo())
        if request.GET.get("header") == "1":
            yield from (writer.writerow([f"# {key}", harmless(value)]) for key, value in preamble(request, table, about))
        yield writer.writerow([harmless(str(column.header)) for column in columns])
        units = [unit_of(column) for column in columns]
        for row in export_rows(table, columns, chunks(table)):
            yield writer.writerow([csv_cell(value, unit) for value, unit in zip(row, units, strict=True)])
        if table.totals:
            yield writer.writerow([csv_cell(value, unit) for value, unit in totals_row(table, columns)])

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
        for number, row in enumerate(export_rows(table, columns, chunks(table)), start=1):
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
        for record in chain.from_iterable(chunks(table)):
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
