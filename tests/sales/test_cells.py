"""Cells edited in their place, whatever they hold: who may, both values when two people wrote, and the same without script."""

import json

import pytest

from dashboard.models import ChangeSet
from sales.models import Customer, Product
from tests.conftest import signed_in

from .factories import make_category, make_customer, make_product, make_tier, sell
from .test_product_edits import in_threads

LIST = {"HX-Current-URL": "http://testserver/sales/products/"}


def url_of(product, cell: str) -> str:
    return f"/sales/product/{product.pk}/{cell}/"


def message(response) -> str:
    return json.loads(response["HX-Trigger"])["toast"]["message"]


@pytest.mark.parametrize(
    ("cell", "typed", "value", "said"),
    [
        ("cost", "+10%", "6.6000", "Bell: cost 6.00 → 6.60"),
        ("cost", "=7", "7.0000", "Bell: cost 6.00 → 7.00"),
        ("cost", "", "None", "Bell: cost 6.00 → —"),
        ("reorder-point", "+5", "8", "Bell: reorder point 3 → 8"),
        ("reorder-point", "0", "0", "Bell: reorder point 3 → 0"),
    ],
)
def test_number_is_set_or_changed(manager_client, hx, cell, typed, value, said):
    product, field = make_product("Bell", cost="6.00", reorder_point=3), cell.replace("-", "_")
    response = hx(manager_client).post(url_of(product, cell), {field: typed}, target=f"row-{product.pk}")
    assert (response.status_code, message(response)) == (200, said)
    product.refresh_from_db()
    assert (str(getattr(product, field)), product.version) == (value, 1)


@pytest.mark.parametrize(
    ("cell", "typed", "sentence"),
    [
        ("cost", "-7", "−7 is not possible: the cost is 6.00 and cannot go below zero."),
        ("cost", "six", "Write 12.50, &#x2B;5% or -2."),
        ("reorder-point", "", "Write a number."),
        ("reorder-point", "-4", "the reorder point is 3 and cannot go below zero"),
        ("reorder-point", "+5%", "Write 12, &#x2B;5 or -2."),
        ("category", "999", "Select a valid choice"),
        ("category", "x' OR 1=1", "Select a valid choice"),
    ],
)
def test_refused_value_stays_in_the_field_with_its_reason(manager_client, hx, cell, typed, sentence):
    product, field = make_product("Bell", cost="6.00", reorder_point=3), cell.replace("-", "_")
    response = hx(manager_client).post(url_of(product, cell), {field: typed}, target=f"row-{product.pk}")
    body = response.content.decode().replace("+", "&#x2B;")
    assert response.status_code == 422
    assert sentence in body
    assert f'id="{field}-{product.pk}-error"' in body
    assert typed in ("", "999", "x' OR 1=1") or f'value="{typed.replace("+", "&#x2B;")}"' in body
    assert not ChangeSet.objects.filter(verb__startswith="product.").exists()


def test_cost_that_is_unknown_cannot_be_raised(manager_client, hx):
    product = make_product("Bell", cost=None)
    response = hx(manager_client).post(url_of(product, "cost"), {"cost": "+5"})
    assert response.status_code == 422
    assert "there is no cost to change" in response.content.decode()


def test_category_is_chosen_or_emptied_and_prices_follow_in_the_row(manager_client, hx):
    bikes = make_category("Bikes", default_price="99.00")
    product = make_product("Bell", price=None, category=None)
    response = hx(manager_client).post(url_of(product, "category"), {"category": bikes.pk, "was": ""}, target=f"row-{product.pk}")
    assert message(response) == "Bell: category — → Bikes"
    assert "99.00" in response.content.decode()
    response = hx(manager_client).post(url_of(product, "category"), {"category": "", "was": bikes.pk}, target=f"row-{product.pk}")
    assert message(response) == "Bell: category Bikes → —"
    assert [change.sentence for change in ChangeSet.objects.filter(verb="product.categorised").order_by("pk")] == [
        "put Bell into Bikes",
        "took Bell out of any category",
    ]


def test_tier_is_set_by_hand_and_given_back_to_spend(manager_client, hx):
    gold, silver = make_tier("Gold", "1000"), make_tier("Silver", "0", "0")
    una = make_customer("Una")
    url = f"/sales/customers/{una.pk}/tier/"
    response = hx(manager_client).post(url, {"tier": gold.pk, "was": ""}, target=f"row-{una.pk}")
    assert message(response) == "Una: tier Silver by spend → Gold"
    assert "by hand" in response.content.decode()
    assert Customer.objects.get().tier == gold
    response = hx(manager_client).post(url, {"tier": silver.pk, "was": ""}, target=f"row-{una.pk}")
    assert response.status_code == 409
    assert "Keep theirs: Gold" in response.content.decode()
    response = hx(manager_client).post(url, {"tier": "", "was": gold.pk}, target=f"row-{una.pk}")
    assert message(response) == "Una: tier Gold → Silver by spend"
    assert Customer.objects.get().tier is None


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_forty_who_saw_no_tier_one_wins_and_the_others_are_told(manager):
    una, tiers = make_customer("Una"), [make_tier(f"Tier {number}", str(number)) for number in range(40)]
    answers = in_threads(manager, [(f"/sales/customers/{una.pk}/tier/", {"tier": tier.pk, "was": ""}) for tier in tiers])
    assert sorted(answers) == [200] + [409] * 39
    assert ChangeSet.objects.get(verb="customer.tiered").sentence == f"put Una into the tier {Customer.objects.get().tier}"


