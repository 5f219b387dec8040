"""The fragment's time at a tenth of the lines and at all of them: the same products, customers and days in two databases, turn about."""

import statistics
from functools import partial

from .addresses import named
from .data import Setting, use
from .results import Findings
from .timing import Case, answer, interleaved

TITLE = "Growth with the number of order lines"
BIGGER = "100 million lines were not measured: the data set XL needs about 100 GB of disk; `--size XL` measures them where there is room."


def run(setting: Setting) -> Findings:
    """Every named view in both data sets, in one run."""
    findings, small = Findings(), setting.smaller()
    clients = {name: setting.client(name) for name in (small, setting.database)}
    views = named(setting.recorded)

    def ask(database: str, path: str, rest: str) -> float:
        use(database)
        answer(clients[database], rest)  # what a process knows of its data set: read again after turning to it
        return answer(clients[database], path).milliseconds

    every = [
        Case(f"{database}: {name}", partial(ask, database, path, next(other for other in views.values() if other != path)))
        for database in clients
        for name, path in views.items()
    ]
    taken = interleaved(every, setting.rounds)
    use(setting.database)
    rows = []
    for name in views:
        before, after = (taken[f"{database}: {name}"].median for database in clients)
        rows.append([name, before, after, after / before])
    plain = [row for row in rows if "customer" not in row[0]]
    findings.at_most("fragment, 10 times the lines: middle of all named views", 1.5, statistics.median(row[3] for row in rows), " ×")
    findings.at_most("fragment, 10 times the lines: the view that grows most", 1.5, max(row[3] for row in rows), " ×")
    findings.at_most("fragment, 10 times the lines: the view that grows most, but for customers", 1.5, max(row[3] for row in plain), " ×")
    findings.table("Fragments uncached, medians in ms", ["view", "a tenth", "all lines", "growth"], rows)
    findings.notes.append(BIGGER)
    return findings
