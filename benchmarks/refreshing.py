"""The same refresh again while nothing changed: kept answers against the view that does nothing, in process and over HTTP; statements."""

from sales.models import Product

from .addresses import address, aligned
from .data import Setting
from .hello import PATH as HELLO
from .results import Findings
from .serving import Browser, served
from .timing import Case, answer, interleaved

TITLE = "The same refresh again, and statements"
REPEATS = 30  # requests a round: one takes a millisecond


def run(setting: Setting) -> Findings:
    """Time kept answers; count statements of uncached and kept ones at two sizes of page."""
    client, findings = setting.client(), Findings()
    period = aligned(setting.recorded)["1 year"]
    path = address(period, by="product")
    statements(findings, client, [path, address(period, by="product", per_page="100"), address(period, by="customer", compare="previous")])
    stranger = setting.client()
    stranger.cookies.clear()
    with served(setting.database) as (port, _):
        mine, theirs = Browser(port, client), Browser(port)

        def many(ask):
            return lambda: sum(ask() for _ in range(REPEATS)) / REPEATS

        tag = client.get(path, headers={"HX-Request": "true", "HX-Target": "results"})["ETag"]
        taken = interleaved(
            [
                Case("hello", many(lambda: answer(stranger, HELLO, fresh=False).milliseconds)),
                Case("hello signed in", many(lambda: answer(client, HELLO, fresh=False).milliseconds)),
                Case("again", many(lambda: answer(client, path, fresh=False).milliseconds)),
                Case("HTTP: hello", many(lambda: theirs.get(HELLO))),
                Case("HTTP: hello signed in", many(lambda: mine.get(HELLO))),
                Case("HTTP: again", many(lambda: mine.get(path))),
                Case("HTTP: 304", many(lambda: mine.get(path, more={"If-None-Match": tag}))),
            ],
            setting.rounds,
        )
    findings.at_most(
        "the same refresh again, in process, against hello (signed in, as the refresh is)", 5, ratio(taken, "again", "hello signed in"), " ×"
    )
    findings.at_most("the same refresh again, over HTTP, against hello (signed in)", 5, ratio(taken, "HTTP: again", "HTTP: hello signed in"), " ×")
    findings.say("in process, against hello of a visitor without a session", f"{ratio(taken, 'again', 'hello'):.1f} ×")
    findings.say("over HTTP, against hello of a visitor without a session", f"{ratio(taken, 'HTTP: again', 'HTTP: hello'):.1f} ×")
    findings.table("Medians and p95, ms", ["what", "median", "p95"], [[name, samples.median, samples.p95] for name, samples in taken.items()])
    return findings


def ratio(taken: dict, one: str, other: str) -> float:
    """One median as a multiple of another."""
    return taken[one].median / taken[other].median


def statements(findings: Findings, client, paths: list[str]) -> None:
    """Statements of a refresh, uncached and again; the process has answered something before."""
    answer(client, paths[0])
    uncached = [answer(client, path).statements for path in paths]
    again = []
    for path in paths:
        answer(client, path, fresh=False)
        again.append(answer(client, path, fresh=False).statements)
    findings.at_most(f"statements of a refresh, uncached (25 rows, 100 rows, compared: {uncached})", 3, max(uncached))
    findings.at_most(f"statements of a refresh, again ({again})", 1, max(again))
    findings.notes.append(f"The data set has {Product.objects.count():,} products.")
