"""Memory of the web server and the worker while four people browse: everything they hold, looked at in intervals."""

import random
import threading
import time
from contextlib import suppress
from http.client import HTTPException

import psutil

from . import lists
from .addresses import mixed_day, varied_day
from .data import Setting
from .results import Findings
from .serving import Browser, served

TITLE = "Memory while people browse"
PEOPLE, LOOKS = 4, 10


def run(setting: Setting) -> Findings:
    """Browse reports and lists, uncached and again, for some minutes."""
    client, findings = setting.client(), Findings()
    paths = mixed_day(setting.recorded) + varied_day(setting.recorded) + [path for _, path in lists.cases()]
    with served(setting.database, worker=True) as (port, children):
        end, asked, failed = time.monotonic() + 60 * setting.minutes, [], []

        def browse(number: int) -> None:
            browser, dice = Browser(port, client), random.Random(number)
            while time.monotonic() < end:
                try:
                    browser.get(dice.choice(paths), fragment=dice.random() < 0.8)
                    asked.append(1)
                except (OSError, HTTPException, AssertionError) as error:
                    failed.append(str(error))
                    browser = Browser(port, client)
                time.sleep(setting.pause)

        people = [threading.Thread(target=browse, args=[number]) for number in range(PEOPLE)]
        for person in people:
            person.start()
        seen = []
        while any(person.is_alive() for person in people):
            time.sleep(60 * setting.minutes / LOOKS)
            seen.append((len(asked), *held(children)))
    findings.tables.append(
        (
            "In intervals; the proportional size counts shared pages once",
            ["after requests", "resident, summed, MB", "proportional, MB"],
            [[f"{count:,}", f"{resident:.0f}", f"{shared:.0f}"] for count, resident, shared in seen],
        )
    )
    findings.at_most(f"web and worker, proportional, after {setting.minutes:g} minutes of browsing, {len(asked):,} requests", 400, seen[-1][2], " MB")
    findings.say("the same, resident sizes summed (shared pages counted in each process)", f"{seen[-1][1]:.0f} MB")
    findings.say("growth over the second half", f"{seen[-1][2] - seen[len(seen) // 2][2]:+.0f} MB")
    pace = f"{setting.pause:g} seconds" if setting.pause else "no time"
    findings.notes.append(f"Each of the {PEOPLE} people looks for {pace} at what came before asking again.")
    if failed:
        findings.notes.append(f"{len(failed)} requests were refused, for example: {failed[0]}.")
    return findings


def held(children: list) -> tuple[float, float]:
    """Resident and proportional memory of processes and their children, in MB."""
    resident = shared = 0
    for child in children:
        process = psutil.Process(child.pid)
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                sizes = one.memory_full_info()
                resident, shared = resident + sizes.rss, shared + sizes.pss
    return resident / 2**20, shared / 2**20
