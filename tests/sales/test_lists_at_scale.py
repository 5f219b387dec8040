"""Long lists: stored totals that are exact at every instant, plans that never read a whole table, and pages without gaps."""

import random
import re
import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from dashboard import listing, lookups
from sales import rollups, stored_totals
from sales.figures import CustomerFigures
from sales.models import COUNTED_STATUSES, Customer, Order, OrderLine, OrderStatus
from sales.stored_totals import CustomerTotal

from .factories import make_customer, make_line, make_order, make_product, make_tier, sell

pytestmark = pytest.mark.django_db
URL = "/sales/customers/"


def from_facts(customer) -> tuple:
    """Orders, spend, spend of 365 days and the latest order of a customer, straight from the lines."""
    lines = OrderLine.objects.filter(order__customer=customer, order__status__in=COUNTED_STATUSES)
    if not lines.exists():
        return None, None, None, None
    today = timezone.localdate()
    lately = lines.filter(order__placed_on__gt=today - timedelta(days=365), order__placed_on__lte=today)
    latest = Order.objects.of_customer(customer).order_by("-placed_at").values_list("placed_at", flat=True).first()
    return (
        Order.objects.of_customer(customer).count(),
        lines.aggregate(net=Sum("net"))["net"],
        lately.aggregate(net=Sum("net", default=Decimal(0)))["net"],
        latest,
    )


def assert_exact(model=CustomerFigures):
    found = {row[0]: row[1:] for row in model.objects.values_list("customer_id", "orders", "spend", "spend_year", "latest_order_at")}
    assert found == {customer.pk: from_facts(customer) for customer in Customer.objects.all()}


def broken() -> list[str]:
    with connection.cursor() as cursor:
        return stored_totals.broken(cursor)


# --- Totals that are exact -------------------------------------------------------------------------------------------
def test_totals_follow_every_kind_of_write_before_and_after_a_refresh():
    una, wren, product = make_customer("Una"), make_customer("Wren"), make_product()
    line = sell(product, 2, "10.00", customer=una, days_ago=3)
    old = sell(product, 1, "7.005", customer=una, days_ago=400).order
    writes = [
        lambda: OrderLine.objects.filter(pk=line.pk).update(unit_price="12.3456"),
        lambda: Order.objects.filter(pk=old.pk).update(customer=wren),
        lambda: Order.objects.filter(pk=old.pk).update(placed_at=timezone.now()),
        lambda: make_line(make_order(wren, days_ago=1), product, -1, "5.00"),
        lambda: Order.objects.filter(pk=line.order_id).update(status=OrderStatus.CANCELLED),
        lambda: Order.objects.filter(pk=line.order_id).update(status=OrderStatus.PAID),
        lambda: OrderLine.objects.filter(pk=line.pk).delete(),
        lambda: Order.objects.filter(pk=line.order_id).delete(),
        lambda: make_customer("Perrin"),
        lambda: sell(product, 3, "1.00", customer=Customer.objects.get(name="Perrin"), days_ago=-2),
    ]
    for write in writes:
        write()
        assert_exact()
        rollups.refresh()
        assert_exact()
        assert_exact(CustomerTotal)
    assert broken() == []


def test_one_order_is_right_without_a_refresh_beside_stored_rows():
    una, wren, product = make_customer("Una"), make_customer("Wren"), make_product()
    for customer in (una, wren):
        sell(product, 1, "10.00", customer=customer)
    rollups.refresh()
    sell(product, 1, "5.00", customer=una)
    assert CustomerTotal.objects.get(pk=una.pk).spend == 10, "the stored row waits for the refresh"
    assert_exact()


def test_a_new_day_changes_who_spent_what_in_365_days_before_anything_is_refreshed():
    product = make_product()
    leaving, staying, entering = (make_customer(name) for name in ("leaving", "staying", "entering"))
    for customer, days_ago in ((leaving, 365), (staying, 364), (entering, 0)):
        sell(product, 1, "10.00", customer=customer, days_ago=days_ago)
    rollups.refresh()
    with connection.cursor() as cursor:  # as it stood yesterday
        cursor.execute("UPDATE sales_total_day SET day = day - 1")
        cursor.execute(
            "UPDATE sales_customertotal SET spend_year = CASE customer_id WHEN %s THEN 10 WHEN %s THEN 10 ELSE 0 END", [leaving.pk, staying.pk]
        )
    assert_exact()
    assert broken() == []
    rollups.refresh()
    assert_exact(CustomerTotal)


def test_a_wrong_row_is_named_and_rebuilt():
    sell(make_product(), customer=make_customer("Una", key="C-UNA"))
    rollups.refresh()
    CustomerTotal.objects.update(spend=1)
    assert broken() == ["totals of customer C-UNA: spend 1.0000 instead of 10.0000000000000000"]
    rollups.rebuild()
    assert broken() == []


