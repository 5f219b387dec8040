"""The command that imports a file; what it prints is the import's report."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from dashboard.importing.files import Source
from dashboard.importing.maps import Map, read_map
from dashboard.imports import ImportFailedError, entities, run


class Command(BaseCommand):
    """`manage.py import_data ENTITY FILE`: docs/importing.md tells the fields, the map file and what happens to each row."""

    help = "Import a CSV, CSV.gz or XLSX file. Everything or nothing, unless --accept-refused."

    def add_arguments(self, parser):
        """Declare the words of the command."""
        parser.add_argument("entity", choices=sorted(entities()))
        parser.add_argument("file", type=Path)
        parser.add_argument("--map", type=Path, help="a TOML file that says which column is which field")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")
        parser.add_argument("--accept-refused", action="store_true", help="import the good rows although others are refused")
        parser.add_argument("--refused", type=Path, help="where the refused rows go (FILE.refused.csv)")
        parser.add_argument("--encoding", help="utf-8 unless said otherwise, like cp1252")
        parser.add_argument("--sheet", help="the sheet of an XLSX file (the first)")

    def handle(self, *args, **options):
        """Run the import and print its report; exit 1 when nothing could be imported."""
        entity, path = entities()[options["entity"]], options["file"]
        refused_file = options["refused"] or path.with_name(path.name + ".refused.csv")
        try:
            the_map = read_map(options["map"], entity) if options["map"] else Map()
            said = {word: options[word] for word in ("encoding", "sheet") if options[word]}
            source = Source(**{"path": path, **the_map.file, **said})
            report = run(entity, source, the_map, dry_run=options["dry_run"], accept_refused=options["accept_refused"], refused_file=refused_file)
        except ImportFailedError as error:
            raise CommandError(str(error)) from None
        self.print_report(report, refused_file, dry_run=options["dry_run"])
        if report.refused and not report.applied and not options["dry_run"]:
            raise CommandError(f"Nothing was changed. Correct the file, or say --accept-refused to import the other {report.good:,} rows.")

    def print_report(self, report, refused_file: Path, *, dry_run: bool) -> None:
        """Print what became of every row, and everything a person should know about the reading."""
        counts = report.counts
        if report.applied or dry_run:
            self.stdout.write(f"created {counts.created:,}, updated {counts.updated:,}, unchanged {report.unchanged:,}, refused {report.refused:,}")
        else:
            self.stdout.write(f"created 0, updated 0, unchanged 0, refused {report.refused:,} of {report.reading.rows:,}")
        for remark in report.remarks():
            self.stdout.write(remark)
        if report.refused:
            self.stdout.write(f"refused rows with line, field, value and reason: {refused_file}")
        if dry_run:
            self.stdout.write("dry run: nothing was changed")
