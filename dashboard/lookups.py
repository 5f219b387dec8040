"""Conditions that the library has no lookup for: one of many ids, and what is found on its own before anything is sorted."""

from collections.abc import Iterable

from django.db.models import BooleanField, F, Func, OrderBy, QuerySet, Value
from django.db.models.functions import Coalesce

MOST_FOUND = 1_000  # ids that travel to and fro
MOST_SORTED = 10_000
APART = "sorted_apart"


def any_of(name: str, numbers: Iterable[int]) -> Func:
    """Whether a field is one of many whole numbers, given as one array: `queryset.filter(any_of("pk", keys))`.

    To spell two thousand ids one by one, as `__in` does, takes longer than to look their rows up.
    """
    return _among(name, numbers, " = ANY(", ")")


def _among(name: str, numbers: Iterable[int], begin: str, end: str) -> Func:
    array = Value(f"{{{','.join(map(str, numbers))}}}")
    return Func(F(name), array, arg_joiner=begin, template=f"%(expressions)s::bigint[]{end}", output_field=BooleanField())


def found_first(queryset: QuerySet, condition, *, walked: bool = False) -> QuerySet:
    """The rows that fit a condition which an index answers, however they are sorted.

    A list asks three times: for a page, the count and the totals. So a few rows are found here, once. Of many it is said that they are to be
    sorted apart from the index of their order: the planner, which thinks that conditions do not depend on each other, would walk it to the end.
    `walked` lists are walked for all that where so many rows fit that a page of them turns up soon.
    """
    most = MOST_SORTED if walked else MOST_FOUND
    ids = list(queryset.model._base_manager.filter(condition).order_by().values_list("pk", flat=True)[: most + 1])
    if len(ids) <= MOST_FOUND:
        return queryset.filter(_among("pk", ids, " IN (SELECT unnest(", "))"))
    rows = queryset.filter(condition)
    return rows if walked and len(ids) > MOST_SORTED else rows.alias(**{APART: Value(1)})


def apart(item) -> OrderBy:
    """What a queryset is ordered by, in the same order, and by no index."""
    if isinstance(item, str):
        item = F(item[1:]).desc() if item.startswith("-") else F(item).asc()
    ordering = item.copy() if isinstance(item, OrderBy) else OrderBy(item)
    ordering.expression = Coalesce(ordering.expression, ordering.expression)
    return ordering