def test_a_row_comes_and_goes_with_its_customer():
    una = make_customer("Una")
    assert CustomerTotal.objects.filter(pk=una.pk).exists()
    una.delete()
    assert not CustomerTotal.objects.exists()


@pytest.mark.parametrize("seed", [1, 2])
def test_many_customers_at_once_are_computed_as_each_alone(monkeypatch, seed):
    monkeypatch.setattr(stored_totals, "BULK", 2)
    pick, product = random.Random(seed), make_product()
    customers = [make_customer(f"Customer {number}") for number in range(6)]
    for _ in range(15):
        sell(product, pick.randint(1, 3), "9.99", customer=pick.choice(customers), days_ago=pick.randint(0, 700))
    rollups.refresh()
    assert_exact(CustomerTotal)


class Writers:
    """Threads that write the same orders of the same customers at once."""

    def __init__(self):
        self.product = make_product().pk
        self.customers = [make_customer(f"Customer {number}").pk for number in range(6)]
        self.orders = [sell(make_product(), customer_id=customer, customer=None, days_ago=3).order_id for customer in self.customers]
        self.errors, self.done = [], threading.Event()

    def run(self, work):
        try:
            work()
        except Exception as error:  # noqa: BLE001 - every error of a thread is the test's
            self.errors.append(error)
        finally:
            connection.close()

    def write(self, seed):
        pick = random.Random(seed)
        for step in range(40):
            orders = Order.objects.filter(pk=pick.choice(self.orders))
            match pick.randrange(6):
                case 0:
                    orders.update(customer=pick.choice([*self.customers, None]))
                case 1:
                    orders.update(status=pick.choice(OrderStatus.values))
                case 2:
                    orders.update(placed_at=timezone.now() - timedelta(days=pick.randrange(720)))
                case 3:
                    lines = OrderLine.objects.filter(order__in=orders, position__gt=1)
                    lines.update(unit_price=Decimal(pick.randrange(1, 99)) / 7)
                case 4:
                    OrderLine.objects.filter(order__in=orders, position__gt=1).delete()
                case 5:
                    with transaction.atomic():
                        position = 100 + seed * 100 + step
                        OrderLine.objects.create(
                            order=orders.get(), product_id=self.product, position=position, quantity=2, unit_price=Decimal("3.10")
                        )

    def refresh(self):
        while not self.done.is_set():
            rollups.refresh()


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_and_a_refresher_leave_no_wrong_total():
    writers = Writers()
    refresher = threading.Thread(target=writers.run, args=(writers.refresh,))
    threads = [threading.Thread(target=writers.run, args=(lambda seed=seed: writers.write(seed),)) for seed in range(4)]
    for thread in (refresher, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    assert_exact()
    writers.done.set()
    refresher.join()
    assert writers.errors == []
    assert_exact()
    rollups.refresh()
    assert_exact(CustomerTotal)
    assert broken() == []


# --- Plans -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def many_rows():
    """A list long enough that the planner has a choice: customers with totals, and orders of theirs."""
    make_tier("Gold", "9000")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sales_customer (key, name, email, city, country, created_at) "
            "SELECT 'C-' || g, md5(g::text), md5(g::text) || '@example.com', '', 'Country ' || g % 9, now() FROM generate_series(1, 4000) g"
        )
        cursor.execute(
            "UPDATE sales_customertotal SET orders = customer_id % 50, spend = (customer_id * 7919) % 9973, spend_year = customer_id % 9500"
        )
        cursor.execute(
            "INSERT INTO sales_order (number, placed_at, customer_id, status, country, shipping, coupon) "
            "SELECT 'SO-' || g, timestamptz '2024-01-01' + g * interval '40 minutes', (SELECT min(id) FROM sales_customer) + g %% 4000, "
            "CASE WHEN g %% 500 = 0 THEN 'test' ELSE 'completed' END, 'Country ' || g %% 9, 0, 0 FROM generate_series(1, 16000) g",
            [],
        )
        cursor.execute("INSERT INTO sales_channel (name) VALUES ('Shop'), ('Fair')")
        cursor.execute("INSERT INTO sales_salesperson (name) VALUES ('Una'), ('Wren')")
        cursor.execute(
            "UPDATE sales_order SET channel_id = channel.id, salesperson_id = person.id FROM sales_channel channel, sales_salesperson person "
            "WHERE channel.name || person.name = CASE sales_order.id % 2 WHEN 0 THEN 'ShopUna' ELSE 'FairWren' END"
        )
        for index in ("customer_name", "customer_email", "customer_key", "order_number"):  # as a vacuum does, which no test waits for
            cursor.execute("SELECT gin_clean_pending_list(%s)", [f"{index}_trigram"])
        cursor.execute("ANALYZE sales_customer, sales_customertotal, sales_order")


