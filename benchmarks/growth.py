"""The fragment's time at a tenth of the lines, at all of them, and at five times as many: the same products, customers and days, turn about."""

import statistics
from collections.abc import Iterable
from functools import partial

from .addresses import named
from .data import BIGGER, OURS, Setting, exists, use
from .results import Findings
from .timing import FIGURES, Answer, Case, answer, interleaved

TITLE = "Growth with the number of order lines"
NOT_MEASURED = (
    "More lines were not measured: `--size 50M` (some 45 GB of disk) or `--size XL` (some 90 GB) makes such a data set, which this finds then."
)


def run(setting: Setting) -> Findings:
    """Every named view in all data sets, in one run; and the figures that follow such views."""
    findings, small, large = Findings(), setting.smaller(), f"{OURS}{BIGGER.lower()}"
    databases = [small, setting.database, *([large] if exists(large) and large != setting.database else [])]
    clients = {name: setting.client(name) for name in databases}
    views = named(setting.recorded)

    def ask(database: str, path: str, rest: str) -> Answer:
        use(database)
        answer(clients[database], rest)  # what a process knows of its data set: read again after turning to it
        return answer(clients[database], path)

    def time(database: str, path: str, rest: str) -> float:
        return ask(database, path, rest).milliseconds

    def follow(database: str, path: str, rest: str) -> float:
        return answer(clients[database], ask(database, path, rest).late or f"{path}&late=yes", headers=FIGURES).milliseconds

    rests = {name: next(other for other in views.values() if other != path) for name, path in views.items()}
    every = [Case(f"{one}: {name}", partial(time, one, path, rests[name])) for one in databases for name, path in views.items()]
    late = [name for name, path in views.items() if ask(setting.database, path, rests[name]).late]
    every += [Case(f"{one}: {name}, what follows", partial(follow, one, views[name], rests[name])) for one in databases for name in late]
    taken = interleaved(every, setting.rounds)
    use(setting.database)
    for before, after, times in zip(databases, databases[1:], (10, 5), strict=False):
        compare(
            findings, f"fragment, {times} times the lines", [[taken[f"{one}: {name}"].median for one in (before, after)] for name in views], views
        )
    heads = ["1M lines", f"{setting.lines / 1e6:.0f}M lines", f"{BIGGER} lines"][: len(databases)]
    rows = [[name, *(taken[f"{one}: {name}"].median for one in databases)] for name in [*views, *(f"{name}, what follows" for name in late)]]
    findings.table("Fragments uncached, medians in ms", ["view", *heads], rows)
    if large not in databases:
        findings.notes.append(NOT_MEASURED)
    return findings


def compare(findings: Findings, what: str, medians: list[list[float]], views: Iterable[str]) -> None:
    """The goals from one data set to the next."""
    growth = {name: after / before for name, (before, after) in zip(views, medians, strict=True)}
    most = max(growth, key=growth.get)
    findings.at_most(f"{what}: middle of all named views", 1.5, statistics.median(growth.values()), " ×")
    findings.at_most(f"{what}: the view that grows most ({most})", 1.5, growth[most], " ×")
