"""How anything is timed: cases turn about in random order, medians and percentiles of the rounds, and what a request spends on SQL."""

import math
import random
import re
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import unescape

from django.core.cache import cache
from django.db import connection
from django.test import Client

FRAGMENT = {"HX-Request": "true", "HX-Target": "results"}
FIGURES = FRAGMENT | {"HX-Target": "late"}
LATE = re.compile(rb'id="late"[^>]*data-hx-get="([^"]*)"')


@dataclass(frozen=True)
class Case:
    """One thing to time. `run` gives the milliseconds itself, or None to have the whole call timed.

    At `most` so many rounds where it is slow; `warm` where it was run before.
    """

    name: str
    run: Callable[[], float | None]
    most: int = 1_000
    warm: bool = False


class Samples(list):
    """Milliseconds of one case."""

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self)

    @property
    def p95(self) -> float:
        """The 95th of 100, by rank."""
        return percentile(self, 0.95)


def percentile(samples: Iterable[float], share: float) -> float:
    """The sample at a rank."""
    ordered = sorted(samples)
    return ordered[math.ceil(share * len(ordered)) - 1]


def interleaved(cases: Iterable[Case], rounds: int) -> dict[str, Samples]:
    """Time the cases `rounds` times, each round in another order, after one round that does not count."""
    cases, dice = list(cases), random.Random(1)
    taken = {case.name: Samples() for case in cases}
    for case in cases:
        if not case.warm:
            case.run()
    for number in range(rounds):
        turn = [case for case in cases if number < case.most]
        dice.shuffle(turn)
        for case in turn:
            taken[case.name].append(timed(case.run))
    return taken


def timed(run: Callable[[], float | None]) -> float:
    """Milliseconds of a call, or those that it measured itself."""
    started = time.perf_counter()
    own = run()
    return (time.perf_counter() - started) * 1000 if own is None else own


class Stopwatch:
    """Counts the statements of a request, and the milliseconds they took."""

    def __init__(self):
        self.count, self.spent, self.texts = 0, 0.0, []

    def __call__(self, execute, sql, params, many, context):
        """Run one statement."""
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.count += 1
            self.texts.append(sql)
            self.spent += (time.perf_counter() - started) * 1000


@dataclass(frozen=True)
class Answer:
    """One answered request: milliseconds in all and of its SQL, its statements and their number, and where the figures that follow it come from."""

    milliseconds: float
    sql: float
    statements: int
    texts: list[str]
    late: str


def answer(client: Client, path: str, *, headers: Mapping[str, str] = FRAGMENT, fresh=True, data: dict | None = None, status: int = 200) -> Answer:
    """Ask in process; `fresh` forgets kept answers before, `data` posts it. Any other status than the one expected is an error."""
    if fresh:
        cache.clear()
    stopwatch = Stopwatch()
    started = time.perf_counter()
    with connection.execute_wrapper(stopwatch):
        response = client.get(path, headers=headers) if data is None else client.post(path, data, headers=headers)
        body = b"".join(response)
    took = (time.perf_counter() - started) * 1000
    if response.status_code != status:
        raise AssertionError(f"{path}: {response.status_code} instead of {status}")
    late = LATE.search(body)
    return Answer(took, stopwatch.spent, stopwatch.count, stopwatch.texts, unescape(late[1].decode()) if late else "")