CUSTOMER_INDEXES = {
    "sort=-spend": "customer_spend_down",
    "sort=spend": "customer_spend_up",
    "sort=-orders": "customer_orders_down",
    "sort=-latest_order": "customer_latest_order_at_down",
    "sort=name": "Index Only Scan using customer_name",
    "sort=country": "customer_country_name",
    "country=Country 3": "Index Only Scan using customer_country_name",
    "q=c4ca4238": "customer_name_trigram",
    "tier=Gold&sort=-spend_year": "customer_spend_year_down",
}
ORDER_INDEXES = {
    "": "order_newest",
    "status=test": "order_status_newest",
    "country=Country 3": "Index Only Scan using order_country_newest",
    "salesperson=Una&channel=Fair": "order_salesperson_channel",
    "from=2024-03-01&to=2024-03-02": "order_newest",
    "status=test&from=2024-03-01&to=2024-03-30": "order_status_newest",
    "q=SO-12345": "order_number_trigram",
    "page=400": "order_newest",
}


def plans_of(client, path) -> list[str]:
    """The plans of the statements that find the rows of a page, and those of a search before; a count ends at the cap, whatever its plan."""
    statements = []

    def watch(execute, sql, params, many, context):
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        assert client.get(path, headers={"HX-Request": "true", "HX-Target": "results"}).status_code == 200
    found = re.compile(r'SELECT (COALESCE\(ARRAY_AGG\(.* FROM \(SELECT )?"sales_\w+"\."id" AS "pk".* LIMIT ')
    asked = [(sql, params) for sql, params in statements if found.match(sql)]
    with connection.cursor() as cursor:
        plans = []
        for sql, params in asked:
            cursor.execute(f"EXPLAIN {sql}", params)
            plans.append("\n".join(line for (line,) in cursor.fetchall()))
    return plans


def test_every_page_of_a_long_list_is_found_through_an_index(viewer_client, many_rows):
    wrong = {}
    for path, indexes in ((URL, CUSTOMER_INDEXES), ("/sales/orders/", ORDER_INDEXES)):
        for query, index in indexes.items():
            plans = plans_of(viewer_client, f"{path}?{query}")
            if not plans or not any(index in plan for plan in plans) or any("Seq Scan on sales_" in plan for plan in plans):
                wrong[f"{path}?{query}"] = plans
    assert wrong == {}


def test_orders_carry_no_index_for_prefixes_which_nothing_looks_for():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'sales_order' AND indexdef LIKE '%pattern_ops%'")
        assert cursor.fetchall() == []


@pytest.mark.parametrize("many", [1, 9])
@pytest.mark.parametrize(
    "query", ["customers/?q=una", "customers/?q=una&sort=-spend", "customers/?q=una&sort=country", "orders/?q=una&sort=placed_at"]
)
def test_a_search_gives_the_same_rows_in_the_same_order_however_many_it_finds(viewer_client, monkeypatch, query, many):
    product = make_product()
    for number, country in enumerate(["NL", "", "DE", "NL", "DE"]):
        customer = make_customer(f"{'xyz'[number % 3]} Una", country=country)
        for days in range(number):
            make_line(make_order(customer, days_ago=days), product)
    rollups.refresh()
    expected = [row.record.pk for row in viewer_client.get(f"/sales/{query}").context["table"].page.object_list]
    monkeypatch.setattr(lookups, "MOST_FOUND", 1)
    monkeypatch.setattr(lookups, "MOST_SORTED", many)
    assert [row.record.pk for row in viewer_client.get(f"/sales/{query}").context["table"].page.object_list] == expected
    assert len(expected) == (10 if "orders" in query else 5)


def test_a_search_finds_its_rows_once_for_the_page_the_count_and_the_totals(viewer_client, hx, django_assert_num_queries):
    for number in range(30):
        sell(make_product(), 1, "10.00", customer=make_customer(f"Una {number}"))
    sell(make_product(), customer=make_customer("Wren"))
    rollups.refresh()
    hx(viewer_client).get(URL)
    with django_assert_num_queries(5):  # session, tiers, ids, customers, totals
        response = hx(viewer_client).get(URL, {"q": "una", "page": 2})
    assert (response.context["paginator"].count, len(response.context["page_obj"].object_list)) == (30, 5)
    assert response.context["table"].totals["spend"] == 300


