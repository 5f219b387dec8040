"""Whatever a company does to its products, in whatever order: the log leads back to the start."""

from contextlib import suppress
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.changes import change_set
from dashboard.models import ChangeSet
from dashboard.undo import AlreadyUndoneError, undo
from sales.models import Category, Product

TABLES = ("sales_product", "sales_category")


def state():
    """Both tables whole, except the counter of edits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(p) - 'version' FROM sales_product p ORDER BY id")
        products = cursor.fetchall()
        cursor.execute("SELECT to_jsonb(c) FROM sales_category c ORDER BY id")
        return products, cursor.fetchall()


def fresh_key(number):
    return f"new-{number}-{Product.objects.count()}-{ChangeSet.objects.count()}"


def add(number):
    Product.objects.create(sku=fresh_key(number), name="added", stock=number)


def bring_in(number):
    category = Category.objects.create(key=fresh_key(number), name="imported")
    Product.objects.bulk_create(Product(sku=f"{fresh_key(number)}-{index}", name="imported", category=category) for index in range(number % 4 + 1))


def restock(number):
    Product.objects.filter(pk__in=Product.objects.values("pk")[: number % 3 + 1]).update(stock=F("stock") + number, version=F("version") + 1)


def reprice(number):
    Product.objects.update(price=Decimal(number))


def rename(number):
    Product.objects.filter(stock__lte=number).update(name=f"renamed {number}")


def empty_category(number):
    Product.objects.update(category=None)


def delete_some(number):
    Product.objects.filter(pk__in=Product.objects.values("pk")[: number % 3]).delete()


def delete_categories(number):
    Product.objects.filter(category__isnull=False).update(category=None)
    Category.objects.all().delete()


ACTS = (add, bring_in, restock, reprice, rename, empty_category, delete_some, delete_categories)
STEPS = st.lists(st.one_of(st.tuples(st.sampled_from(ACTS), st.integers(0, 20)), st.tuples(st.just(undo), st.integers(0, 20))), max_size=12)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_undoing_everything_newest_first_leads_back_to_the_start(manager, recruiter, steps):
    people = (manager, recruiter)
    with transaction.atomic():
        category = Category.objects.create(key="start", name="start")
        Product.objects.bulk_create(Product(sku=f"start-{index}", name="start", category=category, stock=index, price=index) for index in range(4))
        start, first = state(), max(ChangeSet.objects.values_list("pk", flat=True), default=0)
        for index, (act, number) in enumerate(steps):
            user = people[index % 2]
            if act is undo:
                done = list(ChangeSet.objects.filter(pk__gt=first).order_by("pk"))
                with suppress(AlreadyUndoneError):
                    undo(done[number % len(done)], user) if done else None
                continue
            with change_set(user, act.__name__, act.__name__) as change:
                act(number)
                change.count = change.rows.count()
        for change in list(ChangeSet.objects.filter(pk__gt=first).order_by("-pk")):
            with suppress(AlreadyUndoneError):
                assert undo(change, manager).conflicts == []
        assert state() == start
        transaction.set_rollback(True)
