"""The cells that are edited where they stand, in lists and in the report: what each holds, how it is typed and said, which action writes it.

Views are in editing_views.py, the script in app.js.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from django import forms
from django.db.models import Model
from django.urls import reverse

from dashboard.markup import filled
from dashboard.money import NOTHING, count_text, money_text

from . import actions
from .forms import LARGEST_PRICE, LARGEST_STOCK, Edit, EditField, plain
from .models import Category, Customer, Product, Tier

LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One field of one table that people edit in its place.

    `act(rows, wish, user) -> count` writes it; `said(record)` is its value as text, `beside(record)` the small word next to that,
    `source(record)` where a value comes from that nobody set.
    """

    owner: type[Model]
    name: str
    act: Callable
    said: Callable[[Model], str]
    beside: Callable[[Model], str] = lambda record: ""
    source: Callable[[Model], str] = lambda record: ""
    stepper: bool = False

    @property
    def label(self) -> str:
        """What it is called: «Reorder point»."""
        return str(self.field.verbose_name).capitalize()

    @property
    def field(self):
        """The field of the model."""
        return self.owner._meta.get_field(self.name)

    @cached_property
    def address(self) -> str:
        """Where the cell of row 0 is edited: looked up once, because a page asks hundreds of times."""
        return reverse(f"sales:{self.owner._meta.model_name}_{self.name}", args=[0])

    @cached_property
    def markup(self) -> tuple[str, str]:
        """The closed cell with what all rows share, without and with a target: to escape that for every row costs as much as all the rest."""
        parts = {"NAME": self.name, "LABEL": self.label, "ADDRESS": self.address.replace("/0/", "/{pk}/"), "WAS": "" if self.chosen else WAS}
        filled = re.sub("|".join(parts), lambda found: parts[found[0]], CLOSED)
        return filled.replace("TARGET", ""), filled.replace("TARGET", TARGET)

    def url(self, pk: int) -> str:
        """Where it is edited: GET brings the editor, POST writes."""
        return self.address.replace("/0/", f"/{pk}/")

    def now(self, record: Model):
        """Its value in the database."""
        return getattr(record, self.field.attname)

    def told(self, record: Model) -> str:
        """Its value in a sentence: «Gold», «Gold by spend»."""
        return f"{self.said(record)} {self.source(record)}".rstrip()

    def plain(self, record: Model) -> str:
        """Its value as one types it."""
        return plain(self.now(record))


@dataclass(frozen=True, kw_only=True)
class NumberCell(Cell):
    """An amount of money or a whole number, typed or changed by so much."""

    whole: bool = False
    required: bool = False
    nothing: str = NOTHING
    numeric = True
    chosen = False
    choices = ()

    @property
    def largest(self) -> int | Decimal:
        """What fits."""
        return LARGEST_STOCK if self.whole else LARGEST_PRICE

    @property
    def unit(self) -> str:
        """For exports."""
        return "count" if self.whole else "money"

    def typed(self) -> forms.Field:
        """The field that reads what was typed."""
        return EditField(label=self.label, largest=self.largest, whole=self.whole, percents=not self.whole, required=self.required)

    def shown(self) -> forms.Field:
        """The field that reads what the editor showed."""
        if self.whole:
            return forms.IntegerField(required=False, min_value=0, max_value=self.largest)
        return forms.DecimalField(required=False, min_value=0, max_digits=14, decimal_places=4)

    def phrase(self, wish: Edit) -> str:
        """A wish as text."""
        if wish.amount is None:
            return self.nothing
        if wish.relative:
            return str(wish)
        return count_text(int(wish.amount)) if self.whole else money_text(wish.amount)

    def is_now(self, wish: Edit, record: Model) -> bool:
        """Whether the cell already holds it."""
        return not wish.relative and wish.amount == self.now(record)

    def foretold(self, wish: Edit, record: Model) -> str:
        """What a change by so much would make of the cell: «320.00 → 336.00»; nothing where it is not possible."""
        becomes = self.owner.objects.filter(pk=record.pk).values_list(actions.becomes(self.name, wish), flat=True).first()
        if becomes is None or not 0 <= becomes <= self.largest:
            return ""
        return f"{self.said(record)} → {count_text(becomes) if self.whole else money_text(becomes)}"

    def impossible(self, wish: Edit, record: Model) -> str:
        """Why the action left the row alone."""
        if self.now(record) is None and self.said(record) == NOTHING:
            return f"{wish} is not possible: there is no {self.label.lower()} to change."
        bound = "cannot go below zero" if wish.amount < 0 else f"goes up to {self.largest:,}"
        return f"{wish} is not possible: the {self.label.lower()} is {self.said(record)} and {bound}."


@dataclass(frozen=True, kw_only=True)
class ChoiceCell(Cell):
    """A reference to one of a company's few records of a kind, or to none."""

    among: type[Model]
    nothing: str
    numeric = False
    unit = "text"
    chosen = True  # its editor holds choices, so it is fetched; a number's is made on the spot

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What can be chosen, none first."""
        return [("", self.nothing), *((str(record.pk), str(record)) for record in self.among.objects.all())]

    def typed(self) -> forms.Field:
        """The field that reads the choice."""
        return forms.ModelChoiceField(self.among.objects.all(), label=self.label, required=False)

    def shown(self) -> forms.Field:
        """The field that reads what the editor showed."""
        return forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)

    def phrase(self, wish: Model | None) -> str:
        """A wish as text."""
        return str(wish) if wish else self.nothing

    def is_now(self, wish: Model | None, record: Model) -> bool:
        """Whether the cell already holds it."""
        return (wish.pk if wish else None) == self.now(record)

    def impossible(self, wish: Model | None, record: Model) -> str:
        """Why the action left the row alone."""
        return f"{self.phrase(wish)} cannot be chosen here."


def price_beside(product: Product) -> str:
    """Where a price comes from that is not the product's own."""
    return "category price" if product.price is None and product.effective_price is not None else ""


