"""Reads CSV, CSV.gz and XLSX files as numbered rows of text in constant memory. Knows nothing of what the columns mean."""

import codecs
import csv
import datetime as dt
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import python_calamine

from . import ImportFailedError

LARGEST_CELL = 1_000_000  # characters; a quote that is never closed is noticed here at the latest

Row = tuple[int, list[str] | None, str]


@dataclass(frozen=True)
class Source:
    """A file and how it is written. The encoding and the delimiter are what the caller says, never a guess."""

    path: Path
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str | None = None

    @property
    def name(self) -> str:
        """What people call the file."""
        return self.path.name

    def rows(self) -> Iterator[Row]:
        """Yield (line, cells, complaint) for every row, the header first; empty lines are no rows.

        The line is the one a text editor shows where the row begins, or the row of the sheet. A row that cannot be split into
        cells has None for cells and a complaint. Raises ImportFailedError when the file as a whole cannot be read.
        """
        name = self.path.name.lower()
        if not self.path.is_file():
            raise ImportFailedError(f"{self.path} is not a file.")
        if name.endswith(".xlsx"):
            return self._sheet_rows()
        if name.endswith((".csv", ".csv.gz", ".txt", ".tsv")):
            return self._text_rows()
        raise ImportFailedError(f"{self.name} is neither CSV, CSV.gz nor XLSX.")

    def _open(self):
        """Open the file as bytes, unpacked."""
        return gzip.open(self.path) if self.path.suffix.lower() == ".gz" else self.path.open("rb")

    def _text_rows(self) -> Iterator[Row]:
        try:
            codec = codecs.lookup(self.encoding).name
        except LookupError:
            raise ImportFailedError(f"{self.encoding} is not an encoding; utf-8 and cp1252 are the usual ones.") from None
        previous = csv.field_size_limit(LARGEST_CELL)
        try:
            with self._open() as packed, io.TextIOWrapper(packed, "utf-8-sig" if codec == "utf-8" else codec, newline="") as stream:
                yield from self._split(stream)
        except UnicodeDecodeError as error:
            raise ImportFailedError(self._undecodable(codec, error)) from None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ImportFailedError(f"{self.name} is damaged or incomplete: {error}.") from None
        finally:
            csv.field_size_limit(previous)

    def _split(self, stream) -> Iterator[Row]:
        reader = csv.reader(stream, strict=True, delimiter=self.delimiter)
        line = 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                until = f", which runs to line {reader.line_num}" if reader.line_num > line else ""
                yield line, None, f"The quotes of this row{until} cannot be read: {error}."
            else:
                if cells:
                    yield line, cells, ""
            line = reader.line_num + 1

    def _undecodable(self, codec: str, error: UnicodeDecodeError) -> str:
        """Say in which line the file stops being what its encoding promises."""
        with self._open() as stream:
            for number, line in enumerate(stream, start=1):
                try:
                    line.decode(codec)
                except UnicodeDecodeError as found:
                    wrong = line[found.start]
                    where = f"in line {number}, byte {found.start + 1} (0x{wrong:02x})"
                    return f"{self.name} is not {codec} {where}. Nothing was imported; if it is cp1252, say --encoding cp1252."
        return f"{self.name} is not {codec}: {error.reason}."

    def _sheet_rows(self) -> Iterator[Row]:
        try:
            workbook = python_calamine.load_workbook(self.path)
        except (python_calamine.CalamineError, OSError) as error:
            raise ImportFailedError(f"{self.name} cannot be read as XLSX: {error}.") from None
        with workbook:
            names = workbook.sheet_names
            name = self.sheet or names[0]
            if name not in names:
                raise ImportFailedError(f"{self.name} has no sheet {name!r}; it has {', '.join(names)}.")
            for line, values in enumerate(workbook.get_sheet_by_name(name).iter_rows(), start=1):
                cells = [_cell_text(value) for value in values]
                if any(cells):
                    yield line, cells, ""


def _cell_text(value) -> str:
    """Write a cell of a sheet as a CSV file would: whole numbers without a point, dates in ISO form."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value)
