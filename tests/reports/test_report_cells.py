"""Cells beside the figures of the report: which there are, for whom, at what cost; and editing them where the figures are."""

import gzip
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import expect

from sales.models import Product
from tests.sales.factories import make_category, make_customer, make_product, make_tier, sell

PRODUCTS = "/sales/?period=all&by=product"
EVERY_CELL = "&edit=price,cost,reorder_point,category"


def closed_cells(client, url: str) -> list[tuple[str, str]]:
    body = client.get(url, headers={"HX-Request": "true", "HX-Target": "results"}).content.decode()
    return re.findall(r'data-cell="(\w+)"[^>]*aria-label="([^"]*)"', body)


def test_cells_of_the_dimension_stand_beside_the_figures_when_asked_for(manager_client):
    bell = make_product("Bell", price="10.00", cost="6.00", reorder_point=3, category=make_category("Bikes"))
    make_tier("Gold", "0")
    sell(bell, customer=make_customer("Una"))
    assert closed_cells(manager_client, PRODUCTS) == []
    assert closed_cells(manager_client, PRODUCTS + EVERY_CELL) == [
        ("price", "Price of Bell: 10.00. Edit"),
        ("cost", "Cost of Bell: 6.00. Edit"),
        ("reorder_point", "Reorder point of Bell: 3. Edit"),
        ("category", "Category of Bell: Bikes. Edit"),
    ]
    assert closed_cells(manager_client, "/sales/?period=all&by=customer&edit=price,tier") == [("tier", "Tier of Una: Gold. Edit")]
    assert closed_cells(manager_client, "/sales/?period=all&by=month&edit=price,tier") == []


def test_menu_switches_each_cell_and_keeps_the_rest_of_the_view(manager_client):
    sell(make_product("Bell"))
    body = manager_client.get(f"{PRODUCTS}&edit=price&sort=units").content.decode()
    assert f'href="/sales/?period=all&amp;by=product&amp;sort=units&amp;edit={"price%2Ccost"}"' in body
    assert 'href="/sales/?period=all&amp;by=product&amp;sort=units"' in body
    assert "edit=" not in manager_client.get("/sales/?period=all&by=month").content.decode()


def test_viewer_gets_figures_alone(viewer_client, manager_client):
    sell(make_product("Bell"))
    body = viewer_client.get(PRODUCTS + EVERY_CELL).content.decode()
    assert "data-cell" not in body
    assert "Price now" not in body
    assert "Beside the figures" not in body
    assert "Price now" in manager_client.get(PRODUCTS + EVERY_CELL).content.decode()


def test_word_does_not_follow_into_lines_and_exports_hold_figures_alone(manager_client):
    sell(make_product("Bell"))
    body = manager_client.get(PRODUCTS + EVERY_CELL).content.decode()
    assert "edit=" not in "".join(re.findall(r'href="(/sales/lines/[^"]*)"', body))
    assert "Price now" not in b"".join(manager_client.get(f"{PRODUCTS}{EVERY_CELL}&export=csv").streaming_content).decode()


@pytest.mark.parametrize("word", ["nonsense", "price,nonsense", "stock", "\x00"])
def test_cell_that_is_not_there_is_an_error(manager_client, word):
    sell(make_product("Bell"))
    assert "cannot be shown as asked" in manager_client.get("/sales/", {"by": "product", "period": "all", "edit": word}).content.decode()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("by", "cells"), [("product", "price,cost,reorder_point,category"), ("customer", "tier")])
def test_cells_cost_one_query_however_many_rows(manager_client, hx, count, by, cells):
    make_tier("Gold", "0")
    for number in range(count):
        sell(make_product(f"Bell {number}", category=make_category("Bikes")), customer=make_customer(f"Una {number}"))
    url = f"/sales/?period=all&by={by}"
    hx(manager_client).get(f"{url}&edit={cells}")  # tiers are remembered from here on
    with CaptureQueriesContext(connection) as without:
        hx(manager_client).get(f"{url}&per_page=50")
    with CaptureQueriesContext(connection) as beside:
        hx(manager_client).get(f"{url}&edit={cells}&per_page=50")
    assert len(beside) == len(without) + 1


