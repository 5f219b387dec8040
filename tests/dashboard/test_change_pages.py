"""The change log as pages: who sees what, what it says, and undoing from it."""

import pytest
from django.db.models import F

from dashboard.changes import change_set
from dashboard.models import ChangeSet
from jobs.models import Skill
from sales.models import Category, Product


@pytest.fixture
def repricing(manager):
    category = Category.objects.create(key="b", name="Bikes")
    Product.objects.bulk_create(Product(sku=sku, name=f"Bike {sku}", price=100, category=category) for sku in "ABC")
    with change_set(manager, "product.repriced", "repriced 3 products of Bikes by +5 %") as change:
        change.count = Product.objects.update(price=F("price") * 105 / 100)
    return change


@pytest.fixture
def hiring_change(recruiter):
    with change_set(recruiter, "skill.added", "added the skill Python") as change:
        Skill.objects.create(name="Python")
        change.count = 1
    return change


def test_change_page_tells_each_row_before_and_after(manager_client, repricing):
    text = manager_client.get(f"/changes/{repricing.pk}/").content.decode()
    assert "repriced 3 products of Bikes by +5 %" in text
    assert text.count("100.00 → <b>105.00</b>") == 3
    assert "Bike A" in text


def test_undo_from_the_page_restores_and_offers_redo(manager_client, manager, repricing):
    response = manager_client.post(f"/changes/{repricing.pk}/undo/", follow=True)
    assert set(Product.objects.values_list("price", flat=True)) == {100}
    assert "This was undone by" in response.content.decode()
    undoing = ChangeSet.objects.get(undo_of=repricing)
    assert "Redo" in manager_client.get(f"/changes/{undoing.pk}/").content.decode()


def test_conflict_page_shows_before_mine_and_theirs(manager_client, repricing):
    Product.objects.filter(sku="A").update(price=90)
    response = manager_client.post(f"/changes/{repricing.pk}/undo/")
    assert response.status_code == 409
    text = response.content.decode()
    assert "2 rows restored, 1 left alone" in text
    assert all(f"<td>{value}</td>" in text for value in ("100.0000", "105.0000", "90.0000"))


def test_second_undo_says_it_was_done_before(manager_client, repricing):
    manager_client.post(f"/changes/{repricing.pk}/undo/")
    response = manager_client.post(f"/changes/{repricing.pk}/undo/", follow=True)
    assert "undone before" in response.content.decode()


def test_nobody_sees_the_changes_of_the_other_side(manager_client, recruiter_client, repricing, hiring_change):
    assert manager_client.get(f"/changes/{hiring_change.pk}/").status_code == 404
    assert recruiter_client.get(f"/changes/{repricing.pk}/").status_code == 404
    assert recruiter_client.post(f"/changes/{repricing.pk}/undo/").status_code == 404
    assert "Python" not in manager_client.get("/changes/").content.decode()
    assert "repriced" not in recruiter_client.get("/changes/?export=csv").getvalue().decode()


def test_viewer_sees_but_does_not_undo(viewer_client, repricing):
    assert f"/changes/{repricing.pk}/undo/" not in viewer_client.get(f"/changes/{repricing.pk}/").content.decode()
    assert viewer_client.post(f"/changes/{repricing.pk}/undo/").status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_change_list_takes_a_constant_number_of_queries(hx, manager_client, manager, count, django_assert_num_queries):
    for number in range(count):
        with change_set(manager, "category.added", f"added category {number}") as change:
            Category.objects.create(key=str(number), name=str(number))
            change.count = 1
    with django_assert_num_queries(3):
        response = hx(manager_client).get("/changes/")
    assert response.content.decode().count("added category") == count


def test_admin_edit_is_one_change_set_of_its_user(admin_client, admin):
    category = Category.objects.create(key="b", name="Bikes")
    admin_client.post(f"/admin/sales/category/{category.pk}/change/", {"key": "b", "name": "Bicycles", "_save": "Save"})
    category.refresh_from_db()
    change = ChangeSet.objects.get(verb="admin.edited")
    assert (category.name, change.user, change.rows.get().after) == ("Bicycles", admin, {"name": "Bicycles"})
