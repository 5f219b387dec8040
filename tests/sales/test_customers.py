"""The list of customers and the page of one: orders, spend, tiers and what a tier pays."""

from decimal import Decimal

import pytest

from sales.models import Customer, Order

from .factories import make_category, make_customer, make_line, make_order, make_product, make_tier, sell

URL = "/sales/customers/"
QUERIES = {("page", 1): 6, ("page", 3): 6, ("fragment", 1): 5, ("fragment", 3): 5}


def names(response) -> list[str]:
    return [row.record.name for row in response.context["table"].paginated_rows]


def tiers(response) -> dict[str, str]:
    return {row.record.name: row.get_cell_value("tier") for row in response.context["table"].paginated_rows}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("kind", ["page", "fragment"])
def test_customers_cost_the_same_queries_however_many_rows(viewer_client, hx, django_assert_num_queries, kind, rows):
    make_tier()
    for number in range(rows):
        sell(make_product(), customer=make_customer(f"Customer {number}"))
    get = viewer_client.get if kind == "page" else hx(viewer_client).get
    get(URL)
    with django_assert_num_queries(QUERIES[kind, rows]):
        response = get(URL)
    assert {row.record.pk for row in response.context["table"].paginated_rows} == set(Customer.objects.values_list("pk", flat=True))


def test_customers_are_closed_to_people_without_a_sales_role(client, outsider_client, recruiter_client):
    customer = make_customer()
    for url in (URL, f"{URL}{customer.pk}/", URL + "?export=csv"):
        assert outsider_client.get(url).status_code == 403
        assert recruiter_client.get(url).status_code == 403
        assert client.get(url).status_code == 302


def test_orders_spend_average_and_latest_of_a_customer(viewer_client):
    una, product = make_customer("Una"), make_product()
    order = make_order(una, number="SO-1", days_ago=400)
    line = make_line(order, product, 3, "20.00")
    make_line(order, product, 1, "10.00", discount_amount="2.00")
    sell(product, 1, "50.00", customer=una, number="SO-2", days_ago=5)
    sell(product, 9, "99.00", customer=una, number="SO-3", status="cancelled")
    make_line(make_order(una, number="RT-1", days_ago=2), product, -1, "20.00", return_of=line)
    make_customer("Wren")
    table = viewer_client.get(URL).context["table"]
    figures = {
        row.record.name: [row.get_cell_value(name) for name in ("orders", "spend", "spend_year", "average_order")] for row in table.paginated_rows
    }
    assert figures["Una"] == [2, Decimal(98), Decimal(30), Decimal(59)], "a return takes from spend, is no order, and leaves the average alone"
    assert figures["Wren"] == [None, None, None, None]
    assert table.totals == {"orders": 2, "spend": 98, "spend_year": 30, "average_order": 59}
    latest = {row.record.name: row.get_cell_value("latest_order") for row in table.paginated_rows}
    assert latest == {"Una": Order.objects.get(number="SO-2").placed_at, "Wren": None}
    assert b'<a class="tile" href="/sales/orders/SO-2/">' in viewer_client.get(f"{URL}{una.pk}/").content


def test_a_tier_follows_spend_at_its_threshold_unless_set_by_hand(viewer_client):
    make_tier("Standard", "0", "0")
    make_tier("Silver", "100", "0.03")
    gold = make_tier("Gold", "1000", "0.10")
    product = make_product()
    for name, spend, days_ago in (("below", "99.99", 1), ("exactly", "100.00", 1), ("above", "1000.00", 364), ("long ago", "5000.00", 365)):
        sell(product, 1, spend, customer=make_customer(name), days_ago=days_ago)
    make_customer("by hand", tier=gold)
    make_customer("nothing")
    assert tiers(viewer_client.get(URL)) == {
        "below": "Standard",
        "exactly": "Silver",
        "above": "Gold",
        "long ago": "Standard",
        "by hand": "Gold",
        "nothing": "Standard",
    }
    assert set(names(viewer_client.get(f"{URL}?tier=Gold"))) == {"above", "by hand"}
    assert set(names(viewer_client.get(f"{URL}?tier=Silver&tier=Gold"))) == {"exactly", "above", "by hand"}


def test_a_customer_below_every_threshold_has_no_tier(viewer_client):
    make_tier("Gold", "1000")
    make_customer("Una")
    assert tiers(viewer_client.get(URL)) == {"Una": None}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=una", {"Una"}),
        ("q=WREN@", {"Wren"}),
        ("country=ireland", {"Una"}),
        ("ordered=yes", {"Una", "Wren"}),
        ("ordered=no", {"Perrin"}),
        ("ordered_days=30", {"Una"}),
        ("unordered_days=30", {"Wren", "Perrin"}),
        ("bought=A", {"Una", "Wren"}),
        ("not_bought=B", {"Una", "Perrin"}),
        ("bought=A&not_bought=B", {"Una"}),
    ],
)
def test_each_filter_keeps_exactly_its_customers(viewer_client, query, expected):
    a, b = make_product(sku="A"), make_product(sku="B")
    una, wren = make_customer("Una", country="Ireland"), make_customer("Wren", email="wren@example.com")
    perrin = make_customer("Perrin")
    for days_ago in (1, 2, 50):
        sell(a, customer=una, days_ago=days_ago)
    sell(b, customer=una, status="cancelled")
    for product in (a, b):
        sell(product, customer=wren, days_ago=60)
    sell(a, -1, customer=perrin)
    found = names(viewer_client.get(f"{URL}?{query}"))
    assert set(found) == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize("sort", ["spend", "-spend", "orders", "-average_order", "-latest_order", "-spend_year"])
def test_customers_without_figures_sort_last(viewer_client, sort):
    make_customer("Nobody")
    for number, name in enumerate(("Una", "Wren"), 1):
        for _ in range(number):
            sell(make_product(), 1, f"{number}0.00", customer=make_customer(name) if _ == 0 else Customer.objects.get(name=name), days_ago=9 - number)
    found = names(viewer_client.get(f"{URL}?sort={sort}"))
    assert found == (["Wren", "Una", "Nobody"] if sort.startswith("-") else ["Una", "Wren", "Nobody"])


@pytest.mark.parametrize("query", ["ordered_days=x", "unordered_days=99999", "tier=Nobility", "bought=nothing", "q=%00"])
def test_an_invalid_filter_shows_no_customers(viewer_client, query):
    make_customer()
    response = viewer_client.get(f"{URL}?{query}")
    assert names(response) == []
    assert b"This view cannot be shown as asked" in response.content


def test_the_page_of_a_customer_shows_figures_and_what_the_tier_pays(viewer_client, django_assert_num_queries):
    make_tier("Gold", "100", "0.10")
    una = make_customer("Una")
    tube = make_product("Tube", price=None, category=make_category(default_price="7.95"))
    sell(make_product("Bell", price="99.99"), 2, "60.00", customer=una, number="SO-1", days_ago=2)
    sell(tube, 1, "8.00", customer=una, number="SO-2", days_ago=1)
    viewer_client.get(URL)
    with django_assert_num_queries(9):
        response = viewer_client.get(f"{URL}{una.pk}/")
    body = response.content.decode()
    assert response.context["figures"]["count"] == 2
    assert response.context["figures"]["largest"] == Decimal(120)
    assert "89.99" in body, "99.99 less 10 % is 89.991"
    assert "7.16" in body, "7.95 less 10 % is 7.155, rounded half up"
    assert "128.00" in body
    assert viewer_client.get(f"{URL}999999/").status_code == 404
    assert viewer_client.get(f"{URL}{10**30}/").status_code == 404