def test_stale_value_is_refused_with_both_and_either_can_stand(manager, manager_client, person, hx):
    product = make_product("Bell", price="10.00")
    colleague = signed_in(person("ada", "Managers", first_name="Ada", last_name="Byron"))
    hx(colleague).post(url_of(product, "price"), {"price": "12", "was": "10.00"})
    mine = {"price": "11.50", "was": "10.00"}
    response = hx(manager_client).post(url_of(product, "price"), mine, target=f"row-{product.pk}")
    body = response.content.decode()
    assert response.status_code == 409
    assert "Ada Byron changed this to 12.00 at" in body
    assert "You wrote 11.50." in body
    assert "Keep theirs: 12.00" in body
    assert "Put mine in its place: 11.50" in body
    assert 'name="was" value="12.00"' in body, "sent once more, mine is meant"
    assert hx(manager_client).post(url_of(product, "price"), {**mine, "keep": "1"}, target=f"row-{product.pk}").status_code == 200
    assert str(Product.objects.get().price) == "12.0000"
    assert hx(manager_client).post(url_of(product, "price"), {**mine, "was": "12.00"}).status_code == 200
    assert str(Product.objects.get().price) == "11.5000"


def test_mine_in_its_place_is_stale_again_when_a_third_was_faster(manager_client, hx):
    product = make_product("Bell", price="10.00")
    Product.objects.update(price="13")
    response = hx(manager_client).post(url_of(product, "price"), {"price": "11.50", "was": "12.00"})
    assert response.status_code == 409
    assert "Keep theirs: 13.00" in response.content.decode()


def test_another_cell_of_the_row_changed_meanwhile_is_no_conflict(manager_client, hx):
    product = make_product("Bell", price="10.00", stock=5)
    hx(manager_client).post(url_of(product, "stock"), {"by": "1"})
    assert hx(manager_client).post(url_of(product, "price"), {"price": "11", "was": "10.00"}).status_code == 200
    product.refresh_from_db()
    assert (product.stock, str(product.price), product.version) == (6, "11.0000", 2)


def test_value_written_by_any_path_is_never_overwritten_silently(manager_client, hx):
    product = make_product("Bell", price="10.00")
    Product.objects.filter(pk=product.pk).update(price="12")  # counts no version, as a hand-written statement would not
    assert hx(manager_client).post(url_of(product, "price"), {"price": "11", "was": "10.00"}).status_code == 409
    assert str(Product.objects.get().price) == "12.0000"


def test_both_wrote_the_same_is_no_conflict_and_no_second_change(manager_client, hx):
    product = make_product("Bell", price="12.00")
    response = hx(manager_client).post(url_of(product, "price"), {"price": "12", "was": "10.00"}, target=f"row-{product.pk}")
    assert response.status_code == 200
    assert "HX-Trigger" not in response
    assert not ChangeSet.objects.filter(verb__startswith="product.").exists()


@pytest.mark.parametrize("was", ["x", "1e400", "-1", "9" * 40, "\x00"])
def test_form_that_is_out_of_shape_says_so(manager_client, hx, was):
    product = make_product("Bell")
    response = hx(manager_client).post(url_of(product, "price"), {"price": "12", "was": was})
    assert response.status_code == 422
    assert "Reload the page" in response.content.decode()


def test_editor_comes_on_demand_into_a_cell_and_the_cell_comes_back(manager_client, hx):
    bikes, parts = make_category("Bikes"), make_category("Parts")
    product = make_product("Bell", category=bikes)
    target = f"cell-category-{product.pk}"
    body = hx(manager_client).get(url_of(product, "category"), target=target).content.decode()
    assert f'id="{target}"' in body
    assert f'<option value="{bikes.pk}" selected>Bikes</option>' in body
    assert f'data-hx-target="#{target}"' in body
    in_list = manager_client.get(url_of(product, "category"), headers=hx.headers(target) | LIST).content.decode()
    assert f'data-hx-target="#row-{product.pk}"' in in_list
    answer = hx(manager_client).post(url_of(product, "category"), {"category": parts.pk, "was": bikes.pk}, target=target)
    assert answer.content.decode().startswith(f'<span class="cell" id="{target}">')
    assert "Parts" in answer.content.decode()
    assert "csrf" not in answer.content.decode()


