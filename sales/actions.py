"""Every write of the sales lists: each function takes the rows and the user, runs in one change set and returns how many rows changed.

An inline edit is a queryset of one, a bulk action a queryset of many: both run the same statement. Floors stand in its WHERE, so that a
refused row is simply not counted; the database's constraints are the net below.
"""

from decimal import Decimal

from django.db import transaction
from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Round

from dashboard.changes import change_set
from dashboard.fields import MoneyField

from .forms import LARGEST_PRICE, LARGEST_STOCK, Edit
from .models import Category, Product, Tier


class CountChangedError(Exception):
    """The rows a person confirmed are no longer these; nothing was done. `count` is how many there are now."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} rows now")
        self.count = count


def called(products) -> str:
    """A product by its name, several by their number: the object of a change set's sentence."""
    names = list(products.order_by("pk").values_list("name", flat=True)[:2])
    return names[0] if len(names) == 1 else f"{products.count()} products"


def at(rows, version: int | None):
    """The rows if they still are at the version that the editor saw; all of them where none was sent."""
    return rows if version is None else rows.filter(version=version)


def restock(products, edit: Edit, user, *, version: int | None = None) -> int:
    """Set the stock, or change it by so many; never below zero."""
    rows = at(products, version)
    if edit.relative:
        rows = rows.filter(stock__gte=-edit.amount, stock__lte=LARGEST_STOCK - edit.amount)
    stock = F("stock") + int(edit.amount) if edit.relative else Value(int(edit.amount))
    with change_set(user, "product.restocked", f"stock of {called(products)}: {edit}") as change:
        change.count = rows.update(stock=stock, version=F("version") + 1)
    return change.count


def reprice(products, edit: Edit, user, *, version: int | None = None) -> int:
    """Set the price, empty it, or change what applies now by an amount or per cent; changes are rounded half up to two decimals."""
    default = Category.objects.filter(pk=OuterRef("category")).values("default_price")
    applies = Coalesce(F("price"), Subquery(default))
    new_price = Value(edit.amount, MoneyField(null=True))
    if edit.relative:
        new_price = Round(applies * (1 + edit.amount / 100) if edit.percent else applies + edit.amount, 2, output_field=MoneyField())
    rows = at(products, version)
    if edit.amount is not None:
        rows = rows.annotate(new_price=new_price).filter(new_price__gte=0, new_price__lte=LARGEST_PRICE)
    with change_set(user, "product.repriced", f"price of {called(products)}: {edit}") as change:
        change.count = rows.update(price=new_price, version=F("version") + 1)
    return change.count


def edit_product(products, values: dict, user, *, version: int) -> int:
    """Write a product's own form; nothing when somebody else was faster."""
    with change_set(user, "product.edited", f"edited {called(products)}") as change:
        change.count = at(products, version).update(**values, version=F("version") + 1)
    return change.count


def archive(products, user) -> int:
    """Take products off sale; their history stays."""
    with change_set(user, "product.archived", f"archived {called(products)}") as change:
        change.count = products.update(active=False, version=F("version") + 1)
    return change.count


def restore(products, user) -> int:
    """Put archived products back on sale."""
    with change_set(user, "product.restored", f"put {called(products)} back on sale") as change:
        change.count = products.update(active=True, version=F("version") + 1)
    return change.count


def categorise(products, category: Category, user) -> int:
    """Put products into a category."""
    with change_set(user, "product.categorised", f"put {called(products)} into {category}") as change:
        change.count = products.update(category=category, version=F("version") + 1)
    return change.count


def delete(products, user) -> int:
    """Delete products that no order ever named; the others are left alone."""
    with change_set(user, "product.deleted", f"deleted {called(products)}") as change:
        change.count = products.unused().delete()[1].get("sales.Product", 0)
    return change.count


def in_bulk(rows, expected: int, act) -> int:
    """Run `act` on exactly these rows, locked in one order so that two bulk actions never wait for each other in a circle.

    Raises CountChangedError when there are not as many as the person confirmed.
    """
    with transaction.atomic():
        held = Product.objects.filter(pk__in=rows.order_by().values("pk")).order_by("pk").select_for_update()
        ids = list(held.values_list("pk", flat=True))
        if len(ids) != expected:
            raise CountChangedError(len(ids))
        return act(Product.objects.filter(pk__in=ids))


def save_tier(form, user) -> Tier:
    """Add or change a tier."""
    verb, word = ("tier.edited", "changed") if form.instance.pk else ("tier.added", "added")
    with change_set(user, verb, f"{word} the tier {form.cleaned_data['name']}") as change:
        if form.instance.pk:
            form.instance.save(update_fields=form.Meta.fields)
        else:
            form.instance.save()
        change.count = 1
    return form.instance


def delete_tier(tier: Tier, user) -> int:
    """Delete a tier that no order remembers; customers put into it by hand follow their spend again."""
    with change_set(user, "tier.deleted", f"deleted the tier {tier}") as change:
        change.count = Tier.objects.filter(pk=tier.pk, orders__isnull=True).delete()[1].get("sales.Tier", 0)
    return change.count


def set_default_price(categories, price: Decimal | None, user) -> int:
    """Set the price of a category's products that have none of their own."""
    names = ", ".join(categories.values_list("name", flat=True))
    with change_set(user, "category.repriced", f"default price of {names}: {'none' if price is None else price}") as change:
        change.count = categories.update(default_price=price)
    return change.count
