"""Editing a product in its row: what is typed, what is refused, and many people at once."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from dashboard import once
from dashboard.models import ChangeSet, FormToken
from sales.models import Product
from tests.conftest import signed_in

from .factories import make_category, make_product


def stock_url(product) -> str:
    return f"/sales/product/{product.pk}/stock/"


def price_url(product) -> str:
    return f"/sales/product/{product.pk}/price/"


@pytest.mark.parametrize(
    ("sent", "stock"),
    [
        ({"by": "1"}, 6),
        ({"by": "-1"}, 4),
        ({"stock": "+5"}, 10),
        ({"stock": "-5"}, 0),
        ({"stock": "−2"}, 3),
        ({"stock": "12"}, 12),
        ({"stock": "=12"}, 12),
        ({"stock": "0"}, 0),
    ],
)
def test_stock_is_set_or_changed_and_the_row_comes_back_with_totals(manager_client, hx, sent, stock):
    product = make_product("Bell", stock=5)
    response = hx(manager_client).post(stock_url(product), sent, target=f"row-{product.pk}")
    assert response.status_code == 200
    product.refresh_from_db()
    assert (product.stock, product.version) == (stock, 1)
    body = response.content.decode()
    assert body.startswith(f'<tr id="row-{product.pk}"')
    assert '<tfoot id="totals" data-hx-swap-oob="true">' in body
    assert json.loads(response["HX-Trigger"])["toast"]["message"] == f"Bell: stock 5 → {stock}"
    assert ChangeSet.objects.get(verb__startswith="product.").verb == "product.restocked"


def test_totals_after_an_edit_follow_the_filter_of_the_list(manager_client, hx):
    product = make_product("Bell", stock=5)
    make_product("Lamp", stock=100)
    headers = hx.headers(f"row-{product.pk}") | {"HX-Current-URL": "http://testserver/sales/products/?q=bell"}
    body = manager_client.post(stock_url(product), {"by": "1"}, headers=headers).content.decode()
    assert '<td class="r">6</td>' in body.split("<tfoot")[1]
    headers["HX-Current-URL"] = "http://testserver/sales/products/"
    body = manager_client.post(stock_url(product), {"by": "1"}, headers=headers).content.decode()
    assert '<td class="r">107</td>' in body.split("<tfoot")[1]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"stock": "-6"}, "cannot go below zero"),
        ({"stock": "six"}, "Write 12, +5 or -2."),
        ({"stock": "1.5"}, "Write 12, +5 or -2."),
        ({"stock": "5%"}, "Write 12, +5 or -2."),
        ({"stock": ""}, "Write a number."),
        ({"stock": "3000000000"}, "Stock goes up to"),
        ({"stock": "+2000000000"}, "is not possible"),
        ({"stock": "9" * 30}, "at most 20 characters"),
        ({"by": "7"}, "not one of the available choices"),
    ],
)
def test_a_refused_stock_leaves_the_row_and_says_why_beside_the_field(manager_client, hx, sent, sentence):
    product = make_product("Bell", stock=5)
    response = hx(manager_client).post(stock_url(product), sent, target=f"row-{product.pk}")
    assert response.status_code == 422
    body = response.content.decode()
    assert sentence in body
    assert f'aria-describedby="stock-{product.pk}-error"' in body
    product.refresh_from_db()
    assert (product.stock, product.version) == (5, 0)
    assert not ChangeSet.objects.filter(verb__startswith="product.").exists()


@pytest.mark.parametrize(
    ("typed", "price"),
    [
        ("12.50", "12.5"),
        ("=12.50", "12.5"),
        ("= 9", "9"),
        ("+5%", "10.5"),
        ("-2", "8"),
        ("+0.005", "10.01"),
        ("-100%", "0"),
        ("0", "0"),
        ("1.2345", "1.2345"),
        ("+33.33%", "13.33"),
    ],
)
def test_a_price_is_set_or_changed_rounded_half_up(manager_client, hx, typed, price):
    product = make_product("Bell", price="10.00")
    assert hx(manager_client).post(price_url(product), {"price": typed, "was": "10.00"}).status_code == 200
    product.refresh_from_db()
    assert product.price == Decimal(price)


def test_a_percentage_of_a_category_price_becomes_the_products_own(manager_client, hx):
    product = make_product("Tube", price=None, category=make_category(default_price="8.00"))
    assert hx(manager_client).post(price_url(product), {"price": "+10%"}).status_code == 200
    product.refresh_from_db()
    assert product.price == Decimal("8.80")
    assert hx(manager_client).post(price_url(product), {"price": "", "was": "8.80"}).status_code == 200
    product.refresh_from_db()
    assert product.price is None


@pytest.mark.parametrize(
    "typed", ["-10.01", "-101%", "=5%", "=-5", "==5", "5+", "12,50", "abc", "10%", "1e5", "+1001%", "99999999999", "+9999999999"]
)
def test_a_refused_price_changes_nothing(manager_client, hx, typed):
    product = make_product("Bell", price="10.00")
    response = hx(manager_client).post(price_url(product), {"price": typed, "was": "10.00"})
    assert response.status_code == 422
    assert f'id="price-{product.pk}-error"' in response.content.decode()
    product.refresh_from_db()
    assert (product.price, product.version) == (Decimal(10), 0)


def test_a_product_without_any_price_cannot_be_raised_by_per_cent(manager_client, hx):
    product = make_product("Gift", price=None)
    assert hx(manager_client).post(price_url(product), {"price": "+5%"}).status_code == 422


def test_a_change_by_some_never_is_stale(manager_client, hx):
    product = make_product("Bell", stock=5)
    for _ in range(2):
        assert hx(manager_client).post(stock_url(product), {"by": "1", "stock": "5", "was": "5"}).status_code == 200
    product.refresh_from_db()
    assert product.stock == 7


def test_only_managers_edit(viewer_client, recruiter_client, outsider_client, client, hx):
    product = make_product("Bell", stock=5)
    for url, sent in ((stock_url(product), {"by": "1"}), (price_url(product), {"price": "1"})):
        for person in (viewer_client, recruiter_client, outsider_client):
            assert person.post(url, sent).status_code == 403
            assert hx(person).post(url, sent).status_code == 403
        assert client.post(url, sent).status_code == 302
    product.refresh_from_db()
    assert (product.stock, product.price) == (5, Decimal(10))


def test_editing_a_product_that_is_gone_is_a_404(manager_client, hx):
    for pk in (999_999, 10**30):
        assert hx(manager_client).post(f"/sales/product/{pk}/stock/", {"by": "1"}).status_code == 404


def in_threads(manager, requests: list[tuple[str, dict]]) -> list[int]:
    """Send all requests at once, each over a connection of its own; the status codes."""

    def send(request):
        try:
            url, sent = request
            return signed_in(manager).post(url, sent, headers={"HX-Request": "true", "HX-Target": "row"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(send, requests))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_forty_people_take_one_of_twenty(manager):
    product = make_product("Bell", stock=20)
    answers = in_threads(manager, [(stock_url(product), {"by": "-1"})] * 40)
    assert sorted(answers) == [200] * 20 + [422] * 20
    assert Product.objects.get().stock == 0


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_forty_mixed_changes_add_up(manager):
    product = make_product("Bell", stock=100)
    answers = in_threads(manager, [(stock_url(product), {"stock": "+3" if number % 2 else "-1"}) for number in range(40)])
    assert answers == [200] * 40
    product.refresh_from_db()
    assert (product.stock, product.version) == (140, 40)


@pytest.mark.parametrize("cell", ["stock", "price", "cost", "reorder-point"])
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_forty_who_saw_one_version_one_wins_and_the_others_are_told(manager, cell):
    product = make_product("Bell", stock=10, price="10.00", cost="10.00", reorder_point=10)
    url, field = f"/sales/product/{product.pk}/{cell}/", cell.replace("-", "_")
    answers = in_threads(manager, [(url, {field: str(number), "was": "10"}) for number in range(20, 60)])
    assert sorted(answers) == [200] + [409] * 39
    product.refresh_from_db()
    assert product.version == 1
    winner = ChangeSet.objects.get(verb__startswith="product.")
    assert winner.sentence.endswith(f": {getattr(product, field):.0f}")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_one_form_sent_twice_at_once_counts_once(manager):
    product = make_product("Bell", stock=5)
    assert in_threads(manager, [(stock_url(product), {"by": "1", "token": "one-form"})] * 2) == [200, 200]
    assert Product.objects.get().stock == 6


def test_a_form_sent_again_answers_with_the_row_and_other_words_are_another_wish(manager_client, hx):
    product = make_product("Bell", stock=5, price="10.00")
    for sent, message, stock in (
        ({"stock": "+5", "token": "a"}, "Bell: stock 5 → 10", 10),
        ({"stock": "+5", "token": "a"}, "Bell: stock 10", 10),
        ({"stock": "-2", "token": "a"}, "Bell: stock 10 → 8", 8),
        ({"stock": "+5", "token": "b"}, "Bell: stock 8 → 13", 13),
    ):
        response = hx(manager_client).post(stock_url(product), sent, target=f"row-{product.pk}")
        assert (response.status_code, json.loads(response["HX-Trigger"])["toast"]["message"]) == (200, message)
        assert Product.objects.get().stock == stock
    for _ in range(2):
        manager_client.post(price_url(product), {"price": "+5%", "token": "c"})
    assert Product.objects.get().price == Decimal("10.50")


def test_a_refused_form_may_be_sent_again(manager_client, hx):
    product = make_product("Bell", stock=0)
    sent = {"by": "-1", "token": "a"}
    assert hx(manager_client).post(stock_url(product), sent, target=f"row-{product.pk}").status_code == 422
    Product.objects.update(stock=3)
    assert hx(manager_client).post(stock_url(product), sent, target=f"row-{product.pk}").status_code == 200
    assert Product.objects.get().stock == 2


def test_forms_of_one_page_share_a_token_and_still_act_each(manager_client):
    bell, lamp = make_product("Bell", stock=5), make_product("Lamp", stock=5)
    pages = [manager_client.get("/sales/products/").content.decode() for _ in range(2)]
    tokens = [set(re.findall(r"token&quot;: &quot;([^&]+)&quot;", page)) for page in pages]
    assert len(tokens[0]) == 1
    assert tokens[0] != tokens[1]
    for product in (bell, lamp, bell):
        manager_client.post(stock_url(product), {"by": "1", "token": min(tokens[0])})
    assert sorted(Product.objects.values_list("stock", flat=True)) == [6, 6]


def test_forms_sent_are_forgotten_after_a_day(manager):
    for hours in (1, 25):
        FormToken.objects.create(user=manager, token_hash=str(hours), at=timezone.now() - timedelta(hours=hours))
    assert once.tidy() == 1
    assert FormToken.objects.get().token_hash == "1"
