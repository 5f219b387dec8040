"""Bulk actions: they say what they will hit, hit exactly that, and nothing when it changed meanwhile."""

import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection

from dashboard.models import ChangeSet
from sales import actions
from sales.forms import Edit
from sales.models import Product

from .factories import make_category, make_product, sell

URL = "/sales/product/bulk/"


def test_the_first_step_counts_shows_and_changes_nothing(manager_client, hx):
    bell, lamp = make_product("Bell"), make_product("Lamp", active=False)
    response = hx(manager_client).post(URL, {"action": "archive", "ids": [bell.pk, lamp.pk]}, target="confirm")
    assert response.status_code == 200
    body = response.content.decode()
    assert "<!doctype html>" not in body
    assert 'name="count" value="1"' in body
    assert "1 stays as before: they are archived already" in body
    bell.refresh_from_db()
    assert bell.active


def test_archiving_the_selected_products_archives_only_those(manager_client):
    bell, lamp, tube = make_product("Bell"), make_product("Lamp"), make_product("Tube")
    response = manager_client.post(URL, {"action": "archive", "ids": [bell.pk, lamp.pk], "count": "2", "query": "q=b"})
    assert response["Location"] == "/sales/products/?q=b"
    assert set(Product.objects.filter(active=False)) == {bell, lamp}
    change = ChangeSet.objects.get(verb__startswith="product.")
    assert (change.verb, change.count, change.sentence) == ("product.archived", 2, "archived 2 products")
    manager_client.post(URL, {"action": "restore", "all": "1", "count": "2"})
    assert set(Product.objects.filter(active=True)) == {bell, lamp, tube}


def test_repricing_all_of_a_filter_is_one_update_rounded_half_up(manager_client, django_assert_num_queries):
    make_product("Bell one", price="10.05")
    make_product("Bell two", price="0.10")
    other = make_product("Lamp", price="10.00")
    follows = make_product("Bell three", price=None)
    response = manager_client.post(URL, {"action": "reprice", "percent": "10", "all": "1", "query": "q=bell", "count": "2"})
    assert response.status_code == 302
    assert sorted(Product.objects.filter(name__startswith="Bell").values_list("name", "price")) == [
        ("Bell one", Decimal("11.06")),
        ("Bell three", None),
        ("Bell two", Decimal("0.11")),
    ]
    other.refresh_from_db()
    follows.refresh_from_db()
    assert (other.price, other.version, follows.version) == (Decimal(10), 0, 0)


def test_a_confirmed_form_sent_twice_reprices_once_and_says_the_same(manager_client):
    bell = make_product("Bell", price="10.00")
    asked = {"action": "reprice", "percent": "5", "ids": [bell.pk]}
    token = re.search(r'name="token" value="([^"]+)"', manager_client.post(URL, asked).content.decode())[1]
    first, second = (manager_client.post(URL, asked | {"count": "1", "token": token}, follow=True).content.decode() for _ in range(2))
    assert "1 product repriced by +5 %." in first
    assert "1 product repriced by +5 %." in second
    bell.refresh_from_db()
    assert bell.price == Decimal("10.50")


def test_setting_a_category_moves_the_selected(manager_client):
    category, bell = make_category("Care"), make_product("Bell")
    manager_client.post(URL, {"action": "category", "category": category.pk, "ids": [bell.pk], "count": "1"})
    bell.refresh_from_db()
    assert bell.category == category


def test_deleting_takes_the_never_sold_and_counts_the_others(manager_client):
    never, sold, cancelled = make_product("Never"), make_product("Sold"), make_product("Cancelled")
    sell(sold)
    sell(cancelled, status="cancelled")
    asked = {"action": "delete", "all": "1"}
    body = manager_client.post(URL, asked).content.decode()
    assert "2 stay as before: orders name them; archive them instead" in body
    assert 'name="count" value="1"' in body
    assert manager_client.post(URL, asked | {"count": "1"}).status_code == 302
    assert set(Product.objects.all()) == {sold, cancelled}
    assert never.pk not in Product.objects.values_list("pk", flat=True)


def test_a_changed_count_does_nothing_and_tells_the_new_one(manager_client):
    make_product("Bell"), make_product("Bell two")
    response = manager_client.post(URL, {"action": "archive", "all": "1", "query": "q=bell", "count": "1"})
    assert response.status_code == 409
    body = response.content.decode()
    assert "there are 2 now. Nothing was changed." in body
    assert 'name="count" value="2"' in body
    assert not Product.objects.filter(active=False).exists()
    assert not ChangeSet.objects.filter(verb__startswith="product.").exists()


@pytest.mark.parametrize(
    "sent",
    [
        {"action": "archive"},
        {"action": "archive", "ids": ["x", "\x00", "9" * 30]},
        {"action": "explode", "all": "1"},
        {"action": "reprice", "all": "1"},
        {"action": "reprice", "all": "1", "percent": "-100"},
        {"action": "reprice", "all": "1", "percent": "0"},
        {"action": "category", "all": "1"},
        {"action": "category", "all": "1", "category": "99999"},
        {"action": "archive", "all": "1", "query": "price_min=x", "count": "1"},
        {"action": "archive", "all": "1", "query": "availability=nonsense"},
        {"action": "archive", "all": "1", "count": "-1"},
    ],
)
def test_a_form_or_filter_that_is_wrong_never_means_all_rows(manager_client, sent):
    make_product("Bell")
    response = manager_client.post(URL, sent)
    assert response.status_code == 422
    assert '<div class="notice error" role="alert">' in response.content.decode()
    assert Product.objects.filter(active=True).count() == 1


def test_only_managers_act_in_bulk(viewer_client, recruiter_client, outsider_client, manager_client):
    product = make_product("Bell")
    for person in (viewer_client, recruiter_client, outsider_client):
        assert person.post(URL, {"action": "archive", "ids": [product.pk], "count": "1"}).status_code == 403
    assert manager_client.get(URL).status_code == 405
    product.refresh_from_db()
    assert product.active


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_crossing_bulk_updates_wait_for_each_other_in_one_order():
    user = User.objects.create_user("ann")
    first = [make_product(f"P{number}", price="100.00").pk for number in range(30)]

    def raise_prices(order):
        try:
            rows = Product.objects.filter(pk__in=first).order_by(order)
            return [actions.in_bulk(rows, 30, lambda held: actions.reprice(held, Edit(Decimal(1), relative=True), user)) for _ in range(10)]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(raise_prices, ["pk", "-pk"]))
    assert counts == [[30] * 10] * 2
    assert set(Product.objects.values_list("price", flat=True)) == {Decimal(120)}
