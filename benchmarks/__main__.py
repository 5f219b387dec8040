"""The one command: builds or reuses a data set, runs the topics, prints what they found and keeps it in RESULTS.md."""

import argparse
import os
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")

import django

django.setup(set_prefix=False)

from django.core.management import call_command
from django.db import connection

from dashboard import gunicorn, postgres

from . import browsing, bulk, downloads, growth, imports, lists, memory, refreshing, rendering, reports, results, upkeep, writers
from .data import BIGGER, OURS, Setting, ready, use

# What writes comes last, into a copy: first what needs it as it was.
TOPICS = {
    "reports": reports,
    "browsing": browsing,
    "refreshing": refreshing,
    "growth": growth,
    "lists": lists,
    "rendering": rendering,
    "downloads": downloads,
    "memory": memory,
    "upkeep": upkeep,
    "bulk": bulk,
    "writers": writers,
    "imports": imports,
}


def main() -> None:
    """Run what was asked for."""
    options = arguments()
    postgres.hold()
    call_command("collectstatic", interactive=False, verbosity=0)
    name = ready(options.size, options.database or f"{OURS}{options.size.lower()}")
    gunicorn.collect_less()
    rounds = options.rounds or (2 if options.quick else 7)
    setting = Setting(options.size, name, rounds, options.quick, options.minutes or (0.3 if options.quick else 3), options.pause)
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    about = f"{setting.lines:,} order lines ({setting.recorded.label}), {rounds} rounds"
    print(f"{results.machine()}, PostgreSQL {version}\n{about}", flush=True)
    try:
        for topic in options.only or TOPICS:
            started, load = time.perf_counter(), os.getloadavg()[1]
            use(setting.database)
            findings = TOPICS[topic].run(setting)
            findings.notes += [setting.notes.pop() for _ in range(len(setting.notes))]
            print(f"\n## {TOPICS[topic].TITLE} ({time.perf_counter() - started:.0f} s)\n\n{results.as_text(findings)}", flush=True)
            if not options.quick:
                results.keep(topic, TOPICS[topic].TITLE, findings, f"{about}, load average {load:.1f} at the start")
                results.write(list(TOPICS), version)
    finally:
        setting.close()


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Tallyboard; README.md beside this says how to read it.")
    parser.add_argument("--size", choices=("S", "M", "L", BIGGER, "XL"), default="L", help="the sample company to measure (default: L)")
    parser.add_argument("--database", default="", help="an existing database of the cluster in DATA_DIR that holds this sample company")
    parser.add_argument("--only", nargs="+", choices=TOPICS, help="some topics alone; the others keep their last results")
    parser.add_argument("--rounds", type=int, default=0, help="rounds of each case (default: 7)")
    parser.add_argument("--minutes", type=float, default=0, help="how long the memory of the servers is watched (default: 3)")
    parser.add_argument("--pause", type=float, default=0, help="seconds that each of them looks at what came (default: none)")
    parser.add_argument("--quick", action="store_true", help="few rounds and small files, to see that everything runs; nothing is kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
