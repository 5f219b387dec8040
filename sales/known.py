"""What a report has to know before it can be asked: the small lists its form chooses from, and the days there is anything of."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import models

from dashboard.memory import remembered
from dashboard.periods import Period

from .asking import Sql, ask
from .vocabulary import Category, Channel, Salesperson, Tier

LISTS = {"category": Category, "tier": Tier, "channel": Channel, "salesperson": Salesperson}


@dataclass(frozen=True, eq=False)
class Known:
    """Lists of things by the word that names them, in the order people read them; countries of orders; the period with orders, or None.

    `lines` is how many order lines there are in all.
    """

    things: Mapping[str, tuple[models.Model, ...]]
    countries: tuple[str, ...]
    recorded: Period | None
    lines: int

    @classmethod
    def read(cls) -> "Known":
        """From the database, in one statement."""
        found, _ = ask(
            {**{word: _List(model) for word, model in LISTS.items()}, "countries": _Countries(), "recorded": Recorded(), "lines": _Lines()}
        )
        return cls(
            {word: tuple(model(**row) for row in found[word]) for word, model in LISTS.items()},
            tuple(row["country"] for row in found["countries"]),
            recorded_in(found["recorded"]),
            found["lines"][0]["lines"],
        )

    @classmethod
    def to(cls, request) -> "Known":
        """What is known to a request: read once for each state of the data."""
        return remembered(request, "sales.known", cls.read)

    def lines_on(self, days: int) -> float:
        """How many order lines so many days have on the average."""
        return self.lines * days / self.recorded.days if self.recorded else 0

    def branch(self, roots: Iterable[int]) -> list[int]:
        """Ids of categories with these ids and of everything below them."""
        below = defaultdict(list)
        for category in self.things["category"]:
            below[category.parent_id].append(category.pk)
        found, waiting = {}, list(roots)
        while waiting:
            pk = waiting.pop()
            if pk not in found:
                found[pk] = True
                waiting += below[pk]
        return list(found)


@dataclass(frozen=True)
class Recorded:
    """From the first to the last day with an order line, cancelled ones included."""

    def sql(self) -> Sql:
        """One row: first and last, NULL before the first line."""
        return Sql("SELECT min(start) AS first, max(start) AS last FROM sales_live_total WHERE grain = 'day'")


def recorded_in(rows: list[dict]) -> Period | None:
    """The answer to Recorded."""
    first, last = rows[0]["first"], rows[0]["last"]
    return Period.of_days(date.fromisoformat(first), date.fromisoformat(last)) if first else None


class _Lines:
    """All order lines."""

    def sql(self) -> Sql:
        return Sql("SELECT coalesce(sum(lines), 0)::bigint AS lines FROM sales_live_total WHERE grain = 'year'")


@dataclass(frozen=True)
class _List:
    """All rows of a short table, with the columns that name them."""

    model: type[models.Model]

    def sql(self) -> Sql:
        names = [field.column for field in self.model._meta.concrete_fields if field.name in ("id", "key", "name", "parent")]
        order = "min_spend" if self.model is Tier else "lower(name), id"
        return Sql(f"SELECT {', '.join(names)} FROM {self.model._meta.db_table} ORDER BY {order}")  # noqa: S608 - our own names


class _Countries:
    """Countries of orders."""

    def sql(self) -> Sql:
        return Sql("SELECT DISTINCT country FROM sales_live_country WHERE grain = 'year' AND country <> '' ORDER BY country")