def test_fragment_holds_nothing_of_one_person_and_stays_light(manager_client, hx):
    for number in range(25):
        sell(make_product(f"Product number {number}", category=make_category(f"Category {number}")))
    content = hx(manager_client).get(PRODUCTS + EVERY_CELL).content
    assert b"csrf" not in content
    assert b'name="token"' not in content
    assert len(gzip.compress(content)) < len(gzip.compress(hx(manager_client).get(PRODUCTS).content)) + 3_000


def test_kept_fragment_is_made_anew_after_an_edit(manager_client, viewer_client, hx):
    bell = make_product("Bell", price="10.00")
    sell(bell)
    for price in ("11", "12"):
        hx(manager_client).post(f"/sales/product/{bell.pk}/price/", {"price": price}, target=f"cell-price-{bell.pk}")
        for _ in range(2):
            assert closed_cells(manager_client, PRODUCTS + EVERY_CELL)[0] == ("price", f"Price of Bell: {price}.00. Edit")
        assert closed_cells(viewer_client, PRODUCTS + EVERY_CELL) == []


def test_figures_follow_when_what_was_edited_restricts_the_view(manager_client, hx):
    bikes, parts = make_category("Bikes", key="bikes"), make_category("Parts")
    bell = make_product("Bell", category=bikes)
    url, wish = f"/sales/product/{bell.pk}/category/", {"category": parts.pk, "was": bikes.pk}
    headers = hx.headers(f"cell-category-{bell.pk}") | {"HX-Current-URL": f"http://testserver{PRODUCTS}&category=bikes&edit=category"}
    assert '"regroup"' in manager_client.post(url, wish, headers=headers)["HX-Trigger"]
    headers["HX-Current-URL"] = f"http://testserver{PRODUCTS}&edit=category"
    response = manager_client.post(url, {"category": bikes.pk, "was": parts.pk}, headers=headers)
    assert '"regroup"' not in response["HX-Trigger"]
    assert '"toast"' in response["HX-Trigger"]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_prices_are_edited_down_the_report_and_a_category_moves_its_product_out_of_the_view(page, site, sign_in, manager):
    bikes = make_category("Bikes", key="bikes")
    make_category("Parts")
    for number, name in enumerate(("Axle", "Bell", "Chain")):
        sell(make_product(name, price="10.00", category=bikes), 9 - number)
    sign_in(manager)
    page.goto(f"{site.url}{PRODUCTS}&category=bikes")
    page.locator("summary", has_text=re.compile("^Edit$")).click()
    page.get_by_role("link", name="Price", exact=True).click()
    expect(page).to_have_url(re.compile("edit=price"))
    page.get_by_role("link", name="Price of Axle: 10.00. Edit").click()
    page.keyboard.type("+10%")
    page.keyboard.press("Enter")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Price of Axle: 11.00. Edit")).to_be_visible()
    expect(page.get_by_role("link", name="Price of Bell: 12.00. Edit")).to_be_visible()
    expect(page.get_by_label("Price of Chain", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    assert [str(price) for price in Product.objects.order_by("name").values_list("price", flat=True)] == ["11.0000", "12.0000", "10.0000"]
    page.goto(f"{site.url}{PRODUCTS}&category=bikes&edit=price,category")
    assert Axe().run(page).violations_count == 0
    page.get_by_role("link", name="Category of Axle: Bikes. Edit").click()
    page.get_by_label("Category of Axle", exact=True).select_option("Parts")
    expect(page.get_by_role("link", name="Category of Axle: Parts. Edit")).to_have_count(0)
    expect(page.get_by_role("link", name="Category of Bell: Bikes. Edit")).to_be_visible()
