"""The background half of the import page: checking a file and importing it. The engine is imports.py; here is only what the page must know."""

import csv
from contextlib import suppress
from itertools import islice

from django.db import transaction
from django.tasks import task

from .import_files import ImportSource, Progress, folder
from .importing import ImportFailedError
from .importing.maps import make_map
from .imports import entities, run
from .models import Import, ImportProblem, ImportState

MOST_PROBLEMS = 10_000  # kept for the page; the count is exact all the same


@task()
def check_import(pk: int) -> None:
    """Read the whole file, say what would happen to every row, and change nothing."""
    work(pk, ImportState.CHECKED, dry_run=True)


@task()
def apply_import(pk: int, *, accept_refused: bool) -> None:
    """Import the file in one transaction: all of it, or nothing where rows are refused that nobody agreed to leave out."""
    work(pk, ImportState.DONE, accept_refused=accept_refused)


def work(pk: int, goal: str, **options) -> None:
    """Run the engine for an import. Its state and its rows change in the same transaction: the page never says done before they are."""
    record = Import.objects.select_related("user").get(pk=pk)
    if record.state == ImportState.DONE:
        return  # a task whose worker was killed after the commit comes a second time
    refused_file = folder() / f"{record.stored_as}.refused.csv"

    def finish(report, change):
        record.result, record.error, record.state = result_of(report), "", goal if report.applied or options.get("dry_run") else ImportState.CHECKED
        if report.applied:
            record.change = change
        if not options.get("dry_run"):
            record.save(update_fields=["result", "error", "state", "change"])

    try:
        with Progress(record) as progress:
            entity = entities()[record.entity]
            source = ImportSource(record, progress)
            source_map = make_map(record.words, entity)
            run(entity, source, source_map, user=record.user, refused_file=refused_file, finish=finish, **options)
            progress.tell(record.result["rows"])
        settle(record, refused_file)
    except ImportFailedError as error:
        record.state, record.error = ImportState.FAILED, str(error)
        record.save(update_fields=["state", "error"])
    finally:
        with suppress(FileNotFoundError):
            refused_file.unlink()


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


def settle(record: Import, refused_file) -> None:
    """Keep the refused cells for the page, and the state of a check."""
    with transaction.atomic():
        record.problems.all().delete()
        if refused_file.exists():
            ImportProblem.objects.bulk_create(problems_of(record, refused_file), batch_size=1_000)
        Import.objects.filter(pk=record.pk).update(state=record.state, result=record.result, error="")


def problems_of(record: Import, refused_file):
    """Read the engine's file of refused cells, as many as the page keeps."""
    with refused_file.open(encoding="utf-8", newline="") as stream:
        for row in islice(csv.DictReader(stream), MOST_PROBLEMS):
            yield ImportProblem(source=record, **row)
