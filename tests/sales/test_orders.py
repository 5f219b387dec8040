"""The list of orders and the page of one: sums that no join repeats, filters, and who may see them."""

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from dashboard import exports
from sales.models import Channel, Order, Salesperson

from .factories import make_customer, make_line, make_order, make_product, sell

URL = "/sales/orders/"
QUERIES = {("page", 1): 6, ("page", 3): 6, ("fragment", 1): 4, ("fragment", 3): 4}


def numbers(response) -> list[str]:
    return [row.record.number for row in response.context["table"].paginated_rows]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("kind", ["page", "fragment"])
def test_orders_cost_the_same_queries_however_many_rows(viewer_client, hx, django_assert_num_queries, kind, rows):
    for number in range(rows):
        order = make_order(
            make_customer(f"Customer {number}"),
            channel=Channel.objects.create(name=f"Channel {number}"),
            salesperson=Salesperson.objects.create(name=f"Person {number}"),
        )
        make_line(order, make_product())
    get = viewer_client.get if kind == "page" else hx(viewer_client).get
    get(URL)
    with django_assert_num_queries(QUERIES[kind, rows]):
        response = get(URL)
    assert {row.record.pk for row in response.context["table"].paginated_rows} == set(Order.objects.values_list("pk", flat=True))


def test_orders_are_closed_to_people_without_a_sales_role(client, outsider_client, recruiter_client):
    make_order(number="SO-1")
    for url in (URL, "/sales/orders/SO-1/", URL + "?export=xlsx"):
        assert outsider_client.get(url).status_code == 403
        assert recruiter_client.get(url).status_code == 403
        assert client.get(url).status_code == 302


def test_sums_of_an_order_are_not_repeated_by_its_lines_and_returns(viewer_client):
    product, order = make_product(), make_order(number="SO-1", days_ago=9)
    first, second = make_line(order, product, 2, "10.00"), make_line(order, product, 1, "5.00", discount_amount="1.00", coupon_share="0.50")
    back = make_order(number="RT-1")
    make_line(back, product, -1, "10.00", return_of=first)
    make_line(back, product, -1, "5.00", return_of=second)
    table = viewer_client.get(URL).context["table"]
    shown = {row.record.number: (row.record.line_count, row.record.units, row.record.net) for row in table.paginated_rows}
    assert shown == {"SO-1": (2, 3, Decimal("23.5")), "RT-1": (2, -2, Decimal(-15))}
    assert {name: int(value * 100) for name, value in table.totals.items()} == {"line_count": 400, "units": 100, "net": 850}


def test_newest_orders_come_first_and_equal_moments_never_tie(viewer_client):
    moment = datetime(2026, 5, 1, 12, tzinfo=ZoneInfo(settings.TIME_ZONE))
    made = [make_order(number=f"SO-{number}", placed_at=moment) for number in range(30)]
    first, second = viewer_client.get(URL), viewer_client.get(f"{URL}?page=2")
    assert numbers(first) + numbers(second) == [order.number for order in reversed(made)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=cancelled", {"SO-2"}),
        ("status=cancelled&status=test", {"SO-2", "SO-3"}),
        ("channel=Store", {"SO-1"}),
        ("salesperson=Edda", {"SO-2"}),
        ("country=germany", {"SO-3"}),
        ("q=so-1", {"SO-1"}),
        ("q=una", {"SO-1", "RT-1"}),
        ("customer=K1", {"SO-1", "RT-1"}),
        ("product=BELL", {"SO-1", "RT-1"}),
        ("returns=yes", {"SO-1", "RT-1"}),
        ("returns=no", {"SO-2", "SO-3"}),
        ("from=2026-03-02", {"SO-2", "SO-3", "RT-1"}),
        ("to=2026-03-02", {"SO-1", "SO-2"}),
        ("from=2026-03-02&to=2026-03-02&period=today", {"SO-2"}),
        ("period=today", set()),
        ("period=all", {"SO-1", "SO-2", "SO-3", "RT-1"}),
        ("nonsense=1&q=", {"SO-1", "SO-2", "SO-3", "RT-1"}),
    ],
)
def test_each_filter_keeps_exactly_its_orders(viewer_client, query, expected):
    zone = ZoneInfo(settings.TIME_ZONE)
    una, product = make_customer("Una", key="K1"), make_product(sku="BELL")
    store, edda = Channel.objects.create(name="Store"), Salesperson.objects.create(name="Edda")
    sold = make_order(una, number="SO-1", channel=store, placed_at=datetime(2026, 3, 1, 23, 59, tzinfo=zone))
    lines = [make_line(sold, product) for _ in range(3)]
    make_order(number="SO-2", status="cancelled", salesperson=edda, placed_at=datetime(2026, 3, 2, tzinfo=zone))
    make_order(number="SO-3", status="test", country="Germany", placed_at=datetime(2026, 3, 3, tzinfo=zone))
    back = make_order(una, number="RT-1", placed_at=datetime(2026, 3, 4, tzinfo=zone))
    make_line(back, product, -1, return_of=lines[0])
    found = numbers(viewer_client.get(f"{URL}?{query}"))
    assert set(found) == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    "query", ["from=yesterday", "to=0001-01-01", "status=lost", "channel=%00", "product=unknown", "customer=nobody", "period=soon"]
)
def test_an_invalid_filter_shows_no_orders(viewer_client, query):
    make_order()
    response = viewer_client.get(f"{URL}?{query}")
    assert numbers(response) == []
    assert b"This view cannot be shown as asked" in response.content


