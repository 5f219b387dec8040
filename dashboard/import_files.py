"""Uploaded import files: what is accepted, where they are kept, and how their rows are read again with corrections and progress."""

import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError

from .importing import ImportFailedError
from .importing.files import Row, Source
from .models import Import

ENDINGS = (".csv.gz", ".csv", ".tsv", ".txt", ".xlsx")
LARGEST_FILE = 200 * 2**20
LARGEST_SHEET = 1_000 * 2**20  # bytes of a workbook, unpacked
SAMPLE_ROWS = 1_000  # read for the page: enough to tell how dates and numbers are written
PROGRESS_EVERY = 5_000
DELIMITERS = ((",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar"))


def ending_of(name: str) -> str | None:
    """The accepted ending of a file name, or None."""
    return next((ending for ending in ENDINGS if name.lower().endswith(ending)), None)


def check_upload(upload) -> None:
    """Refuse what is not a table we read, by name, size and content. Raises ValidationError in a sentence."""
    ending = ending_of(upload.name)
    if ending is None:
        raise ValidationError("Choose a CSV file (also .csv.gz) or an Excel workbook (.xlsx).", code="ending")
    if not upload.size:
        raise ValidationError("The file is empty.", code="empty")
    if upload.size > LARGEST_FILE:
        raise ValidationError("The file is larger than 200 MB. Pack it as .csv.gz, or split it.", code="size")
    start = upload.read(4)
    upload.seek(0)
    if ending == ".xlsx":
        check_workbook(upload)
    elif ending == ".csv.gz" and start[:2] != b"\x1f\x8b":
        raise ValidationError("The file ends in .gz but is not packed with gzip.", code="content")
    elif ending != ".csv.gz" and start[:4] in {b"PK\x03\x04", b"%PDF"}:
        raise ValidationError("The file is not a text table, whatever its name says.", code="content")


def check_workbook(upload) -> None:
    """Refuse what is no workbook, and one that would unpack to more than it should."""
    try:
        with zipfile.ZipFile(upload) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
            known = "xl/workbook.xml" in packed.namelist()
    except zipfile.BadZipFile:
        known, unpacked = False, 0
    upload.seek(0)
    if not known:
        raise ValidationError("The file ends in .xlsx but is not an Excel workbook.", code="content")
    if unpacked > LARGEST_SHEET:
        raise ValidationError("The workbook unpacks to more than 1 GB. Save it as CSV.", code="size")


def folder() -> Path:
    """Where uploads lie: outside anything that is served, readable by this account alone."""
    path = Path(settings.MEDIA_ROOT) / "imports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def keep(upload) -> str:
    """Store an upload under a name of our own; returns that name."""
    name = f"{uuid4().hex}{ending_of(upload.name)}"
    with (folder() / name).open("xb") as target:
        for chunk in upload.chunks():
            target.write(chunk)
    (folder() / name).chmod(0o600)
    return name


class ImportSource(Source):
    """The stored file of an import: its rows with the corrections made on the page, and a count of how far reading has come."""

    def __init__(self, record: Import, progress=None):
        said = {word: record.words["file"][word] for word in ("encoding", "delimiter", "sheet") if record.words.get("file", {}).get(word)}
        super().__init__(path=folder() / record.stored_as, **said)
        object.__setattr__(self, "record", record)
        object.__setattr__(self, "progress", progress)

    @property
    def name(self) -> str:
        """The name under which it was uploaded."""
        return self.record.file_name

    def rows(self) -> Iterator[Row]:
        """Yield the rows, corrected."""
        corrections = self.record.corrections
        for number, (line, cells, complaint) in enumerate(super().rows()):
            for position, text in corrections.get(str(line), {}).items() if cells else ():
                cells[int(position)] = text
            if self.progress and number % PROGRESS_EVERY == 0:
                self.progress.tell(rows_read=number)
            yield line, cells, complaint


def preview(record: Import) -> tuple[list[str], list[list[str]]]:
    """The header and the first rows of an import's file."""
    rows = [cells or [] for _, cells, _ in islice(ImportSource(record).rows(), SAMPLE_ROWS + 1)]
    return (rows[0], rows[1:]) if rows else ([], [])


def header_widths(record: Import) -> dict[str, int]:
    """How many columns each delimiter makes of the header; empty for a workbook, which has none, and for a file that cannot be read."""
    source = ImportSource(record)
    if source.path.name.endswith(".xlsx"):
        return {}
    try:
        first = {mark: next(Source(source.path, source.encoding, mark).rows(), (1, None, "")) for mark, _ in DELIMITERS}
    except ImportFailedError:
        return {}
    return {mark: len(cells or []) for mark, (_, cells, _) in first.items()}


def refused_file(record: Import) -> Path:
    """Where all refused cells of the last check or import lie, as CSV."""
    return folder() / f"{record.stored_as}.refused.csv"
