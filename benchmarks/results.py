"""What was found: goals with what was seen beside them, tables, and the file RESULTS.md that keeps the last run of each topic."""

import json
import platform
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

import psutil
from django.conf import settings
from django.utils import timezone

FILE = Path(__file__).with_name("RESULTS.md")
PACKAGES = ("Django", "psycopg", "django-tables2", "django-filter", "gunicorn", "duckdb")


@dataclass(frozen=True)
class Goal:
    """A line of the table of goals. `reached` is None where there is no goal but a figure worth knowing."""

    work: str
    goal: str
    seen: str
    reached: bool | None = None
    by: str = ""


@dataclass
class Findings:
    """What one topic found."""

    goals: list[Goal] = field(default_factory=list)
    tables: list[tuple[str, list[str], list[list]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def at_most(self, work: str, limit: float, seen: float, unit: str = "") -> None:
        """A goal that wants a small figure."""
        self.goals.append(Goal(work, f"≤ {number(limit)}{unit}", f"{number(seen)}{unit}", seen <= limit, factor(seen, limit)))

    def at_least(self, work: str, limit: float, seen: float, unit: str = "") -> None:
        """A goal that wants a large figure."""
        self.goals.append(Goal(work, f"≥ {number(limit)}{unit}", f"{number(seen)}{unit}", seen >= limit, factor(limit, seen)))

    def part_of(self, work: str, part: int, small: float, large: float) -> None:
        """A goal of one part of many: milliseconds of two ways of doing the same."""
        seen = large / small
        shown = f"1/{seen:.0f} ({number(small)} of {number(large)} ms)"
        self.goals.append(Goal(work, f"≤ 1/{part}", shown, seen >= part, factor(part, seen)))

    def say(self, work: str, seen: str) -> None:
        """A figure without a goal."""
        self.goals.append(Goal(work, "", seen))

    def table(self, title: str, columns: list[str], rows: list[list]) -> None:
        """Figures beside the goals; numbers are milliseconds unless the column says otherwise."""
        self.tables.append((title, columns, [[cell if isinstance(cell, str) else number(cell) for cell in row] for row in rows]))


def number(value: float) -> str:
    """Three digits that matter."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def factor(seen: float, limit: float) -> str:
    """What is used of what is allowed: up to 1 the goal is reached."""
    return f"{seen / limit:.2f}" if limit else ""


def as_text(findings: Findings) -> str:
    """Goals and tables in Markdown."""
    lines = []
    if findings.goals:
        lines += ["| work | goal | seen | reached | used of what is allowed |", "|---|---|---|---|---|"]
        lines += [
            f"| {g.work} | {g.goal} | {g.seen} | {'' if g.reached is None else 'yes' if g.reached else '**no**'} | {g.by} |" for g in findings.goals
        ]
    for title, columns, rows in findings.tables:
        lines += ["", f"{title}:", "", f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}", *(f"| {' | '.join(row)} |" for row in rows)]
    lines += ["", *(f"- {note}" for note in findings.notes)] if findings.notes else []
    return "\n".join(lines)


def machine() -> str:
    """Where this ran."""
    cpu = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    memory = psutil.virtual_memory().total / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{psutil.cpu_count()} cores ({cpu or platform.machine()}), {memory:.0f} GiB, Python {platform.python_version()}, {packages}"


def keep(name: str, title: str, findings: Findings, about: str) -> None:
    """Remember what a topic found, and write RESULTS.md from the last run of every topic."""
    folder = settings.DATA_DIR / "benchmarks"
    folder.mkdir(exist_ok=True)
    found = {"title": title, "when": f"{timezone.now():%Y-%m-%d %H:%M} UTC", "about": about, "findings": asdict(findings)}
    (folder / f"{name}.json").write_text(json.dumps(found))


def write(names: list[str], postgres: str) -> None:
    """RESULTS.md: all goals on top, then each topic with its tables."""
    kept = [json.loads(file.read_text()) for name in names if (file := settings.DATA_DIR / "benchmarks" / f"{name}.json").exists()]
    topics = [(topic, _read(topic["findings"])) for topic in kept]
    everything = Findings([goal for _, findings in topics for goal in findings.goals if goal.reached is not None])
    parts = [
        "# Results",
        f"Written by `python -m benchmarks`; README.md says how to read it. {machine()}, PostgreSQL {postgres}.",
        "## Goals",
        as_text(everything),
    ]
    for topic, findings in topics:
        parts += [f"## {topic['title']}", f"{topic['when']}, {topic['about']}.", as_text(findings)]
    FILE.write_text("\n\n".join(parts) + "\n")


def _read(found: dict) -> Findings:
    return Findings([Goal(**goal) for goal in found["goals"]], [tuple(table) for table in found["tables"]], found["notes"])