def test_an_export_of_orders_holds_all_pages(viewer_client):
    for number in range(30):
        make_order(number=f"SO-{number}")
    rows = json.loads(b"".join(viewer_client.get(f"{URL}?export=json").streaming_content))["rows"]
    assert {row["label"] for row in rows} == {f"SO-{number}" for number in range(30)}


def test_csv_of_orders_holds_the_values_of_json_whatever_a_name_is(viewer_client):
    names = ['Ann "the" B., Ltd', "two\nlines", "=1+1", " padded", "Zoë", "a\rb"]
    for number, name in enumerate(names):
        order = make_order(make_customer(name), number=f"SO-{number}", days_ago=number)
        for _ in range(number):
            make_line(order, make_product(), 2, "12.345")
    make_order(None, number="SO-none", placed_at=datetime(2026, 7, 1, 9, 30, 0, 5000, tzinfo=ZoneInfo(settings.TIME_ZONE)))
    read = {form: b"".join(viewer_client.get(f"{URL}?export={form}").streaming_content).decode() for form in ("csv", "json")}
    data = json.loads(read["json"])
    header, *rows = csv.reader(io.StringIO(read["csv"], newline=""))
    assert header == ["Order", *(column["label"] for column in data["columns"])]
    texts = [["" if value is None else str(value) for key, value in row.items() if key != "key"] for row in data["rows"]]
    assert rows[:-1] == [["'=1+1" if text == "=1+1" else text for text in row] for row in texts]
    assert {row[2] for row in rows[:-1]} == {*names, ""} - {"=1+1"} | {"'=1+1"}
    assert {row[0]: row[-3:] for row in rows}["SO-3"] == ["3", "6", "74.07"]
    assert {row[0]: row[-3:] for row in rows}["SO-none"] == ["0", "0", ""]
    assert rows[-1][-3:] == ["15", "30", "370.35"]


def test_csv_of_orders_in_many_parts_is_the_same_without_rows_that_were_deleted_meanwhile(viewer_client, monkeypatch):
    for number in range(7):
        make_line(make_order(make_customer(), number=f"SO-{number}", days_ago=number), make_product(), 2, "12.345")
    whole = b"".join(viewer_client.get(f"{URL}?export=csv").streaming_content).splitlines()
    monkeypatch.setattr(exports, "CHUNK", 2)
    assert b"".join(viewer_client.get(f"{URL}?export=csv").streaming_content).splitlines() == whole
    lines = viewer_client.get(f"{URL}?export=csv").streaming_content
    begun = next(lines) + next(lines)
    Order.objects.filter(number__in=["SO-4", "SO-5", "SO-6"]).delete()
    assert (begun + b"".join(lines)).splitlines() == whole[:5] + whole[-1:]


@pytest.mark.parametrize("rows", [1, 3])
def test_csv_of_orders_costs_the_same_queries_however_many_rows(viewer_client, django_assert_num_queries, rows):
    for number in range(rows):
        make_line(make_order(make_customer(), number=f"SO-{number}"), make_product())
    viewer_client.get(URL)
    with django_assert_num_queries(6):  # session, count, totals, ids, orders, their lines
        content = b"".join(viewer_client.get(f"{URL}?export=csv").streaming_content)
    assert content.count(b"\r\n") == rows + 2


def test_the_page_of_an_order_adds_up(viewer_client, django_assert_num_queries):
    product = make_product(sku="BELL")
    order = make_order(make_customer("Una"), number="SO/1 a", coupon="1.50", shipping="6.90", days_ago=3)
    lines = [make_line(order, product, 2, "10.00", discount_amount="1.00", coupon_share="0.75") for _ in range(2)]
    make_line(make_order(number="RT-1"), product, -1, "10.00", discount_amount="-0.88", return_of=lines[0])
    viewer_client.get(URL)
    with django_assert_num_queries(6):
        response = viewer_client.get("/sales/orders/SO/1%20a/")
    sums = {name: str(Decimal(value).normalize()) for name, value in response.context["sums"].items()}
    assert sums == {
        "gross": "4E+1",
        "discounts": "-2",
        "coupon": "-1.5",
        "net": "36.5",
        "total": "43.4",
        "returned": "-9.12",
        "kept": "27.38",
    }
    body = response.content.decode()
    assert "RT-1" in body
    assert "43.40" in body
    assert viewer_client.get("/sales/orders/none/").status_code == 404


def test_a_cancelled_order_says_that_no_figure_counts_it(viewer_client):
    sell(make_product(), number="SO-1", status="cancelled")
    assert b"left out of every figure, because it is cancelled" in viewer_client.get("/sales/orders/SO-1/").content


@pytest.mark.django_db
def test_the_business_day_of_an_order_is_in_the_companys_zone():
    midnight = datetime(2026, 11, 30, 23, 30, tzinfo=ZoneInfo(settings.TIME_ZONE))
    order = make_order(placed_at=midnight)
    order.refresh_from_db()
    assert order.placed_on == date(2026, 11, 30)
