"""A mixed day of browsing: every report fragment uncached, against its own SQL; and the same refresh again while nothing changed."""

from sales.measures import DIMENSIONS

from .addresses import mixed_day, varied_day
from .data import Setting
from .results import Findings
from .timing import FIGURES, Case, Samples, answer, interleaved, percentile

TITLE = "A mixed day of browsing, uncached"
TWICE, MORE = 2, 5  # the goal: twice its SQL and five milliseconds


def run(setting: Setting) -> Findings:
    """Ask every address in each round."""
    client, findings, kept = setting.client(), Findings(), {}
    plain, varied = mixed_day(setting.recorded), varied_day(setting.recorded)

    def asked(path):
        def ask() -> float:
            took = answer(client, path)
            kept.setdefault(path, []).append(took)
            return took.milliseconds

        return ask

    taken = interleaved([Case(path, asked(path)) for path in dict.fromkeys([*plain, *varied])], setting.rounds)
    report(findings, "all dimensions", taken, kept, plain)
    report(findings, "all but customers", taken, kept, [path for path in plain if "by=customer" not in path])
    report(findings, "with a filter, sort or page", taken, kept, varied)
    findings.table("By dimension, ms", ["dimension", "cases", "median", "p95", "slowest case"], [by_dimension(by, taken) for by in DIMENSIONS])
    worst = sorted(taken, key=lambda path: -taken[path].median)[:10]
    rows = [[f"`{path}`", taken[path].median, Samples(took.sql for took in kept[path]).median] for path in worst]
    findings.table("The slowest cases, medians in ms", ["address", "fragment", "its SQL"], rows)
    following(findings, client, {path: answers[-1].late for path, answers in kept.items() if answers[-1].late}, setting.rounds)
    return findings


def following(findings: Findings, client, late: dict[str, str], rounds: int) -> None:
    """What pages leave out because it has to be counted on the order lines, and ask for as soon as they are there."""
    taken = interleaved(
        [Case(path, lambda address=address: answer(client, address, headers=FIGURES).milliseconds) for path, address in late.items()], rounds
    )
    if taken:
        worst = max(taken, key=lambda path: taken[path].median)
        findings.say("addresses with figures that follow their page, by fragments of their own", f"{len(taken)} of all {len(DIMENSIONS) * 9}")
        findings.say(
            "such figures: middle and slowest, by median", f"{Samples(s.median for s in taken.values()).median:.0f} and {taken[worst].median:.0f} ms"
        )


def report(findings: Findings, which: str, taken: dict[str, Samples], kept: dict, paths: list[str]) -> None:
    """The goals over some of the addresses."""
    every = [sample for path in paths for sample in taken[path]]
    worst = max(paths, key=lambda path: taken[path].median)
    findings.at_most(f"uncached fragment, {which}, {len(paths)} addresses: p95", 60, percentile(every, 0.95), " ms")
    findings.at_most(f"uncached fragment, {which}: slowest case, by median", 120, taken[worst].median, " ms")
    findings.say(f"uncached fragment, {which}: slowest single answer", f"{max(every):.0f} ms")
    within = sum(is_lean(kept[path]) for path in paths) / len(paths)
    findings.at_least(f"uncached fragment, {which}: share of addresses within 2 × own SQL + 5 ms", 1.0, within)
    statements = sorted({took.statements for path in paths for took in kept[path][1:]})
    findings.say(f"uncached fragment, {which}: statements", ", ".join(map(str, statements)))
    findings.notes.append(f"Slowest, {which}: `{worst}`.")


def is_lean(answers: list) -> bool:
    """Whether the median answer keeps to twice its own SQL and five milliseconds."""
    return Samples(took.milliseconds - TWICE * took.sql for took in answers).median <= MORE


def by_dimension(by: str, taken: dict[str, Samples]) -> list:
    """One dimension's row."""
    mine = {path: samples for path, samples in taken.items() if f"by={by}&" in f"{path}&"}
    every = Samples(sample for samples in mine.values() for sample in samples)
    return [by, len(mine), every.median, every.p95, max(samples.median for samples in mine.values())]
