"""Imports a small invented file inside a test: text in, report and refusals out."""

import csv
from pathlib import Path

from dashboard.importing.files import Source
from dashboard.importing.maps import Map, read_map
from dashboard.imports import entities, run


class Desk:
    """Files laid on it are imported: desk.bring("customers", text)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.refused_file = folder / "refused.csv"

    def write(self, content: str | bytes, name: str = "file.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def bring(self, entity: str, content: str | bytes | Path, the_map: str = "", **options):
        kind = entities()[entity]
        words = read_map(self.write(the_map, "map.toml"), kind) if the_map else Map()
        path = content if isinstance(content, Path) else self.write(content)
        self.refused_file.unlink(missing_ok=True)
        return run(kind, Source(path, **words.file), words, refused_file=self.refused_file, **options)

    def refusals(self) -> list[tuple[int, str, str, str]]:
        """What the refused file says: line, field, value, reason."""
        if not self.refused_file.exists():
            return []
        with self.refused_file.open(encoding="utf-8", newline="") as stream:
            return [(int(row["line"]), row["field"], row["value"], row["reason"]) for row in csv.DictReader(stream)]


def outcome(report) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, refused."""
    return report.counts.created, report.counts.updated, report.unchanged, report.refused
