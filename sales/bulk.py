"""Bulk actions on products as a plan that can be shown before it is done: which rows, how many, which are left alone and why."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet

from . import actions
from .forms import BulkForm, Edit
from .models import Product

SAMPLE = 8


@dataclass(frozen=True)
class Kind:
    """One bulk action: the rows it changes of those it was asked for, why it leaves the others, and the function that does it."""

    doing: str
    done: str
    affects: Callable[[QuerySet], QuerySet]
    others: str
    act: Callable


KINDS = {
    BulkForm.ARCHIVE: Kind(
        "Archive",
        "archived",
        lambda rows: rows.filter(active=True),
        "they are archived already",
        lambda rows, data, user: actions.archive(rows, user),
    ),
    BulkForm.RESTORE: Kind(
        "Put back on sale",
        "put back on sale",
        lambda rows: rows.filter(active=False),
        "they are on sale already",
        lambda rows, data, user: actions.restore(rows, user),
    ),
    BulkForm.REPRICE: Kind(
        "Change the price of",
        "repriced",
        lambda rows: rows.filter(price__isnull=False),
        "they have no price of their own and follow their category",
        lambda rows, data, user: actions.reprice(rows, Edit(data["percent"], relative=True, percent=True), user),
    ),
    BulkForm.CATEGORY: Kind(
        "Set the category of",
        "put into the category",
        lambda rows: rows,
        "",
        lambda rows, data, user: actions.categorise(rows, data["category"], user),
    ),
    BulkForm.DELETE: Kind(
        "Delete", "deleted", lambda rows: rows.unused(), "orders name them; archive them instead", lambda rows, data, user: actions.delete(rows, user)
    ),
}


@dataclass(frozen=True)
class Plan:
    """What a valid form asks for, over the products of a valid filter or the boxes that were ticked."""

    data: dict
    asked: QuerySet
    phrase: str

    @classmethod
    def of(cls, form: BulkForm, filterset) -> "Plan":
        """The plan of a form and the filter that its list was showing."""
        data = form.cleaned_data
        if data["all"]:
            return cls(data, Product.objects.filter(pk__in=filterset.rows.order_by().values("pk")), filterset.sentence())
        return cls(data, Product.objects.filter(pk__in=data["ids"]), "those selected")

    @property
    def kind(self) -> Kind:
        """The action."""
        return KINDS[self.data["action"]]

    @property
    def rows(self) -> QuerySet:
        """The rows that will change."""
        return self.kind.affects(self.asked)

    @property
    def detail(self) -> str:
        """What the action needs to know, in words."""
        if self.data["action"] == BulkForm.REPRICE:
            return f" by {Edit(self.data['percent'], relative=True, percent=True)}"
        return f" to {self.data['category']}" if self.data["action"] == BulkForm.CATEGORY else ""

    def preview(self) -> dict:
        """What the confirm step says: counts, a sample by name, and the rows left alone."""
        count, asked = self.rows.count(), self.asked.count()
        return {
            "title": f"{self.kind.doing} {'this product' if count == 1 else 'these products'}{self.detail}?" if count else "Nothing to change here",
            "plan": self,
            "count": count,
            "asked": asked,
            "left": asked - count,
            "sample": self.rows.order_by("name", "pk")[:SAMPLE],
            "more": max(count - SAMPLE, 0),
        }

    def run(self, expected: int, user) -> int:
        """Do it to exactly the rows that were confirmed."""
        return actions.in_bulk(self.rows, expected, lambda rows: self.kind.act(rows, self.data, user))
