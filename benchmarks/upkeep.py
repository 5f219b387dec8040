"""Rebuild of everything, and the proof that all of it equals the order lines: seconds, in a copy; and the refresh of one day."""

from datetime import timedelta

from django.db import connection

from sales import rollups
from sales.models import OrderLine

from .data import Setting, use
from .results import Findings
from .timing import Samples, timed

TITLE = "Rebuild, verify, refresh"
ROUNDS = 3  # each takes a minute


def run(setting: Setting) -> Findings:
    """In turn, a few times; the proof has to find nothing."""
    findings, database = Findings(), setting.scratch()
    use(database)
    rebuild, verify, wrong = Samples(), Samples(), []
    for _ in range(min(setting.rounds, ROUNDS)):
        rebuild.append(timed(lambda: rollups.rebuild() and None) / 1000)
        verify.append(timed(lambda: wrong.extend(rollups.broken())) / 1000)
    lines = OrderLine.objects.count()
    findings.at_most(f"rebuild of everything, {lines:,} lines (median of {len(rebuild)})", 90, rebuild.median, " s")
    findings.at_most(f"verify of everything, {lines:,} lines (median of {len(verify)})", 45, verify.median, " s")
    findings.at_most("rows that verify found wrong", 0, len(wrong))
    day, took = setting.recorded.last - timedelta(days=5), Samples()
    for _ in range(setting.rounds):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO sales_summarymark (day) VALUES (%s)", [day])
        took.append(timed(lambda: rollups.refresh() and None))
    findings.say("refresh of one day, median", f"{took.median:.0f} ms")
    return findings
