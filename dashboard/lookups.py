"""Conditions that the library has no lookup for: one of many ids, a text inside another, and what is found on its own before anything is sorted."""

from collections.abc import Iterable

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import BooleanField, F, Func, OrderBy, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Upper

SHORTEST_INSIDE = 3  # letters; the index knows texts by their groups of three
MOST_FOUND = 1_000  # ids that travel to and fro
MOST_SORTED = 10_000
APART = "sorted_apart"


def any_of(name: str, numbers: Iterable[int]) -> Func:
    """Whether a field is one of many whole numbers, given as one array: `queryset.filter(any_of("pk", keys))`.

    To spell two thousand ids one by one, as `__in` does, takes longer than to look their rows up. In their order, because
    the index is walked in it, and the server takes longer to sort them.
    """
    return _among(name, sorted(numbers), " = ANY(", ")")


def _among(name: str, numbers: Iterable[int], begin: str, end: str) -> Func:
    array = Value(f"{{{','.join(map(str, numbers))}}}")
    return Func(F(name), array, arg_joiner=begin, template=f"%(expressions)s::bigint[]{end}", output_field=BooleanField())


def inside(field: str, name: str) -> GinIndex:
    """An index for texts that stand anywhere in a field, in any letter case."""
    return GinIndex(OpClass(Upper(field), name="gin_trgm_ops"), name=name)


def inside_or_first(field: str, text: str) -> Q:
    """Rows with the text anywhere in a field, in any letter case; shorter than three letters, at its beginning: see `inside`."""
    return Q(**{f"{field}__{'icontains' if len(text) >= SHORTEST_INSIDE else 'istartswith'}": text})


def sorted_apart(queryset: QuerySet) -> QuerySet:
    """The same rows, said to be sorted apart from the index of their order.

    For conditions that an index answers: the planner, which thinks that conditions do not depend on each other, would walk the order until
    enough rows turned up, to its end. Their list reads the ids of all rows once, for the page, the count and the totals.
    """
    return queryset.alias(**{APART: Value(1)})


def found_first(queryset: QuerySet, condition) -> QuerySet:
    """The rows that fit a condition which an index answers, however they are sorted, and however many they are.

    A few are found here; more are sorted apart; and where so many fit that a page of them turns up soon, the order is walked.
    """
    ids = list(queryset.model._base_manager.filter(condition).order_by().values_list("pk", flat=True)[: MOST_SORTED + 1])
    if len(ids) > MOST_SORTED:
        return queryset.filter(condition)
    return sorted_apart(queryset.filter(_among("pk", ids, " IN (SELECT unnest(", "))") if len(ids) <= MOST_FOUND else condition))


def apart(item) -> OrderBy:
    """What a queryset is ordered by first, in the same order, and by no index."""
    if isinstance(item, str):
        item = F(item[1:]).desc() if item.startswith("-") else F(item).asc()
    ordering = item.copy() if isinstance(item, OrderBy) else OrderBy(item)
    ordering.expression = Coalesce(ordering.expression, ordering.expression)
    return ordering
