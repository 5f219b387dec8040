"""The price rehearsal and what came of it: the figures shown are the figures done, and nothing unknown is guessed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.models import ChangeSet
from sales.models import Product
from tests.bulk import first, hidden

from .factories import make_category, make_product, sell

URL, APPLY, BULK = "/sales/pricing/", "/sales/pricing/apply/", "/sales/product/bulk/"


def rows(response) -> dict:
    """The rows of the table by name."""
    return {row.record.name: row.record for row in response.context["table"].paginated_rows}


def words_of(response) -> dict:
    """The form of the page as a browser would send it."""
    return dict(response.context["plan"].form.words()) | {name: hidden(response, name) for name in ("seen", "token")}


def last_change():
    return ChangeSet.objects.exclude(verb="direct").first()


@pytest.fixture
def bikes():
    """Two bikes with sales, one below cost after the change, one that follows its category, one whose cost is unknown; and a bell."""
    bikes = make_category("Bikes", key="bikes", default_price="300.00")
    ridge = make_product("Ridge", category=bikes, price="100.00", cost="60.00")
    trail = make_product("Trail", category=bikes, price="50.00", cost="55.00")
    make_product("Follower", category=bikes, price=None, cost="100.00")
    make_product("Unknown", category=bikes, price="10.00", cost=None)
    make_product("Bell", price="5.00")
    sell(ridge, 4, "100.00", days_ago=3)
    sell(ridge, 6, "100.00", days_ago=89)
    sell(ridge, 9, "100.00", days_ago=91)
    sell(trail, 2, "50.00", days_ago=10)
    return ridge, trail


def test_rehearsal_shows_prices_margins_floors_and_effects_and_changes_nothing(manager_client, bikes):
    response = manager_client.get(URL, {"how": "+5% round .99", "category": "bikes", "margin": "41"})
    shown = rows(response)
    assert set(shown) == {"Ridge", "Trail", "Unknown"}
    ridge, trail, unknown = shown["Ridge"], shown["Trail"], shown["Unknown"]
    assert (ridge.effective_price, ridge.new_price, ridge.effect, ridge.floor) == (100, Decimal("104.99"), Decimal("49.90"), "")
    assert (round(ridge.margin, 4), round(ridge.new_margin, 4)) == (Decimal("0.4000"), Decimal("0.4285"))
    assert (trail.new_price, trail.effect, trail.floor) == (Decimal("52.99"), Decimal("5.98"), "cost")
    assert (unknown.new_price, unknown.new_margin, unknown.floor, unknown.effect) == (Decimal("10.99"), None, "", 0)
    total = response.context["total"]
    assert (total["total_effect"], total["units"], total["below_cost"], total["below_margin"], total["uncosted"]) == (Decimal("55.88"), 12, 1, 0, 1)
    body = response.content.decode()
    assert '1 stays as before: they have no price of their own and follow their category. <span class="muted">Follower</span>' in body
    assert "+55.88 " in body
    assert Product.objects.get(name="Ridge").price == 100


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ({"show": "cost"}, {"Trail"}),
        ({"show": "margin", "margin": "43"}, {"Ridge"}),
        ({"show": "left"}, {"Follower"}),
        ({"q": "ridge"}, {"Ridge"}),
        ({"how": "=cost*2", "show": "left"}, {"Unknown"}),
        ({"how": "=cost*2"}, {"Ridge", "Trail", "Follower"}),
        ({"how": "=10"}, {"Ridge", "Trail", "Follower"}),
        ({"how": "-20", "show": "left"}, {"Follower", "Unknown"}),
    ],
)
def test_rehearsal_shows_what_is_asked_for(manager_client, bikes, words, names):
    assert set(rows(manager_client.get(URL, {"how": "+5% round .99", "category": "bikes"} | words))) == names


def test_rehearsal_is_exported_as_it_is_shown(manager_client, bikes):
    query = {"how": "+5%", "category": "bikes", "export": "csv"}
    lines = b"".join(manager_client.get(URL, query)).decode("utf-8-sig").splitlines()
    assert lines[0] == "Product,Category,Price now,New price,Change,Cost,Margin now,New margin,Floor,Units 90 d,Effect in 90 d"
    assert "Trail,Bikes,50.00,52.50,0.050000,55.00,-0.100000,-0.047619,Below cost,2,5.00" in lines
    left = b"".join(manager_client.get(URL, query | {"show": "left"})).decode("utf-8-sig")
    assert "Follower,Bikes,300.00,100.00,they have no price of their own" in left


def test_applying_makes_exactly_the_prices_that_were_shown_as_one_change_with_one_undo(manager_client, bikes):
    response = manager_client.get(URL, {"how": "+5% round .99", "category": "bikes", "sort": "-effect", "page": "1"})
    expected = {name: record.new_price for name, record in rows(response).items()}
    done = manager_client.post(APPLY, words_of(response))
    change = last_change()
    assert done["Location"] == f"/sales/pricing/{change.pk}/"
    assert (change.verb, change.count) == ("product.repriced", 3)
    assert change.sentence == "repriced 3 products of Bikes by +5 %, rounded to end in .99"
    assert dict(Product.objects.filter(name__in=expected).values_list("name", "price")) == expected
    assert Product.objects.get(name="Follower").price is None
    manager_client.post(f"/changes/{change.pk}/undo/")
    assert Product.objects.get(name="Ridge").price == 100


def test_price_that_somebody_changed_between_makes_the_rehearsal_void(manager_client, bikes):
    words = words_of(manager_client.get(URL, {"how": "+5%", "category": "bikes"}))
    Product.objects.filter(name="Ridge").update(price=110)
    assert manager_client.post(APPLY, words).status_code == 409
    assert Product.objects.get(name="Trail").price == 50


def test_rehearsal_sent_twice_reprices_once(manager_client, bikes):
    words = words_of(manager_client.get(URL, {"how": "+5%", "category": "bikes"}))
    assert [manager_client.post(APPLY, words).status_code for _ in range(2)] == [302, 302]
    assert Product.objects.get(name="Ridge").price == 105


def test_selected_products_go_to_the_rehearsal_from_the_bar(manager_client, hx, bikes):
    ridge, trail = bikes
    sent = {"action": "reprice", "how": "-2.50", "ids": [ridge.pk, trail.pk], "query": "category=bikes"}
    address = manager_client.post(BULK, sent)["Location"]
    response = manager_client.get(address)
    assert set(rows(response)) == {"Ridge", "Trail"}
    assert "Selected: 2 products" in response.content.decode()
    manager_client.post(APPLY, words_of(response))
    assert last_change().sentence == "repriced 2 products by −2.50"
    assert (Product.objects.get(pk=ridge.pk).price, Product.objects.get(name="Unknown").price) == (Decimal("97.50"), 10)
    whole = hx(manager_client).post(BULK, {**sent, "all": "1"}, target="confirm")
    assert whole["HX-Redirect"] == "/sales/pricing/?category=bikes&how=-2.50"


def test_nothing_selected_never_means_all_products(manager_client, bikes):
    assert manager_client.post(BULK, {"action": "reprice", "how": "+5%", "query": ""})["Location"] == "/sales/products/"
    assert manager_client.post(APPLY, {"action": "reprice", "how": "+5%"}).status_code == 422
    confirmed = first(manager_client, APPLY, {"action": "reprice", "how": "+5%", "all": "1", "query": "category=bikes&how=%2B5%25"})
    assert manager_client.post(APPLY, confirmed | {"query": "category=gone"}).status_code == 422
    assert manager_client.post(APPLY, confirmed | {"how": "+50%"}).status_code == 409
    assert manager_client.post(APPLY, confirmed | {"how": "__import__('os')"}).status_code == 422
    assert set(Product.objects.filter(price__isnull=False).values_list("price", flat=True)) == {100, 50, 10, 5}


@pytest.mark.parametrize("words", [{"how": "5"}, {"how": "+5%", "ids": "x"}, {"how": "+5%", "category": "gone"}, {"how": "+5%", "margin": "100"}])
def test_wrong_word_shows_no_row_and_no_button(manager_client, bikes, words):
    response = manager_client.get(URL, words)
    assert rows(response) == {}
    assert b"This view cannot be shown as asked" in response.content
    assert b"/sales/pricing/apply/" not in response.content


@pytest.mark.parametrize("number", [1, 3])
def test_rehearsal_takes_a_constant_number_of_statements(manager_client, hx, number):
    for count in range(number):
        sell(make_product(f"Bell {count}", category=make_category(f"C{count}")))
    hx(manager_client).get(URL, {"how": "+5%"})
    with CaptureQueriesContext(connection) as sent:
        assert len(rows(hx(manager_client).get(URL, {"how": "+5%"}))) == number
    assert len(sent) <= 9, [query["sql"][:90] for query in sent]


# --- What came of it -----------------------------------------------------------------------------------------------------
@pytest.fixture
def change(manager_client, bikes):
    """A change of ten days ago: +10 % on both bikes, and days since."""
    ridge, trail = bikes
    Product.objects.exclude(pk__in=[ridge.pk, trail.pk]).delete()
    manager_client.post(APPLY, words_of(manager_client.get(URL, {"how": "+10%"})))
    change = last_change()
    ChangeSet.objects.filter(pk=change.pk).update(at=timezone.now() - timedelta(days=10))
    sell(ridge, 9, "110.00", days_ago=9)
    sell(ridge, 100, "110.00", days_ago=10)  # the day of the change itself
    sell(trail, 5, "55.00", days_ago=0)  # today is not over
    sell(ridge, 18, "100.00", days_ago=11)
    change.refresh_from_db()
    return change


def test_aftermath_compares_days_before_and_since_with_what_was_expected(manager_client, viewer_client, change):
    response = manager_client.get(f"/sales/pricing/{change.pk}/")
    total, shown = response.context["total"], rows(response)
    # 90 days before: 18 + 6 + 9 sold of Ridge at 100, nothing of Trail (its sale was on the day of the change)
    assert (total["units_before"], total["net_before"]) == (Decimal(33) / 90, Decimal(3300) / 90)
    assert round(total["net_expected"], 4) == round(Decimal(3300 + 33 * 10) / 90, 4)
    # 9 whole days since: 9 of day 9, and 4 at 100 of day 3
    assert (total["units_after"], round(total["net_after"], 4)) == (Decimal(13) / 9, round(Decimal(990 + 400) / 9, 4))
    ridge, trail = shown["Ridge"], shown["Trail"]
    assert (ridge.old_price, ridge.new_price) == (100, 110)
    assert round(ridge.units_after, 4) == round(Decimal(13) / 9, 4)
    assert round(ridge.net_expected, 4) == round(Decimal(3630) / 90, 4)
    assert (trail.old_price, trail.units_before, trail.net_after) == (50, 0, 0)
    assert "9 days" in response.content.decode()
    assert viewer_client.get(f"/sales/pricing/{change.pk}/").status_code == 200
    assert f"/changes/{change.pk}/undo/" not in viewer_client.get(f"/sales/pricing/{change.pk}/").content.decode()
    export = b"".join(manager_client.get(f"/sales/pricing/{change.pk}/?export=csv")).decode()
    assert "Ridge,100.00,110.00" in export


def test_aftermath_of_today_and_of_an_undone_change_say_so(manager_client, bikes):
    manager_client.post(APPLY, words_of(manager_client.get(URL, {"how": "+10%"})))
    page = f"/sales/pricing/{last_change().pk}/"
    assert b"no whole day yet" in manager_client.get(page).content
    manager_client.post(f"/changes/{last_change().pk}/undo/")
    assert b"undone since" in manager_client.get(page).content


def test_aftermath_is_of_price_changes_alone_and_linked_from_them(manager_client, bikes):
    manager_client.post(APPLY, words_of(manager_client.get(URL, {"how": "+10%"})))
    change = last_change()
    assert f'href="/sales/pricing/{change.pk}/"' in manager_client.get(f"/changes/{change.pk}/").content.decode()
    manager_client.post(BULK, first(manager_client, BULK, {"action": "archive", "all": "1", "query": ""}))
    assert manager_client.get(f"/sales/pricing/{last_change().pk}/").status_code == 404