PRICE = NumberCell(
    owner=Product,
    name="price",
    act=actions.reprice,
    said=lambda product: money_text(product.effective_price),
    beside=price_beside,
    nothing="the category’s price",
)
COST = NumberCell(owner=Product, name="cost", act=actions.recost, said=lambda product: money_text(product.cost), nothing="unknown")
STOCK = NumberCell(
    owner=Product, name="stock", act=actions.restock, said=lambda product: count_text(product.stock), whole=True, required=True, stepper=True
)
REORDER_POINT = NumberCell(
    owner=Product,
    name="reorder_point",
    act=actions.reorder_at,
    said=lambda product: count_text(product.reorder_point),
    whole=True,
    required=True,
)
CATEGORY = ChoiceCell(
    owner=Product,
    name="category",
    act=actions.categorise,
    said=lambda product: str(product.category or NOTHING),
    among=Category,
    nothing="no category",
)
TIER = ChoiceCell(
    owner=Customer,
    name="tier",
    act=actions.set_tier,
    said=lambda customer: customer.tier_name or NOTHING,  # the views name it: tiers are few and read once
    beside=lambda customer: "by hand" if customer.tier_id else "",
    source=lambda customer: "by spend" if customer.current_tier and not customer.tier_id else "",
    among=Tier,
    nothing="by spend",
)


# What the report shows beside the figures of a dimension, for those who may edit it.
BESIDE_FIGURES = {"product": (PRICE, COST, REORDER_POINT, CATEGORY), "customer": (TIER,)}
CELL_NAMES = tuple(cell.name for cells in BESIDE_FIGURES.values() for cell in cells)


@dataclass(frozen=True)
class Conflict:
    """Two people wrote: what the cell holds now, and what was to take its place."""

    theirs: str
    mine: str


@dataclass(frozen=True)
class Editor:
    """A cell open for typing. `target` is the id of the element that its answer replaces; `fetched` says that it came on demand.

    After a refusal `typed` is what was written and `error` the sentence beside it; with a `conflict` it asks whose value is to stand.
    """

    cell: Cell
    record: Model
    target: str
    fetched: bool = False
    typed: str | None = None
    error: str = ""
    conflict: Conflict | None = None
    next: str = ""

    def at(self, target: str, *, fetched: bool = False) -> "Editor":
        """The same, answering in another place."""
        return replace(self, target=target, fetched=fetched)

    @property
    def id(self) -> str:
        """Id of the whole editor, and of the closed cell in its place."""
        return element_id(self.cell, self.record)

    @property
    def url(self) -> str:
        """Where it sends to."""
        return self.cell.url(self.record.pk)

    @property
    def was(self) -> str:
        """What the cell holds, as one types it: sent along, and what Escape gives back."""
        return self.cell.plain(self.record)

    @property
    def value(self) -> str:
        """What stands in the field."""
        return self.was if self.typed is None else self.typed

    @property
    def placeholder(self) -> str:
        """What applies while the field is empty."""
        return "" if self.was else self.cell.said(self.record)

    @property
    def beside(self) -> str:
        """The small word next to the value."""
        return self.cell.beside(self.record)


def element_id(cell: Cell, record: Model) -> str:
    """Id of a cell on a page."""
    return f"cell-{cell.name}-{record.pk}"


def said(cell: Cell, record: Model):
    """The value of a cell with the small word beside it."""
    small = cell.beside(record)
    return filled('{}<span class="sub">{}</span>', cell.said(record), small) if small else cell.said(record)


CLOSED = (
    '<span class="cell" id="cell-NAME-{pk}"><a class="editable" id="NAME-{pk}" href="ADDRESS" data-cell="NAME"WASTARGET'
    ' aria-label="LABEL of {record}: {text}. Edit">{said}</a></span>'
)
WAS, TARGET = ' data-was="{was}"', ' data-target="{target}"'
STEPPER = (
    '<span class="stepper" data-hx-target="#{target}" data-hx-swap="outerHTML" data-hx-sync="this:drop" data-hx-vals="{token}">'
    '<button type="button" id="less-{pk}" name="by" value="-1" data-hx-post="{url}" aria-label="One less of {record}">−</button>{cell}'
    '<button type="button" id="more-{pk}" name="by" value="1" data-hx-post="{url}" aria-label="One more of {record}">+</button></span>'
)


def closed(cell: Cell, record: Model, *, target: str = ""):
    """A cell as a link to its editor, which the page puts in its place; `target` is what the editor's answer replaces, if not the cell itself.

    Holds no token, so that everybody may be given the same.
    """
    text, values = cell.said(record), {} if cell.chosen else {"was": cell.plain(record)}
    if target:
        values["target"] = target
    return filled(cell.markup[bool(target)], pk=record.pk, record=record, text=text, said=said(cell, record), **values)


def stepped(cell: Cell, record: Model, *, target: str, token: str):
    """A closed cell between a − and a +, which need script; `token` makes a double click count once."""
    return filled(
        STEPPER,
        target=target,
        token=json.dumps({"token": token}),
        pk=record.pk,
        url=cell.url(record.pk),
        record=record,
        cell=closed(cell, record, target=target),
    )
