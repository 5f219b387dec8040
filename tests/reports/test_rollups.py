"""Summaries equal the facts: after any edit, while marked and after a refresh, under concurrency, and by repair."""

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.periods import Period, next_step, step_start
from sales import customer_packs, rollups
from sales.models import Order, OrderLine, OrderStatus, Product
from sales.summaries import COLUMNS, SUMMARIES, CategorySummary, ChannelSummary, HourSummary, ProductSummary, keys_of, name_of
from tests.reports.company import COMPANIES, EDITS, FIRST, Company
from tests.sales.factories import make_category, make_customer, make_line, make_order, make_product, sell

pytestmark = pytest.mark.django_db
PATIENT = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def live(summary) -> set[tuple]:
    """What readers see, in all rungs, without empty rows."""
    keys, sums = ", ".join(keys_of(summary)), ", ".join(f"sum({column})" for column in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT grain, start, {keys}, {sums} FROM sales_live_{name_of(summary)} GROUP BY grain, start, {keys} HAVING sum(lines) <> 0")
        return set(cursor.fetchall())


def fresh(summary) -> set[tuple]:
    """The same straight from the facts."""
    keys, sums = ", ".join(keys_of(summary)), ", ".join(f"sum({column})" for column in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT rung.grain, sales_rung(rung.grain, start), {keys}, {sums} FROM sales_fresh_{name_of(summary)} "
            f"CROSS JOIN unnest(%s::text[]) AS rung (grain) GROUP BY 1, 2, {keys}",
            [list(summary.rungs)],
        )
        return set(cursor.fetchall())


def assert_exact():
    for summary in SUMMARIES:
        assert live(summary) == fresh(summary), name_of(summary)


@PATIENT
@given(orders=COMPANIES, first=EDITS, second=EDITS, drained=st.booleans())
def test_live_views_equal_the_facts_after_any_edit(db, orders, first, second, drained):
    with transaction.atomic():
        company = Company()
        for order in orders:
            company.place(order)
        assert_exact()
        if drained:
            rollups.refresh()
        for edit in first:
            company.edit(edit)
        assert_exact()
        rollups.refresh()
        assert rollups.marked_days() == 0
        for edit in second:
            company.edit(edit)
        assert_exact()
        rollups.refresh()
        assert rollups.broken() == []
        assert_exact()
        transaction.set_rollback(True)


def test_refresh_without_marks_does_nothing():
    assert rollups.refresh() == 0


def test_order_with_sale_and_free_line_counts_once():
    order = make_order()
    make_line(order, make_product(), 2, "10")
    make_line(order, make_product(), 1, "0")
    rows = ChannelSummary.objects.filter(grain="day")
    assert {row.kind: row.orders for row in rows} == {"sale": 1, "free": 0}


def test_return_document_is_no_order_and_lowers_net_and_units():
    product = make_product()
    sell(product, 5, "10.00", days_ago=3)
    sell(product, -2, "10.00", days_ago=3)
    rows = {row.kind: row for row in ChannelSummary.objects.filter(grain="year")}
    assert (rows["sale"].orders, rows["sale"].net, rows["sale"].units) == (1, 500_000, 5)
    assert (rows["return"].orders, rows["return"].net, rows["return"].returns, rows["return"].units_returned) == (0, -200_000, 200_000, 2)


def test_update_that_changes_no_figure_leaves_no_mark():
    line = sell(make_product())
    rollups.refresh()
    OrderLine.objects.filter(pk=line.pk).update(position=7)
    Order.objects.update(shipping=5)
    Product.objects.update(name="Renamed", stock=3)
    assert rollups.marked_days() == 0


def test_lines_that_one_statement_adds_mark_each_order_once():
    orders, product = [make_order(days_ago=days) for days in (1, 5)], make_product()
    for several in (orders[:1] * 3, orders * 2):
        rollups.refresh()
        lines = [
            OrderLine(order=order, product=product, position=20 + OrderLine.objects.count() + n, quantity=1, unit_price=1)
            for n, order in enumerate(several)
        ]
        OrderLine.objects.bulk_create(lines)
        with connection.cursor() as cursor:
            cursor.execute("SELECT order_id FROM sales_summarymark ORDER BY 1")
            assert [order for (order,) in cursor.fetchall()] == sorted({order.pk for order in several})


def test_order_moved_marks_both_days():
    line = sell(make_product(), placed_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    rollups.refresh()
    Order.objects.filter(pk=line.order_id).update(placed_at=datetime(2026, 3, 5, 12, tzinfo=UTC))
    assert rollups.marked_days() == 2
    assert rollups.refresh() == 2
    assert set(ChannelSummary.objects.filter(grain="day").values_list("start", flat=True)) == {date(2026, 3, 5)}


def test_product_in_another_category_marks_no_day_and_counts_there_at_once():
    bag, order = make_product(category=make_category()), make_order()
    make_line(order, bag, 1, "10.00")
    make_line(order, make_product(category=bag.category), 2, "1.00")
    for days_ago in (1, 5, 9):
        sell(bag, days_ago=days_ago)
    rollups.refresh()
    before, other = bag.category_id, make_category("Other")
    Product.objects.filter(pk=bag.pk).update(category=other)
    assert rollups.marked_days() == 0
    counted = {row["category_id"]: row["n"] for row in CategorySummary.objects.filter(grain="year").values("category_id").annotate(n=Sum("orders"))}
    assert (counted[other.pk], counted[before]) == (4, 1)  # the order keeps a line in the old one
    assert_exact()
    assert rollups.broken() == []
    rollups.refresh()
    assert_exact()
    assert rollups.broken() == []


def test_moves_there_and_back_and_of_several_products_of_one_order_leave_what_was():
    first, second = make_category(), make_category("Other")
    products, order = [make_product(category=first), make_product(category=second)], make_order()
    for product in products:
        make_line(order, product, 1, "10.00")
    rollups.refresh()
    stored = live(CategorySummary)
    Product.objects.filter(pk=products[0].pk).update(category=second)
    Product.objects.filter(pk=products[1].pk).update(category=first)
    assert live(CategorySummary) == fresh(CategorySummary) == stored
    Product.objects.filter(pk=products[0].pk).update(category=None)
    Product.objects.filter(pk=products[0].pk).update(category=first)
    Product.objects.filter(pk=products[1].pk).update(category=second)
    assert live(CategorySummary) == stored
    rollups.refresh()
    assert rollups.broken() == []


def test_move_is_settled_on_a_day_that_changes_meanwhile(monkeypatch):
    bike = make_product(category=make_category())
    bag = make_product(category=bike.category)
    order, _ = (sell(bike, placed_at=datetime(2026, 3, day, 12, tzinfo=UTC)).order for day in (1, 2))
    rollups.refresh()
    Product.objects.filter(pk=bag.pk).update(category=make_category("Other"))
    settle = rollups._settle_moves

    def after_a_sale(cursor, days):
        make_line(order, bag, 3)
        settle(cursor, days)

    monkeypatch.setattr(rollups, "_settle_moves", after_a_sale)
    rollups.refresh()
    monkeypatch.undo()
    assert_exact()
    rollups.refresh()
    assert_exact()
    assert rollups.broken() == []


def test_move_waits_while_some_days_are_rebuilt():
    bag = make_product(category=make_category())
    for day in (1, 20):
        sell(bag, placed_at=datetime(2026, 3, day, 12, tzinfo=UTC))
    rollups.refresh()
    Product.objects.filter(pk=bag.pk).update(category=make_category("Other"))
    rollups.rebuild(Period.of_days(date(2026, 3, 1), date(2026, 3, 5)))
    assert_exact()
    assert rollups.broken() == []
    rollups.refresh()
    assert_exact()
    assert rollups.broken() == []


def test_verify_names_a_wrong_row_and_rebuild_repairs_it():
    sell(make_product(), 3, "7.00", placed_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    rollups.refresh()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sales_summary_product SET units = 4 WHERE grain = 'month'")
        cursor.execute("DELETE FROM sales_summary_channel WHERE grain = 'day'")
    sentences = rollups.broken()
    assert any(sentence.startswith("product month 2026-03-01") and sentence.endswith("units 4 instead of 3") for sentence in sentences)
    assert any("channel day 2026-03-01" in sentence and sentence.endswith("no row") for sentence in sentences)
    rollups.rebuild(Period.of_days(date(2026, 3, 1), date(2026, 3, 31)))
    assert rollups.broken() == []


@pytest.mark.parametrize("day", ["1850-03-04", "2150-03-04"])
def test_verify_finds_a_row_of_a_day_outside_all_that_is_recorded(day):
    sell(make_product(), 3, "7.00", placed_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    rollups.refresh()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sales_summary_product SET start = %s WHERE grain = 'day'", [day])
    assert any(sentence.startswith(f"product day {day}") and sentence.endswith("a row that should not be") for sentence in rollups.broken())
    rollups.rebuild()
    assert rollups.broken() == []


def test_rungs_begin_on_the_same_day_in_the_database_and_in_python():
    days = [date(2023, 12, 20) + timedelta(days=number) for number in range(500)]
    for grain in ProductSummary.rungs:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sales_rung(%s, day) FROM unnest(%s::date[]) AS listed (day)", [grain, days])
            assert [start for (start,) in cursor.fetchall()] == [step_start(day, grain) for day in days]
        starts = sorted({step_start(day, grain) for day in days})
        assert [next_step(start, grain) for start in starts[:-1]] == starts[1:]


def test_rebuild_from_nothing():
    for days_ago in range(5):
        sell(make_product(), days_ago=days_ago)
    rollups.refresh()
    before = {summary: live(summary) for summary in SUMMARIES}
    with connection.cursor() as cursor:
        for summary in SUMMARIES:
            cursor.execute(f"DELETE FROM sales_summary_{name_of(summary)}")
    assert rollups.rebuild() == 5
    assert {summary: live(summary) for summary in SUMMARIES} == before


def test_rebuild_follows_the_time_zone_of_the_company(settings):
    line = sell(make_product(), placed_at=datetime(2026, 11, 30, 23, 30, tzinfo=UTC))
    rollups.refresh()
    settings.TIME_ZONE = "Europe/Paris"
    assert rollups.foreign_days() == ["Orders have their business days in UTC, the company is in Europe/Paris: run `rollups rebuild`."]
    rollups.rebuild()
    line.order.refresh_from_db()
    assert line.order.placed_on == date(2026, 12, 1)
    assert [row.hour for row in HourSummary.objects.filter(grain="year")] == [0]
    assert rollups.broken() == []
    assert rollups.foreign_days() == []


def test_business_days_over_both_clock_changes(settings):
    settings.TIME_ZONE = "Europe/Paris"
    rollups.rebuild()
    moments = {
        datetime(2026, 3, 28, 22, 59, tzinfo=UTC): date(2026, 3, 28),
        datetime(2026, 3, 28, 23, 0, tzinfo=UTC): date(2026, 3, 29),
        datetime(2026, 3, 29, 21, 59, tzinfo=UTC): date(2026, 3, 29),
        datetime(2026, 3, 29, 22, 0, tzinfo=UTC): date(2026, 3, 30),
        datetime(2026, 10, 24, 22, 0, tzinfo=UTC): date(2026, 10, 25),
        datetime(2026, 10, 25, 22, 59, tzinfo=UTC): date(2026, 10, 25),
        datetime(2026, 10, 25, 23, 0, tzinfo=UTC): date(2026, 10, 26),
    }
    found = {order.placed_at: order.placed_on for order in (Order.objects.get(pk=make_order(placed_at=moment).pk) for moment in moments)}
    assert found == moments


@pytest.mark.parametrize("summary", SUMMARIES, ids=name_of)
def test_live_view_visits_facts_only_for_marked_days(summary):
    sell(make_product())
    name = name_of(summary)
    assert "Function Scan on sales_marked" in plan_of(f"SELECT sum(net) FROM sales_live_{name} WHERE grain = 'month'")
    of_a_day = f"SELECT * FROM sales_fresh_{name} f WHERE f.start = marked.day OFFSET 0"
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [f"sales_marked_{name}"])
        assert of_a_day in cursor.fetchone()[0]
    assert "placed_on = " in plan_of(f"SELECT * FROM sales_marked_day marked CROSS JOIN LATERAL ({of_a_day}) fresh")


def plan_of(query):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {query}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_commands_prove_and_repair():
    sell(make_product())
    out = StringIO()
    call_command("rollups", "verify", stdout=out)
    assert "1 changed days wait" in out.getvalue()
    call_command("rollups", "refresh", stdout=out)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sales_summary_channel SET net = net + 1 WHERE grain = 'day'")
    with pytest.raises(CommandError, match="differences"):
        call_command("rollups", "verify", stdout=out)
    with pytest.raises(CommandError, match="differences"):
        call_command("verify", stdout=out)
    call_command("rollups", "rebuild", stdout=out)
    call_command("rollups", "verify", stdout=out)
    with pytest.raises(CommandError, match="Give both"):
        call_command("rollups", "verify", "--from", "2026-01-01", stdout=out)


class Writers:
    """Threads that edit the same few orders at once until told to stop, and one that refreshes meanwhile."""

    def __init__(self, products, orders):
        self.products, self.orders = products, orders
        self.categories = [None, *Product.objects.values_list("category_id", flat=True)]
        self.errors = []
        self.done = threading.Event()

    def run(self, work):
        try:
            work()
        except Exception as error:  # noqa: BLE001 - every error of a thread is the test's
            self.errors.append(error)
        finally:
            connection.close()

    def write(self, seed):
        for step in range(40):
            number = seed * 7 + step * 3
            order, product = self.orders[number % len(self.orders)], self.products[number % len(self.products)]
            match (seed + step) % 5:
                case 0:
                    with transaction.atomic():
                        OrderLine.objects.create(
                            order_id=order, position=1000 + seed * 100 + step, product_id=product, quantity=step % 3 + 1, unit_price=Decimal("3.10")
                        )
                        OrderLine.objects.filter(order_id=order, product_id=product).update(discount_amount=Decimal("0.10"))
                case 1:
                    Order.objects.filter(pk=order).update(status=OrderStatus.values[step % 6])
                case 2:
                    Order.objects.filter(pk=order).update(placed_at=FIRST + timedelta(days=number % 40))
                case 3:
                    Product.objects.filter(pk=product).update(category_id=self.categories[step % len(self.categories)])
                case 4:
                    OrderLine.objects.filter(order_id=order, position__gte=1000, position__lt=1000 + step).delete()

    def refresh(self):
        while not self.done.is_set():
            rollups.refresh()


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_and_a_refresher_leave_no_difference(monkeypatch):
    monkeypatch.setattr(customer_packs, "FEWEST", 0)
    monkeypatch.setattr(customer_packs, "MOST_UNPACKED", 5)
    products = [make_product(category=make_category()).pk for _ in range(4)]
    orders = [sell(make_product(), days_ago=days_ago).order_id for days_ago in range(6)]
    writers = Writers(products, orders)
    threads = [threading.Thread(target=writers.run, args=(lambda seed=seed: writers.write(seed),)) for seed in range(4)]
    refresher = threading.Thread(target=writers.run, args=(writers.refresh,))
    refresher.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writers.done.set()
    refresher.join()
    assert writers.errors == []
    assert rollups.broken() == []
    assert_exact()
    rollups.refresh()
    assert rollups.broken() == []
    assert rollups.marked_days() == 0
    assert_exact()


@pytest.mark.django_db(transaction=True)
def test_truncated_lines_empty_the_summaries(monkeypatch):
    monkeypatch.setattr(customer_packs, "FEWEST", 0)
    sell(make_product(), customer=make_customer())
    rollups.refresh()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE sales_order CASCADE")
    assert [live(summary) for summary in SUMMARIES] == [set()] * len(SUMMARIES)
    assert rollups.broken() == []
