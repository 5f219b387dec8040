"""Imports: plan a file's columns, stage its rows, check them, apply them in one transaction, report. Entities live in each app's imports.py."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db import DataError, IntegrityError, connection, transaction
from django.utils.module_loading import autodiscover_modules

from . import importing
from .changes import change_set
from .exports import harmless
from .importing.files import Source
from .importing.kinds import NUMBER, Kind
from .importing.maps import Map, Reading, make_plan, staged_rows
from .importing.stage import TABLE, Stage
from .models import ChangeSet

ImportFailedError = importing.ImportFailedError


@dataclass(frozen=True)
class Field:
    """A field of an entity: what its cells hold and by which headers it is known. A required field has a column and no empty cell."""

    name: str
    kind: Kind
    required: bool = False
    synonyms: tuple[str, ...] = ()


@dataclass
class Counts:
    """What an import did to the rows it is about, and beside them: `also` counts parents made, `notes` are sentences."""

    created: int = 0
    updated: int = 0
    removed: int = 0
    also: Counter = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Entity:
    """Something files are about. `check` adds problems to staged rows, `apply` writes those without, `after` runs once all is committed.

    `settle` is the last that a transaction does with its rows before they are kept: what it locks, others wait for until the commit.
    `needs`: groups of fields of which one must be given; `exclusive`: groups of which at most one may be. `options` are sections
    of a map file that only this entity knows.
    """

    name: str
    fields: tuple[Field, ...]
    check: Callable[[Stage], None]
    apply: Callable[[Stage], Counts]
    needs: tuple[tuple[str, ...], ...] = ()
    exclusive: tuple[tuple[str, ...], ...] = ()
    options: tuple[str, ...] = ()
    settle: Callable[[], object] | None = None
    after: Callable[[], object] | None = None

    def __str__(self):
        return self.name.replace("_", " ")


_entities: dict[str, Entity] = {}


def register(*entities: Entity) -> None:
    """Make entities known by their names."""
    _entities.update({entity.name: entity for entity in entities})


def entities() -> dict[str, Entity]:
    """Return every entity by its name."""
    autodiscover_modules("imports")
    return dict(_entities)


@dataclass
class Report:
    """What an import did, or would do: every row of the file was created, updated, unchanged or refused."""

    entity: Entity
    file: str
    refused: int
    counts: Counts
    unused: tuple[str, ...]
    reading: Reading
    applied: bool

    @property
    def unchanged(self) -> int:
        """Rows that were there already, or that repeat an earlier row of the file."""
        return self.good - self.counts.created - self.counts.updated

    @property
    def good(self) -> int:
        """Rows that were not refused."""
        return self.reading.rows - self.refused

    @property
    def changes(self) -> int:
        """How many rows of the database changed, those beside the entity's own included."""
        return self.counts.created + self.counts.updated + self.counts.removed + self.counts.also.total()

    @property
    def sentence(self) -> str:
        """The import in words, as the change log keeps it."""
        done = [f"{number:,} {word}" for word in ("created", "updated", "removed") if (number := getattr(self.counts, word))]
        return f"imported {self.entity} from {self.file}: {', '.join(done) or 'nothing new'}"

    def remarks(self) -> Iterator[str]:
        """What a person should know beside the numbers, a sentence each."""
        if self.counts.removed:
            yield f"removed {self.counts.removed:,}: in the database, no longer in the file"
        yield from (f"{words}: {number:,}" for words, number in self.counts.also.items() if number)
        yield from self.counts.notes
        yield from (f"{name}: outer blanks taken off {number:,} cells" for name, number in self.reading.trimmed.items())
        for (name, form), number in self.reading.readings.items():
            yield f"{name}: {number:,} refused dates can be read as {form}; a map's [formats] can say so"
        if self.unused:
            yield f"columns not used: {', '.join(self.unused)}"


def run(
    entity: Entity,
    source: Source,
    the_map: Map | None = None,
    *,
    user=None,
    dry_run: bool = False,
    accept_refused: bool = False,
    refused_file: Path | None = None,
    finish: Callable[[Report, ChangeSet], None] | None = None,
    step: Callable[[str], None] = lambda name: None,
) -> Report:
    """Import a file in one transaction: all of it, or nothing when rows are refused and `accept_refused` was not said.

    A dry run does everything and takes it back, so its numbers are those of the real one. Refused rows go to `refused_file`.
    `finish` is called with the report and the change set inside the transaction: what it writes is kept if and only if the rows are.
    `step` is told when comparing, writing and adding up begin; whatever it raises ends the import without a trace.
    Raises ImportFailedError when the file or the map cannot be used at all.
    """
    rows = source.rows()
    header = next(rows, None)
    if header is None or header[1] is None:
        raise ImportFailedError(f"{source.name} has no header" + (f": {header[2]}" if header else ", it is empty."))
    the_map = the_map or Map()
    plan = make_plan(entity, header[1], the_map)
    reading = Reading()
    try:
        with transaction.atomic():
            with change_set(user, "import.applied", "") as change:
                stage = Stage(entity, plan)
                stage.copy(staged_rows(plan, rows, reading))
                step("comparing")
                entity.check(stage)
                refused = stage.one(f"SELECT count(*) FROM {TABLE} WHERE problems IS NOT NULL")  # noqa: S608 - a constant
                if refused and refused_file:
                    write_refused(refused_file)
                step("writing")
                willing = dry_run or accept_refused or not refused
                counts = entity.apply(stage) if willing else Counts()
                report = Report(entity, source.name, refused, counts, plan.unused, reading, applied=willing and not dry_run)
                change.count, change.sentence = report.changes, report.sentence
                if report.applied and report.changes and entity.settle:
                    step("adding")
                    entity.settle()
                if finish:
                    finish(report, change)
            if not report.applied:
                transaction.set_rollback(True)
    except (IntegrityError, DataError) as error:
        said = error.__cause__.diag.message_primary if error.__cause__ else str(error)
        raise ImportFailedError(f"The database refused what {source.name} says, and nothing was changed: {said}.") from error
    if report.applied and report.changes and entity.after:
        entity.after()
    return report


def write_refused(path: Path) -> None:
    """Write every problem of the staged rows as line, field, value and reason, in the order of the file."""
    problems = f"""
        COPY (
            SELECT s.line, p ->> 'field', p ->> 'value', p ->> 'reason' FROM {TABLE} s, jsonb_array_elements(s.problems) WITH ORDINALITY AS x (p, n)
            WHERE s.problems IS NOT NULL ORDER BY s.line, x.n
        ) TO STDOUT
    """  # noqa: S608 - a constant
    with path.open("w", encoding="utf-8", newline="") as stream, connection.cursor() as cursor, cursor.copy(problems) as copy:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("line", "field", "value", "reason"))
        for row in copy.rows():
            writer.writerow([cell if NUMBER.fullmatch(cell) else harmless(cell) for cell in row])