def test_without_script_an_edit_goes_back_with_a_message(manager_client):
    product = make_product("Bell", stock=5)
    referer = "http://testserver/sales/products/?q=bell"
    page = manager_client.get(url_of(product, "stock"), headers={"Referer": referer}).content.decode()
    assert "<h1>Stock of Bell</h1>" in page
    assert f'name="next" value="{referer}"' in page
    response = manager_client.post(url_of(product, "stock"), {"stock": "9", "was": "5", "next": referer}, follow=True)
    assert response.redirect_chain == [(referer, 302)]
    assert "Bell: stock 5 → 9" in response.content.decode()
    response = manager_client.post(url_of(product, "stock"), {"stock": "+1"}, headers={"Referer": "https://elsewhere.test/"}, follow=True)
    assert response.redirect_chain == [("/sales/products/", 302)]


@pytest.mark.parametrize("place", ["0", "sales:orders", "a\x00b", "/x\r\nSet-Cookie: a=b", "//elsewhere.test/", "javascript:alert(1)", "x" * 5000])
def test_place_to_go_back_to_is_never_followed_elsewhere(manager_client, place):
    product = make_product("Bell")
    response = manager_client.post(url_of(product, "price"), {"price": "12", "next": place})
    assert response.status_code == 302
    assert not response["Location"].startswith(("//", "javascript", "http"))
    assert "Set-Cookie: a" not in str(response.headers)


def test_without_script_a_refusal_loses_nothing_and_a_conflict_asks(manager_client):
    product = make_product("Bell", stock=5)
    response = manager_client.post(url_of(product, "stock"), {"stock": "-10", "next": "https://elsewhere.test/"})
    assert response.status_code == 422
    assert 'value="-10"' in response.content.decode()
    assert "elsewhere" not in response.content.decode()
    Product.objects.update(stock=31)
    response = manager_client.post(url_of(product, "stock"), {"stock": "57", "was": "5", "next": "/sales/products/?q=b"})
    assert response.status_code == 409
    assert "<title>Stock of Bell" in response.content.decode()
    keep = {"stock": "57", "was": "31", "next": "/sales/products/?q=b", "keep": "1"}
    assert manager_client.post(url_of(product, "stock"), keep)["Location"] == "/sales/products/?q=b"
    assert Product.objects.get().stock == 31
    del keep["keep"]
    manager_client.post(url_of(product, "stock"), keep)
    assert Product.objects.get().stock == 57


@pytest.mark.parametrize("count", [1, 3])
def test_editing_a_row_takes_the_same_queries_however_long_the_list(manager_client, hx, count, django_assert_num_queries):
    products = [make_product(f"Bell {number}") for number in range(count)]
    sell(products[0])
    hx(manager_client).post(url_of(products[0], "price"), {"price": "11"}, target=f"row-{products[0].pk}")
    with django_assert_num_queries(15):
        hx(manager_client).post(url_of(products[0], "price"), {"price": "12", "was": "11.00"}, target=f"row-{products[0].pk}")


def test_viewer_sees_values_and_no_way_to_edit(viewer_client, manager_client):
    make_tier("Gold", "0")
    make_product("Bell", category=make_category("Bikes"), cost="6.00")
    make_customer("Una")
    for path in ("products", "customers"):
        assert "data-cell" in manager_client.get(f"/sales/{path}/").content.decode()
        body = viewer_client.get(f"/sales/{path}/").content.decode()
        assert "data-cell" not in body
        assert "cell-editor" not in body


def test_export_holds_values_and_no_markup(manager_client):
    make_product("Bell", sku="B1", price="10.00", cost="6.00", stock=5, reorder_point=2, category=make_category("Bikes"))
    line = b"".join(manager_client.get("/sales/products/?export=csv").streaming_content).decode()
    assert "Bell,Bikes,10.00,6.00" in line
    assert "<" not in line


@pytest.mark.parametrize(
    ("cell", "typed", "effect"),
    [
        ("price", "+5%", "10.00 → 10.50"),
        ("price", "+0.005", "10.00 → 10.01"),
        ("price", "-11", ""),
        ("price", "12", ""),
        ("price", "+x", ""),
        ("cost", "-10%", ""),
        ("stock", "-2", "5 → 3"),
        ("stock", "+2000000000", ""),
        ("category", "1", ""),
    ],
)
def test_effect_of_a_change_is_told_before_it_is_saved(manager_client, hx, cell, typed, effect):
    product = make_product("Bell", price="10.00", cost=None, stock=5)
    response = hx(manager_client).get(url_of(product, cell), {cell: typed}, target=f"effect-{cell}-{product.pk}")
    assert (response.status_code, response.content.decode()) == (200, effect)
    assert not ChangeSet.objects.filter(verb__startswith="product.").exists()


def test_page_of_a_customer_leads_to_its_tier_for_managers_alone(manager_client, viewer_client):
    una = make_customer("Una")
    assert f'href="/sales/customers/{una.pk}/tier/"' in manager_client.get(f"/sales/customers/{una.pk}/").content.decode()
    assert "/tier/" not in viewer_client.get(f"/sales/customers/{una.pk}/").content.decode()
