"""`manage.py rollups verify|rebuild|refresh`: proves that the summaries equal the facts, or makes them so."""

import time
from datetime import date

from django.core.management.base import BaseCommand, CommandError

from dashboard.periods import Period
from sales import rollups


class Command(BaseCommand):
    """See the module; `--from` and `--to` are days, both inclusive."""

    help = "Summaries of sales: verify that they equal the facts, rebuild them, or refresh what changed."

    def add_arguments(self, parser):
        """One action and its days."""
        parser.add_argument("action", choices=["verify", "rebuild", "refresh"])
        parser.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DAY", help="first day, as 2026-11-01")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DAY", help="last day")

    def handle(self, *args, action, first, last, **options):
        """Do it and say how long it took; exit 1 when verify finds differences."""
        period = self._period(first, last)
        started = time.monotonic()
        if action == "verify":
            self._verify(period)
        else:
            days = rollups.rebuild(period) if action == "rebuild" else rollups.refresh()
            self.stdout.write(f"{days} days recomputed in {time.monotonic() - started:.1f} s.")

    def _period(self, first, last):
        if (first is None) != (last is None):
            raise CommandError("Give both --from and --to, or neither.")
        if first and last < first:
            raise CommandError("--to lies before --from.")
        return Period.of_days(first, last) if first else None

    def _verify(self, period):
        broken = rollups.broken(period)
        for sentence in broken:
            self.stdout.write(sentence)
        if broken:
            raise CommandError(f"{len(broken)} differences. `rollups rebuild` puts them right.")
        waiting = rollups.marked_days()
        self.stdout.write("The summaries equal the facts." + (f" {waiting} changed days wait for a refresh." if waiting else ""))
