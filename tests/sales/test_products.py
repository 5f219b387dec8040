"""The list of products: rows, filters, figures, totals, exports, and who may see it."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from sales.models import Product

from .factories import make_category, make_product, make_tier, sell

URL = "/sales/products/"
QUERIES = {("page", 1): 6, ("page", 3): 6, ("fragment", 1): 5, ("fragment", 3): 5}


def names(response) -> set[str]:
    return {row.record.name for row in response.context["table"].paginated_rows}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("kind", ["page", "fragment"])
def test_products_cost_the_same_queries_however_many_rows(manager_client, hx, django_assert_num_queries, kind, rows):
    for number in range(rows):
        sell(make_product(f"Product {number}", category=make_category(f"Category {number}")))
    get = manager_client.get if kind == "page" else hx(manager_client).get
    get(URL)
    with django_assert_num_queries(QUERIES[kind, rows]):
        response = get(URL)
    assert {row.record.pk for row in response.context["table"].paginated_rows} == set(Product.objects.values_list("pk", flat=True))
    assert (b"<!doctype html>" in response.content) == (kind == "page")


def test_products_are_closed_to_people_without_a_sales_role(client, outsider_client, recruiter_client):
    for export in ("", "?export=csv", "?export=json"):
        assert outsider_client.get(URL + export).status_code == 403
        assert recruiter_client.get(URL + export).status_code == 403
        assert client.get(URL + export)["Location"].startswith("/accounts/login/")


def test_a_viewer_sees_prices_but_nothing_to_edit_them_with(viewer_client):
    product = make_product("Bell", price="12.50")
    body = viewer_client.get(URL).content.decode()
    assert "12.50" in body
    for control in (f"/sales/product/{product.pk}/stock/", f"/sales/product/{product.pk}/price/", 'id="bulk"', 'name="ids"'):
        assert control not in body


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("availability=in_stock", {"plenty", "low"}),
        ("availability=low", {"low"}),
        ("availability=sold_out", {"gone"}),
        ("availability=preorder", {"soon"}),
        ("availability=archived", {"old"}),
        ("availability=available", {"plenty", "low", "soon"}),
        ("reorder=yes", {"low", "gone", "soon"}),
        ("q=PLEN", {"plenty"}),
        ("q=sku-9", {"gone"}),
        ("price_min=20", {"soon"}),
        ("price_max=9.99", {"low"}),
        ("price_min=10&price_max=10", {"plenty", "gone", "old"}),
        ("cost=none", {"gone"}),
        ("category=parent", {"low", "plenty"}),
        ("category=child", {"low"}),
        ("availability=available&q=o", {"low", "soon"}),
    ],
)
def test_each_filter_keeps_exactly_its_products(manager_client, query, expected):
    parent = make_category("Parent", key="parent")
    child = make_category("Child", key="child", parent=parent, default_price="8.00")
    make_product("plenty", stock=50, reorder_point=5, category=parent)
    make_product("low", stock=5, reorder_point=5, category=child, price=None)
    make_product("gone", sku="SKU-9", stock=0, reorder_point=5, cost=None)
    make_product("soon", stock=0, preorder_from=timezone.localdate() + timedelta(days=9), price="25.00")
    make_product("old", stock=3, active=False)
    response = manager_client.get(f"{URL}?{query}")
    assert names(response) == expected
    assert len(response.context["table"].paginated_rows) == len(expected)


def test_sold_and_unsold_look_at_counted_sales_only(manager_client):
    often, once, cancelled, never = (make_product(name) for name in ("often", "once", "cancelled", "never"))
    for days_ago in (1, 2, 3):
        sell(often, days_ago=days_ago)
    sell(once, days_ago=40)
    sell(cancelled, status="cancelled")
    line = sell(never, quantity=-1)  # a return is no sale
    assert line.net < 0
    assert names(manager_client.get(f"{URL}?sold=yes")) == {"often", "once"}
    assert names(manager_client.get(f"{URL}?sold=no")) == {"cancelled", "never"}
    assert names(manager_client.get(f"{URL}?unsold_days=30")) == {"once", "cancelled", "never"}
    assert len(manager_client.get(f"{URL}?sold=yes").context["table"].paginated_rows) == 2, "three sales of a product do not repeat it"


def test_a_product_without_a_price_shows_its_categorys_and_says_so(viewer_client):
    make_product("Tube", price=None, category=make_category("Small parts", default_price="7.90"))
    body = viewer_client.get(URL).content.decode()
    assert "7.90" in body
    assert "category price" in body


def test_figures_of_90_days_and_their_totals_come_from_the_same_lines(manager_client):
    bell, lamp = make_product("Bell", stock=3), make_product("Lamp", stock=4)
    sell(bell, 2, "10.00", days_ago=1)
    sell(bell, 1, "10.00", days_ago=100)
    sell(lamp, 3, "5.125", days_ago=2)
    sell(lamp, -1, "5.125", days_ago=1)
    response = manager_client.get(f"{URL}?sort=-net", headers={"Accept": "text/html"})
    table = response.context["table"]
    assert [row.record.name for row in table.paginated_rows] == ["Bell", "Lamp"]
    assert table.totals["stock"] == 7
    assert table.totals["units"] == 4
    assert str(table.totals["net"].normalize()) == "30.25"


def test_exports_hold_the_rows_and_totals_of_the_screen(manager_client):
    make_product("Bell", price="12.345", stock=2)
    make_product("=1+1", sku="X-1", stock=1)
    made = json.loads(b"".join(manager_client.get(f"{URL}?export=json").streaming_content))
    assert {row["label"] for row in made["rows"]} == {"Bell", "=1+1"}
    csv = b"".join(manager_client.get(f"{URL}?export=csv").streaming_content).decode()
    assert "'=1+1" in csv
    assert "12.35" in csv


@pytest.mark.parametrize("query", ["price_min=x", "availability=maybe", "unsold_days=0", "category=nowhere", "category=%00", "q=" + "x" * 201])
def test_an_invalid_filter_shows_no_rows_and_says_why(manager_client, query):
    make_product("Bell")
    response = manager_client.get(f"{URL}?{query}")
    assert names(response) == set()
    assert b"This view cannot be shown as asked" in response.content


def test_the_page_of_a_product_shows_its_facts_and_what_each_tier_pays(viewer_client, django_assert_num_queries):
    make_tier("Gold", "1000", "0.15")
    product = make_product("Bell", sku="A/B 1.2", price="9.99")
    sell(product, 2, days_ago=3, number="SO-77")
    viewer_client.get(URL)
    with django_assert_num_queries(8):
        response = viewer_client.get("/sales/products/A/B%201.2/")
    body = response.content.decode()
    assert "8.49" in body, "9.99 less 15 % is 8.4915"
    assert "SO-77" in body
    assert viewer_client.get("/sales/products/nothing/").status_code == 404


def test_the_form_of_a_product_saves_refuses_and_notices_other_editors(manager_client, viewer_client):
    product = make_product("Bell", sku="BELL")
    values = {"name": "Brass bell", "reorder_point": "3", "active": "on", "price": "11.00", "cost": "", "gtin": "", "version": "0"}
    assert viewer_client.post("/sales/products/BELL/", values).status_code == 403
    refused = manager_client.post("/sales/products/BELL/", values | {"gtin": "4006381333932", "price": "-1"})
    assert refused.status_code == 422
    assert "4006381333932" in refused.content.decode()
    assert "ends in 2, 1 would be right" in refused.content.decode()
    assert "A price cannot be negative." in refused.content.decode()
    assert manager_client.post("/sales/products/BELL/", values).status_code == 302
    product.refresh_from_db()
    assert (product.name, product.version) == ("Brass bell", 1)
    stale = manager_client.post("/sales/products/BELL/", values | {"name": "Steel bell"})
    assert stale.status_code == 409
    body = stale.content.decode()
    assert "Brass bell" in body
    assert "Steel bell" in body
    product.refresh_from_db()
    assert product.name == "Brass bell"


def test_the_form_of_a_product_sets_only_what_it_shows(manager_client):
    make_product("Bell", sku="BELL", stock=5)
    values = {"name": "Bell", "reorder_point": "3", "active": "on", "version": "0", "stock": "999", "sku": "OTHER", "created_at": "2000-01-01"}
    assert manager_client.post("/sales/products/BELL/", values).status_code == 302
    assert Product.objects.get().sku == "BELL"
    assert Product.objects.get().stock == 5