# --- Pages -----------------------------------------------------------------------------------------------------------
def walk(client, path) -> list[int]:
    """The keys of all pages, one after the other, as far as there is a next one."""
    found, number = [], 1
    while True:
        page = client.get(f"{path}&page={number}").context["page_obj"]
        assert page.number == number
        found += [row.record.pk for row in page.object_list]
        if not page.has_next():
            return found
        number += 1


@pytest.mark.parametrize("sort", ["", "placed_at"])
@pytest.mark.parametrize("small", [0, 0.7, 9], ids=["looked up", "both", "read through"])
def test_orders_with_a_product_are_the_same_however_they_are_found(viewer_client, monkeypatch, small, sort):
    monkeypatch.setattr("sales.models.SMALL_PART", small)
    product, other = make_product(sku="BELL"), make_product()
    placed = [make_order(days_ago=days) for days in [*range(60), *range(100, 200, 10), *range(60)]]  # ids do not rise with time
    for number, order in enumerate(placed):
        make_line(order, product if number % 3 else other)
    expected = sorted((order.placed_at, order.pk) for number, order in enumerate(placed) if number % 3)
    found = walk(viewer_client, f"/sales/orders/?product=BELL&sort={sort}")
    assert found == [pk for _, pk in (expected if sort else reversed(expected))]


@pytest.mark.parametrize("cost", [listing.COUNT_COST, -1], ids=["counted", "uncounted"])
@pytest.mark.parametrize("sort", ["-spend", "spend", "country", "-latest_order"])
def test_pages_of_tied_rows_neither_skip_nor_repeat(viewer_client, monkeypatch, sort, cost):
    monkeypatch.setattr(listing, "COUNT_COST", cost)
    product = make_product()
    for number in range(60):
        customer = make_customer("same name", country="NL")
        if number % 3:
            sell(product, 1, "10.00", customer=customer, days_ago=number % 2)
    found = walk(viewer_client, f"{URL}?country=nl&sort={sort}")
    assert sorted(found) == sorted(Customer.objects.values_list("pk", flat=True))


def test_rows_that_cost_too_much_to_count_say_so_and_are_counted_on_request(viewer_client, monkeypatch):
    monkeypatch.setattr(listing, "COUNT_COST", -1)
    for number in range(30):
        make_customer(f"Customer {number}", country="NL")
    assert viewer_client.get(URL).context["paginator"].shown_count == "30"  # the first ten thousand of all rows never take long
    first = viewer_client.get(f"{URL}?country=nl").context
    assert (first["paginator"].shown_count, first["page_obj"].has_next()) == ("25+", True)
    last = viewer_client.get(f"{URL}?country=nl&page=2").context
    assert (last["paginator"].shown_count, last["page_obj"].has_next()) == ("30", False)
    beyond = viewer_client.get(f"{URL}?country=nl&page=9").context
    assert (beyond["page_obj"].number, len(beyond["page_obj"].object_list)) == (2, 5)
    assert viewer_client.get(f"{URL}?country=nl&count=exact").context["paginator"].shown_count == "30"


def test_the_totals_row_ends_where_adding_up_would_take_long(viewer_client, monkeypatch):
    monkeypatch.setattr("sales.views.MOST_ORDERS_SUMMED", 2)
    for _ in range(2):
        sell(make_product(), 1, "10.00")
    assert viewer_client.get("/sales/orders/").context["table"].totals["net"] == 20
    sell(make_product(), 1, "10.00")
    response = viewer_client.get("/sales/orders/")
    assert response.context["table"].totals == {}
    assert b"Totals are shown for up to 2 rows." in response.content


def test_a_short_search_looks_at_the_beginning_and_a_longer_one_anywhere(viewer_client):
    sell(make_product(), customer=make_customer("Annabel"), number="SO-77")
    sell(make_product(), customer=make_customer("Hannah"), number="SO-88")
    found = {
        query: {row.record.number for row in viewer_client.get(f"/sales/orders/?q={query}").context["page_obj"].object_list}
        for query in ("an", "ann")
    }
    assert found == {"an": {"SO-77"}, "ann": {"SO-77", "SO-88"}}


def test_a_name_that_many_buyers_share_finds_their_orders_too(viewer_client, monkeypatch):
    monkeypatch.setattr("sales.models.MOST_BUYERS", 1)
    for number in range(3):
        sell(make_product(), customer=make_customer(f"Una {number}"), number=f"SO-{number}")
    sell(make_product(), customer=make_customer("Wren"), number="SO-9")
    found = [row.record.number for row in viewer_client.get("/sales/orders/?q=una").context["page_obj"].object_list]
    assert sorted(found) == ["SO-0", "SO-1", "SO-2"]


def test_the_database_keeps_one_row_a_customer():
    una = make_customer()
    with pytest.raises(IntegrityError), transaction.atomic():
        CustomerTotal.objects.create(customer=una)
