"""Whatever way a write takes, the log tells all of it and names who did it: page, administration, bulk, raw SQL, import, command, task."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.db.models import F

from dashboard.changes import change_set
from dashboard.models import ChangeSet, Import, RowChange
from sales import actions
from sales.bulk import DELETE, PRODUCTS
from sales.forms import Edit
from sales.models import Category, Product
from tests.bulk import do
from tests.conftest import signed_in

from .logged import assert_log_tells, everything, newest_entry

SALES_FILE = "number,placed_at,sku,quantity,unit_price,channel\n1,2026-01-02,P0,2,5,Web\n1,2026-01-02,NEW,1,5,Web\n"


@pytest.fixture(autouse=True)
def shelf(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    category = Category.objects.create(key="c", name="C")
    Product.objects.bulk_create(Product(sku=f"P{n}", name=f"P{n}", category=category, price=n, stock=5) for n in range(5))


def by_page(client, tmp_path):
    assert client.post(f"/sales/product/{Product.objects.get(sku='P0').pk}/stock/", {"by": "1"}).status_code == 302


def by_administration(client, tmp_path):
    category = Category.objects.get()
    client.post(f"/admin/sales/category/{category.pk}/change/", {"key": "c", "name": "Other", "_save": "Save"})


def by_bulk(client, tmp_path):
    actions.reprice(Product.objects.all(), Edit(Decimal(5), relative=True, percent=True), None)
    do(PRODUCTS, DELETE, Product.objects.filter(sku__in=["P1", "P2"]), None)


def by_raw_sql(client, tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sales_product SET stock = stock + 1 WHERE sku < 'P3'")
        cursor.execute("DELETE FROM sales_product WHERE sku = 'P4'")
        cursor.execute("INSERT INTO sales_channel (name) VALUES ('Raw'), ('Rawer')")


def by_import_page(client, tmp_path):
    client.post("/imports/", {"entity": "sales", "file": SimpleUploadedFile("sales.csv", SALES_FILE.encode())})
    record = Import.objects.get()
    columns = {f"column-{index}": name for index, name in enumerate(record.header)}
    client.post(f"/imports/{record.pk}/check/", columns)
    client.post(f"/imports/{record.pk}/apply/")
    record.refresh_from_db()
    assert record.state == "done"


def by_command(client, tmp_path):
    path = tmp_path / "products.csv"
    path.write_text("sku,name,stock\nP0,renamed,5\nP9,new,1\n")
    call_command("import_data", "products", str(path))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("write", "rows", "named"),
    [
        (by_page, 1, True),
        (by_administration, 1, True),
        (by_bulk, 7, False),
        (by_raw_sql, 6, False),
        (by_import_page, 5, True),
        (by_command, 2, False),
    ],
)
def test_log_tells_all_of_a_write(admin, tmp_path, write: Callable, rows, named):
    client = signed_in(admin)
    before, since = everything(), newest_entry()
    write(client, tmp_path)
    assert assert_log_tells(before, everything(), since) == rows
    users = set(RowChange.objects.filter(pk__gt=since).values_list("change_set__user__username", flat=True))
    assert users == {"admin" if named else None}


@pytest.mark.django_db(transaction=True)
def test_next_user_of_a_connection_is_never_taken_for_the_last(manager, admin):
    """What a pooler does: one connection, a transaction each, of several people and of nobody, some of them failing."""
    row, since = Product.objects.filter(sku="P0"), newest_entry()
    for number in range(30):
        user = (manager, admin, None)[number % 3]
        if user is None:
            row.update(stock=F("stock") + 1)  # outside any change set
            continue
        with suppress(ZeroDivisionError), change_set(user, "product.restocked", "restocked"):
            row.update(stock=F("stock") + 1)
            _ = number % 4 and 1 / (number % 4 - 1)  # some fail: nothing of them stays
    users = list(RowChange.objects.filter(pk__gt=since).order_by("pk").values_list("change_set__user__username", flat=True))
    expected = [(("manager", "admin", None)[number % 3]) for number in range(30) if number % 3 == 2 or number % 4 != 1]
    assert users == expected


THREADS, WRITES = 8, 250


def act(number: int, user: User, client, row) -> None:
    """One of four ways to change a product."""
    if number % 10 == 0:
        client.post(f"/sales/product/{row.get().pk}/stock/", {"by": "1"})
    elif number % 3 == 0:
        actions.restock(row, Edit(Decimal(1), relative=True), user)
    elif number % 3 == 1:
        with change_set(user, "product.renamed", "renamed") as change:
            change.count = row.update(name=f"{user.username} {number}")
    else:
        with change_set(user, "product.restocked", "by hand"), connection.cursor() as cursor:
            cursor.execute("UPDATE sales_product SET stock = stock + 1 WHERE id = %s", [row.get().pk])


@pytest.mark.django_db(transaction=True)
def test_two_thousand_writes_of_eight_people_at_once_each_name_their_own(person):
    people = [person(f"person{number}", "Managers") for number in range(THREADS)]
    products = [Product.objects.create(sku=f"T{number}", name="start", stock=0) for number in range(THREADS)]
    since = newest_entry()

    def work(number):
        client = signed_in(people[number])
        for write in range(WRITES):
            act(write, people[number], client, Product.objects.filter(pk=products[number].pk))
            if write % 50 == 0:
                Product.objects.filter(pk=products[number].pk).update(reorder_point=write + 1)  # outside any change set
        connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    owner = {product.pk: user.username for product, user in zip(products, people, strict=True)}
    entries = RowChange.objects.filter(pk__gt=since).values_list("row_id", "change_set__user__username", "after")
    outside = [user for _, user, after in entries if "reorder_point" in after]
    inside = [(row_id, user) for row_id, user, after in entries if "reorder_point" not in after]
    assert (len(outside), set(outside)) == (THREADS * WRITES // 50, {None})
    assert len(inside) == THREADS * WRITES
    assert [pair for pair in inside if owner[pair[0]] != pair[1]] == []
    assert ChangeSet.objects.filter(rows__pk__gt=since).distinct().count() == THREADS * (WRITES + WRITES // 50)
