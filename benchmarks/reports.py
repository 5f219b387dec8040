"""Named reports in every way there is: by hand on lines, by hand on summaries, in DuckDB, our own statement, our fragment and our page."""

from dataclasses import replace
from unittest import mock

from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from dashboard.periods import Period
from sales import asking
from sales.customer_packs import Ranking
from sales.known import Known, Recorded
from sales.questions import Page, Sums
from sales.report_filters import SalesFilter
from sales.reports import NOW, Report
from sales.scope import Scope

from . import answers, duck
from .addresses import NAMED_DIMENSIONS, REPORT, address, aligned, named
from .data import Setting
from .hello import PATH as HELLO
from .results import Findings
from .timing import FRAGMENT, Case, Samples, answer, interleaved

TITLE = "Reports: lines, summaries, DuckDB, fragment and page"
SLOW = 3  # rounds of what takes seconds and has no goal
YEAR_ONLY = ("tier",)
WAYS = ("lines", "summary", "ours", "DuckDB")


def run(setting: Setting) -> Findings:
    """Time everything in one run, after checking that all ways agree."""
    findings, cases, equal = Findings(), [], 0
    periods, store = aligned(setting.recorded), duck.opened(setting.database, setting.lines)
    for name, period in periods.items():
        for by in (*NAMED_DIMENSIONS, *(YEAR_ONLY if name == "1 year" else ())):
            made = ways(name, period, by, answers.DEFAULT, store)
            equal += agree(made, f"{name}, {by}")
            cases += [Case(f"{way}: {name}, {by}", work, rounds(way, name, by), warm=True) for way, work in made.items()]
    for name in periods:
        made = ways(name, periods[name], "product", answers.THREE, store)
        equal += agree(made, f"{name}, product, three sums")
        cases += [Case(f"{way}, three sums: {name}, product", work, warm=True) for way, work in made.items()]
    cases += customers(periods["1 year"])
    client, views, spent = setting.client(), named(setting.recorded), {}
    cases.append(Case("hello", lambda: answer(client, HELLO).milliseconds))
    for name, path in views.items():
        for kind in ("fragment", "page"):
            cases.append(Case(f"{kind}: {name}", asked(client, path, kind == "fragment", spent.setdefault(f"{kind}: {name}", []))))
    taken = interleaved(cases, setting.rounds)
    findings.notes.append(f"{equal} sets of figures were compared before anything was timed: lines, summary, our statement and DuckDB agree in each.")
    goals(findings, taken)
    tables(findings, taken, views, spent)
    store.close()
    return findings


def rounds(way: str, name: str, by: str) -> int:
    """All of them where there is a goal; few where a case takes seconds and has none."""
    goal = (by == "product" and name != "1 month") or (name == "1 year" and by in ("category", "channel", "month", "tier"))
    return SLOW if way == "lines" and not goal and name != "1 month" else 1_000


def ways(name: str, period: Period, by: str, columns: tuple[str, ...], store) -> dict:
    """The ways to the same figures; each call returns its rows."""
    question, ranking = our_question(by, period, columns)
    texts = [build(by, period, columns) for build in (answers.on_facts, answers.on_summary, duck.sql)]
    return {
        "lines": Rows(lambda: answers.by_key(answers.fetched(texts[0]))),
        "summary": Rows(lambda: answers.by_key(answers.fetched(texts[1]))),
        "DuckDB": Rows(lambda: answers.by_key(store.execute(texts[2]).fetchall())),
        "ours": Rows(lambda: ours(question, ranking, by, columns)),
    }


class Rows:
    """A call whose answer can be looked at, and which as a case is timed as a whole."""

    def __init__(self, rows):
        self.rows = rows

    def __call__(self) -> None:
        """Ask, and forget the answer."""
        self.rows()


def agree(made: dict, name: str) -> int:
    """Ask in every way; all must give the same. The number of answers compared."""
    found = {way: work.rows() for way, work in made.items()}
    for way, rows in found.items():
        if rows != found["lines"]:
            raise AssertionError(f"{name}: {way} and lines disagree")
    return len(found)


def our_question(by: str, period: Period, columns: tuple[str, ...]) -> tuple[Page | Sums, Ranking | None]:
    """What the page asks for its rows, with these columns: overheard where the database is asked. Customers are ranked before."""
    _, _, query = address(period, by=by).partition("?")
    form = SalesFilter(QueryDict(query), REPORT, Known.read())
    if not form.is_valid():
        raise AssertionError(form.errors)
    report = Report(Scope.read(form, today=timezone.localdate()))
    report.columns = frozenset(columns) | {"lines"}
    with mock.patch.object(asking, "ask", wraps=asking.ask) as heard:
        report.rows(per_page=25)
    return next(question for question in heard.call_args.args[0].values() if not isinstance(question, Recorded)), report._ranking


