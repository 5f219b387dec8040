"""Undo of many rows is the worker's: asked for once, done whole, told on the page, and found done when its task comes again."""

import pytest
from django.db import connection

from dashboard import undo_tasks
from dashboard.changes import change_set
from dashboard.models import ChangeSet, UndoRun
from dashboard.undo import STRETCH
from sales.models import Product

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def few(monkeypatch):
    """Three rows are many here."""
    monkeypatch.setattr(undo_tasks, "AT_ONCE", 2)


@pytest.fixture
def repricing(manager, few):
    Product.objects.bulk_create(Product(sku=sku, name=sku, price=100) for sku in "ABC")
    with change_set(manager, "product.repriced", "repriced 3 products") as change:
        change.count = Product.objects.update(price=120)
    return change


def prices():
    return list(Product.objects.order_by("sku").values_list("price", flat=True))


def test_big_undo_is_handed_over_and_told_on_its_page(manager_client, repricing):
    response = manager_client.post(f"/changes/{repricing.pk}/undo/")
    assert response["Location"] == f"/changes/{repricing.pk}/"
    run = UndoRun.objects.get()
    assert (run.rows, run.rows_done, run.restored, run.conflicts, prices()) == (3, 3, 3, 0, [100, 100, 100])
    assert "This was undone by" in manager_client.get(f"/changes/{repricing.pk}/").content.decode()


def test_rows_left_alone_by_the_worker_are_told_on_the_page(manager_client, repricing):
    Product.objects.filter(sku="B").update(price=90)
    manager_client.post(f"/changes/{repricing.pk}/undo/")
    text = manager_client.get(f"/changes/{repricing.pk}/").content.decode()
    assert prices() == [100, 90, 100]
    assert "2 rows restored, 1 left alone" in text
    assert all(f"<td>{value}</td>" in text for value in ("100.00", "120.00", "90.00"))


@pytest.fixture
def waiting(monkeypatch):
    """No worker takes the task."""
    taken = []
    monkeypatch.setattr(undo_tasks, "undo_in_background", type("Queue", (), {"enqueue": staticmethod(taken.append)}))
    return taken


def test_second_press_while_it_waits_asks_for_nothing_more(manager_client, repricing, waiting):
    for _ in range(2):
        manager_client.post(f"/changes/{repricing.pk}/undo/")
    assert (len(waiting), UndoRun.objects.count(), prices()) == (1, 1, [120, 120, 120])
    page = manager_client.get(f"/changes/{repricing.pk}/").content.decode()
    assert "Being undone" in page
    assert f'action="/changes/{repricing.pk}/undo/"' not in page


def test_interrupted_undo_is_told_and_asked_for_again(manager_client, repricing, waiting):
    manager_client.post(f"/changes/{repricing.pk}/undo/")
    UndoRun.objects.update(started_at=repricing.at.replace(year=2020))
    assert "The undo was interrupted" in manager_client.get(f"/changes/{repricing.pk}/").content.decode()
    manager_client.post(f"/changes/{repricing.pk}/undo/")
    assert len(waiting) == 2


def test_task_that_comes_a_second_time_finds_its_work_done(manager_client, repricing):
    manager_client.post(f"/changes/{repricing.pk}/undo/")
    undo_tasks.undo_in_background.func(UndoRun.objects.get().pk)
    assert (ChangeSet.objects.filter(undo_of=repricing).count(), UndoRun.objects.get().restored) == (1, 3)


def test_long_run_of_added_rows_goes_stretch_by_stretch(manager_client, manager):
    rows = 2 * STRETCH + 7
    with change_set(manager, "product.imported", "brought many") as change, connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO sales_product (sku, name, gtin, stock, reorder_point, active, version, created_at)
               SELECT 'P' || n, 'P', '', 0, 0, true, 1, now() FROM generate_series(1, %s) n""",
            [rows],
        )
        change.count = rows
    Product.objects.filter(sku="P5").update(stock=9)
    manager_client.post(f"/changes/{change.pk}/undo/")
    run = UndoRun.objects.get()
    assert (run.rows_done, run.restored, run.conflicts) == (rows, rows - 1, 1)
    assert list(Product.objects.values_list("sku", flat=True)) == ["P5"]
