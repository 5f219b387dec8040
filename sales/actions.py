"""Every write of the sales lists: each function takes the rows and the user, runs in one change set and returns how many rows changed.

Floors stand in the WHERE of its statement, so that a refused row is simply not counted; the database's constraints are the net below.
What is done to many rows at once stands in bulk.py.
"""

from decimal import Decimal

from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Round

from dashboard.changes import change_set
from dashboard.fields import MoneyField

from .forms import LARGEST_PRICE, LARGEST_STOCK, Edit
from .models import Category, Tier


def called(rows) -> str:
    """A row by its name, several by their number: the object of a change set's sentence."""
    names = list(rows.order_by("pk").values_list("name", flat=True)[:2])
    return names[0] if len(names) == 1 else f"{rows.count()} {rows.model._meta.verbose_name_plural}"


def restock(products, edit: Edit, user) -> int:
    """Set the stock, or change it by so many; never below zero."""
    with change_set(user, "product.restocked", f"stock of {called(products)}: {edit}") as change:
        change.count = count_up(products, "stock", edit)
    return change.count


def reorder_at(products, edit: Edit, user) -> int:
    """Set the reorder point, or change it by so many; never below zero."""
    with change_set(user, "product.reorder_point_set", f"reorder point of {called(products)}: {edit}") as change:
        change.count = count_up(products, "reorder_point", edit)
    return change.count


def reprice(products, edit: Edit, user) -> int:
    """Set the price, empty it, or change what applies now by an amount or per cent; changes are rounded half up to two decimals."""
    with change_set(user, "product.repriced", f"price of {called(products)}: {edit}") as change:
        change.count = set_money(products, "price", edit)
    return change.count


def recost(products, edit: Edit, user) -> int:
    """Set the cost, empty it where it is unknown, or change it; changes are rounded half up to two decimals."""
    with change_set(user, "product.recosted", f"cost of {called(products)}: {edit}") as change:
        change.count = set_money(products, "cost", edit)
    return change.count


def count_up(products, field: str, edit: Edit) -> int:
    """Write a whole number, or add to it where the sum stays between zero and what fits."""
    if edit.relative:
        products = products.filter(**{f"{field}__gte": -edit.amount, f"{field}__lte": LARGEST_STOCK - edit.amount})
    return products.update(**{field: becomes(field, edit)}, version=F("version") + 1)


def set_money(products, field: str, edit: Edit) -> int:
    """Write an amount, or change it where the result stays between zero and what fits."""
    amount = becomes(field, edit)
    if edit.amount is not None:
        products = products.annotate(becomes=amount).filter(becomes__gte=0, becomes__lte=LARGEST_PRICE)
    return products.update(**{field: amount}, version=F("version") + 1)


def becomes(field: str, edit: Edit):
    """What an edit makes of a number of a product, as an expression. A change of the price starts from the category's where it has none."""
    if field in ("stock", "reorder_point"):
        return F(field) + int(edit.amount) if edit.relative else Value(int(edit.amount))
    if not edit.relative:
        return Value(edit.amount, MoneyField(null=True))
    now = F(field)
    if field == "price":
        now = Coalesce(now, Subquery(Category.objects.filter(pk=OuterRef("category")).values("default_price")))
    return Round(now * (1 + edit.amount / 100) if edit.percent else now + edit.amount, 2, output_field=MoneyField())


def edit_product(products, values: dict, user, *, version: int) -> int:
    """Write a product's own form; nothing when somebody else was faster."""
    with change_set(user, "product.edited", f"edited {called(products)}") as change:
        change.count = products.filter(version=version).update(**values, version=F("version") + 1)
    return change.count


def categorise(products, category: Category | None, user) -> int:
    """Put products into a category, or into none."""
    words = f"put {called(products)} into {category}" if category else f"took {called(products)} out of any category"
    with change_set(user, "product.categorised", words) as change:
        change.count = products.update(category=category, version=F("version") + 1)
    return change.count


def set_tier(customers, tier: Tier | None, user) -> int:
    """Put customers into a tier by hand; None lets it follow their spend again."""
    words = f"put {called(customers)} into the tier {tier}" if tier else f"let the tier of {called(customers)} follow their spend"
    with change_set(user, "customer.tiered", words) as change:
        change.count = customers.update(tier=tier)
    return change.count


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