def ours(question: Page | Sums, ranking: Ranking | None, by: str, columns: tuple[str, ...]) -> dict:
    """The rows of our statement, as the page asks it; with the ranking, where there is one."""
    if ranking:
        question = replace(question, chosen=ranking.page(question.offset, question.limit))
    rows = asking.ask({"rows": question})[0]["rows"]
    key, prefix = ("id", NOW) if isinstance(question, Page) else (by, "")
    return {str(row[key]): tuple(int(row[prefix + column]) for column in columns) for row in rows}


def customers(period: Period) -> list[Case]:
    """Who ordered in a year, each once: three ways and ours."""
    whole = Sums(scope_of(period), (), {NOW: (period,)}, frozenset({"customers"}))
    found = {
        "lines": lambda: answers.fetched(answers.customers_on_facts(period))[0][0],
        "bits": lambda: answers.fetched(answers.customers_on_bits(period))[0][0],
        "ours": lambda: asking.ask({"all": whole})[0]["all"][0]["customers"],
    }
    if len({int(work()) for work in found.values()}) != 1:
        raise AssertionError("distinct customers disagree")
    found["orders alone"] = lambda: answers.fetched(answers.customers_on_orders(period))
    return [Case(f"customers, {way}", Rows(work), warm=True) for way, work in found.items()]


def scope_of(period: Period) -> Scope:
    """The plain scope of a period."""
    _, _, query = address(period).partition("?")
    form = SalesFilter(QueryDict(query), REPORT, Known.read())
    form.is_valid()
    return Scope.read(form, today=timezone.localdate())


def asked(client, path: str, fragment: bool, spent: list):
    """A request as a case; what its SQL took goes into a list."""

    def ask() -> float:
        took = answer(client, path, headers=FRAGMENT if fragment else {})
        spent.append(took.sql)
        return took.milliseconds

    return ask


def goals(findings: Findings, taken: dict[str, Samples]) -> None:
    """The rows of the table of goals that are about statements."""

    def of(name):
        return taken[name].median

    for name, part in (("1 year", 100), ("3 years", 150)):
        findings.part_of(
            f"product, {name}: our statement against lines, default measures", part, of(f"ours: {name}, product"), of(f"lines: {name}, product")
        )
        findings.part_of(
            f"product, {name}: summary by hand against lines, three plain sums",
            part,
            of(f"summary, three sums: {name}, product"),
            of(f"lines, three sums: {name}, product"),
        )
    for by in ("category", "channel", "tier", "month"):
        findings.part_of(f"{by}, 1 year: our statement against lines", 300, of(f"ours: 1 year, {by}"), of(f"lines: 1 year, {by}"))
    for name, share in (("1 month", 0.8), ("1 year", 0.4), ("3 years", 0.25)):
        for way, words in (("ours", "our statement"), ("summary", "summary by hand")):
            ratio = of(f"{way}, three sums: {name}, product") / of(f"DuckDB, three sums: {name}, product")
            findings.at_most(f"product, {name}: {words} against DuckDB, three plain sums", share, ratio)
        ratio = of(f"ours: {name}, product") / of(f"DuckDB: {name}, product")
        findings.at_most(f"product, {name}: our statement against DuckDB, default measures", share, ratio)
    findings.part_of("distinct customers of a year: our statement against count(distinct)", 50, of("customers, ours"), of("customers, lines"))
    findings.say(
        "the same against count(distinct) on orders alone, without looking at lines", f"1/{of('customers, orders alone') / of('customers, ours'):.0f}"
    )


def tables(findings: Findings, taken: dict[str, Samples], views: dict[str, str], spent: dict[str, list]) -> None:
    """Medians of the statements, and of the pages."""
    names = sorted({name.partition(": ")[2] for name in taken if name.startswith("lines: ")})
    rows = [[name, *(taken[f"{way}: {name}"].median for way in WAYS)] for name in names]
    rows += [
        [f"{name}, product, three sums", *(taken[f"{way}, three sums: {name}, product"].median for way in WAYS)]
        for name in ("1 month", "1 year", "3 years")
    ]
    findings.table("Statements, medians in ms", ["report", "on lines", "on summaries, by hand", "our statement", "DuckDB"], rows)
    hello = taken["hello"].median
    rows = []
    for name in views:
        for kind in ("fragment", "page"):
            key = f"{kind}: {name}"
            sql = Samples(spent[key]).median
            rows.append([name, kind, taken[key].median, taken[key].p95, sql, taken[key].median / hello])
    findings.table("Pages uncached, ms", ["view", "what", "median", "p95", "its SQL, median", "times hello"], rows)
    findings.notes.append(
        f"Hello-world view, signed in: {hello:.2f} ms. The server is {connection.pg_version // 10000}; parallel workers as configured."
    )
