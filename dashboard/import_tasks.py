"""The background half of the import page: checking a file and importing it. The engine is imports.py; here is only what the page must know."""

import csv
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.tasks import task

from .import_files import ImportSource, refused_file
from .importing import ImportFailedError
from .importing.maps import make_map
from .imports import entities, run
from .models import Import, ImportProblem, ImportState
from .progress import Progress, StoppedError

MOST_PROBLEMS = 10_000  # kept for the page; the count is exact all the same, and the download has all
WAITING = {ImportState.CHECKED: ImportState.CHECKING, ImportState.DONE: ImportState.IMPORTING}  # goal: the state in which it is worked for


@task()
def check_import(pk: int) -> None:
    """Read the whole file, say what would happen to every row, and change nothing."""
    work(pk, ImportState.CHECKED)


@task()
def apply_import(pk: int, *, accept_refused: bool) -> None:
    """Import the file in one transaction: all of it, or nothing where rows are refused that nobody agreed to leave out."""
    work(pk, ImportState.DONE, accept_refused=accept_refused)


def work(pk: int, goal: str, **options) -> None:
    """Run the engine for an import. Its state and its rows change in the same transaction: the page never says done before they are.

    Only what the page waits for is done: a task that comes a second time, after its worker was killed, or after somebody changed his
    mind, finds another state and leaves it.
    """
    record, waiting = Import(pk=pk), WAITING[goal]
    with Progress(record) as progress:
        record = Import.objects.select_related("user").get(pk=pk)
        if record.state != waiting:
            return
        try:
            run_engine(record, progress, goal, **options)
        except StoppedError:
            back = ImportState.CHECKED if waiting == ImportState.IMPORTING else ImportState.DRAFT
            Import.objects.filter(pk=pk).update(state=back, error="Stopped. Nothing was changed.")
        except ImportFailedError as error:
            Import.objects.filter(pk=pk).update(state=ImportState.FAILED, error=str(error))


def run_engine(record: Import, progress: Progress, goal: str, **options) -> None:
    """Check or import the file, and keep what the page shows of it."""
    dry_run = goal == ImportState.CHECKED

    def finish(report, change):
        record.result, record.error, record.state = result_of(report), "", goal if report.applied or dry_run else ImportState.CHECKED
        if report.applied:
            record.change = change
        if not dry_run:
            record.save(update_fields=["result", "error", "state", "change"])

    entity = entities()[record.entity]
    refused = refused_file(record)
    refused.unlink(missing_ok=True)
    run(
        entity,
        ImportSource(record, progress),
        make_map(record.words, entity),
        user=record.user,
        dry_run=dry_run,
        refused_file=refused,
        finish=finish,
        step=lambda name: progress.tell(step=name),
        **options,
    )
    settle(record, refused)


def result_of(report) -> dict:
    """What the page shows of a report."""
    readings = [{"field": name, "format": form, "rows": rows} for (name, form), rows in report.reading.readings.most_common()]
    return {
        "rows": report.reading.rows,
        "created": report.counts.created,
        "updated": report.counts.updated,
        "unchanged": report.unchanged,
        "refused": report.refused,
        "remarks": list(report.remarks()),
        "readings": readings,
    }


def settle(record: Import, refused: Path) -> None:
    """Keep the refused cells for the page, and the state of a check."""
    with transaction.atomic():
        record.problems.all().delete()
        if refused.exists():
            ImportProblem.objects.bulk_create(problems_of(record, refused), batch_size=1_000)
        Import.objects.filter(pk=record.pk).update(state=record.state, result=record.result, error="")


def problems_of(record: Import, refused: Path):
    """Read the engine's file of refused cells, as many as the page keeps."""
    with refused.open(encoding="utf-8", newline="") as stream:
        for row in islice(csv.DictReader(stream), MOST_PROBLEMS):
            yield ImportProblem(source=record, **row)
