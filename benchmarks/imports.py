"""An import of a million lines with everything that belongs to it: into a new company, and beside what is there."""

import tempfile
import time
from pathlib import Path

from dashboard.importing.files import Source
from dashboard.imports import entities
from dashboard.imports import run as import_file
from sales import rollups

from . import child
from .data import Setting, drop, empty, use
from .import_file import ROWS, make_file
from .results import Findings

TITLE = "Import of 1,000,000 lines"


def run(setting: Setting) -> Findings:
    """Once each: an import cannot be repeated."""
    findings, count = Findings(), ROWS // 50 if setting.quick else ROWS
    with tempfile.TemporaryDirectory() as folder:
        file = str(make_file(Path(folder) / "sales.csv", count))
        new = empty("bench_new")
        measure(findings, f"{count:,} lines into a new company", new, file)
        drop(new)
        measure(findings, f"{count:,} lines beside those of the data set", setting.scratch(), file)
    return findings


def measure(findings: Findings, name: str, database: str, file: str) -> None:
    """Import in a process of its own, then prove the summaries."""
    found = child.call(database, "imports.imported", file)
    use(database)
    findings.at_most(f"import of {name}", 60, found["seconds"], " s")
    findings.at_most(f"import of {name}: memory of the process at the peak", 300, found["peak"], " MB")
    findings.at_most(f"import of {name}: rows wrong at once afterwards", 0, len(rollups.broken()))
    findings.say(f"import of {name}: created", f"{found['created']:,} lines; {found['before']:.0f} MB before it began")


def imported(file: str) -> dict:
    """Import a file as the command does: seconds with the summaries, memory in MB, lines made."""
    entity, before = entities()["sales"], child.memory("VmRSS")
    child.forget_peak()
    started = time.perf_counter()
    report = import_file(entity, Source(Path(file)))
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "peak": child.memory("VmHWM"), "before": before, "created": report.counts.created}
