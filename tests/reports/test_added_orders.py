"""Orders of an import are counted with their rows: exact in the instant of the commit and ever after, whatever others write meanwhile."""

import csv
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.importing.files import Source
from dashboard.imports import entities, run
from dashboard.models import ChangeSet, Import, ImportState
from dashboard.progress import StoppedError
from dashboard.undo import undo
from sales import customer_packs, rollups
from sales.models import Category, Order, OrderLine, OrderStatus, Product
from sales.summaries import SUMMARIES, name_of
from tests.reports.company import COMPANIES, EDITS, FIRST, Company
from tests.reports.test_rollups import Writers, assert_exact, fresh, live
from tests.sales.factories import make_category, make_customer, make_product, sell
from tests.threads import in_thread

pytestmark = pytest.mark.django_db
PATIENT = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
HEADER = ("number", "placed_at", "customer", "channel", "status", "country", "coupon", "sku", "category", "quantity", "unit_price", "unit_cost")
MOMENT = "%Y-%m-%d %H:%M"
DAYS = rollups.MANY_DAYS + 5
# Of each order: a product twice, two of one category, a line for nothing, one that comes back.
LINES = (
    ("A", "Light", 2, "9.99", "4"),
    ("A", "Light", 1, "9.99", ""),
    ("B", "Light", 1, "20", "7"),
    ("C", "Seats", 3, "0", "1"),
    ("B", "Light", -1, "20", "7"),
)


@pytest.fixture(autouse=True)
def always_packed(monkeypatch):
    monkeypatch.setattr(customer_packs, "FEWEST", 0)


def rows(name="N", days=DAYS):
    """Two orders a day, some of nobody, some that do not count, some with a coupon."""
    for number in range(days * 2):
        status = ("paid", "completed", "cancelled", "paid", "test")[number % 5]
        order = (
            *(
                f"{name}{number}",
                f"{datetime(2026, 1, 1, 9 + number % 9, tzinfo=UTC) + timedelta(days=number // 2):{MOMENT}}",
                f"{name}-{number % 3}" if number % 4 else "",
            ),
            *(("Shop", "Web", "")[number % 3], status, ("France", "Peru")[number % 2], "1.2345" if number % 3 else "0"),
        )
        yield from (order + line for line in LINES[: number % 5 + 1])


def bring(folder, listed, **options):
    """Import rows, and leave the summaries as the commit left them."""
    file = folder / f"{threading.get_ident()}.csv"
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows([HEADER, *listed])
    report = run(replace(entities()["sales"], after=None), Source(file), **options)
    assert report.refused == 0
    return report


def customers() -> list[tuple]:
    """What the customers' list shows, less what the facts say."""
    listed = "orders, spend, sold, spend_year, latest_order_at"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT customer_id, {listed} FROM sales_customer_figures WHERE orders IS NOT NULL "
            f"EXCEPT SELECT customer_id, {listed} FROM sales_fresh_customer_total"
        )
        return cursor.fetchall()


def strangers() -> set[tuple]:
    """Rungs, channels and chunks of which readers see other customers than the orders have."""
    joined = "grain, start, channel_id, chunk, bit_or(bits)::text"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {joined} FROM sales_live_customers GROUP BY 1, 2, 3, 4")
        seen = set(cursor.fetchall())
        rung = "SELECT grain, date_trunc(grain, start)::date AS start, channel_id, chunk, bits FROM sales_fresh_customers"
        cursor.execute(f"SELECT {joined} FROM ({rung} CROSS JOIN unnest(ARRAY['day', 'month', 'year']) AS grain) made GROUP BY 1, 2, 3, 4")
        return {row[:4] for row in seen.symmetric_difference(cursor.fetchall())}


def assert_right():
    assert_exact()
    assert strangers() == set()
    assert customers() == []
    assert rollups.broken() == []


@pytest.fixture
def begun(tmp_path):
    """A company that has sold before."""
    bring(tmp_path, rows("Earlier", DAYS + 20))
    rollups.refresh()


def test_new_orders_are_counted_when_they_are_seen(tmp_path, begun):
    report = bring(tmp_path, rows())
    assert report.counts.also["orders created"] == 2 * DAYS
    assert OrderLine.objects.exclude(coupon_share=0).exists()
    assert rollups.marked_days() == 0
    assert_right()
    assert rollups.refresh() == 0
    assert_right()


@PATIENT
@given(orders=COMPANIES, edits=EDITS, later=EDITS, days=st.integers(1, 9), drained=st.booleans())
def test_what_was_marked_before_stays_marked_and_exact(db, tmp_path, orders, edits, later, days, drained):
    with transaction.atomic(), mock.patch.object(rollups, "MANY_DAYS", 0):
        sell(make_product())
        rollups.refresh()
        company = Company()
        for order in orders:
            company.place(order)
        if drained:
            rollups.refresh()
        for edit in edits:
            company.edit(edit)
        marked, moment = rollups.marked_days(), FIRST - timedelta(days=2)
        listed = [
            (row[0], f"{moment + timedelta(days=at % days, hours=at):{MOMENT}}", *row[2:7], f"P{at % 4}", "", *row[9:])
            for at, row in enumerate(rows("M", days))
        ]
        whole = {row[0]: row[1:7] for row in reversed(listed)}  # all lines of an order say the same of it
        bring(tmp_path, [(row[0], *whole[row[0]], *row[7:]) for row in listed])
        assert rollups.marked_days() == marked
        assert_right()
        for edit in later:
            company.edit(edit)
        assert_right()
        rollups.refresh()
        assert rollups.marked_days() == 0
        assert_right()
        transaction.set_rollback(True)


def test_what_a_file_changes_of_known_orders_is_left_to_the_refresh(tmp_path, begun):
    bring(tmp_path, rows("Known"))
    changed = [(*row[:5], "Chile", *row[6:9], 7, *row[10:]) if row[0] in {"Known1", "Known8"} else row for row in rows("Known")]
    report = bring(tmp_path, [*changed, *rows()])
    assert (report.counts.also["orders updated"], report.counts.also["orders created"]) == (2, 2 * DAYS)
    assert rollups.marked_days() == 2
    assert_right()
    assert rollups.refresh() == 2
    assert_right()


def test_orders_of_few_days_are_left_to_the_refresh(tmp_path, begun):
    bring(tmp_path, rows(days=rollups.MANY_DAYS))
    assert rollups.marked_days() == rollups.MANY_DAYS
    assert_right()


def test_first_orders_of_a_company_are_left_to_the_refresh(tmp_path):
    bring(tmp_path, rows())
    assert rollups.marked_days() == DAYS
    assert_right()


def test_dry_run_and_failed_import_leave_nothing(tmp_path, begun):
    def fail(report, change):
        raise RuntimeError

    def stop(step):
        if step == "adding":
            raise StoppedError

    before = [live(summary) for summary in SUMMARIES]
    bring(tmp_path, rows(), dry_run=True)
    for error, options in ((RuntimeError, {"finish": fail}), (StoppedError, {"step": stop})):
        with pytest.raises(error):
            bring(tmp_path, rows(), **options)
    assert [live(summary) for summary in SUMMARIES] == before
    assert rollups.marked_days() == 0
    assert_right()


@pytest.mark.django_db(transaction=True)
def test_what_others_write_before_and_after_the_adding_up_stays_exact(tmp_path, begun):
    other = make_category("Other").pk

    def write(sku: str):
        """Move a product, change an order of a day that the file has, and look at it all while the import is not through."""
        Product.objects.filter(sku=sku).update(category_id=other)
        Order.objects.filter(number=f"Earlier{ord(sku)}").update(status=OrderStatus.COMPLETED, country="Chile")
        OrderLine.objects.filter(order__number=f"Earlier{ord(sku) - 63}").delete()
        assert_right()

    def is_free() -> bool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [rollups.LOCK])
            return cursor.fetchone()[0]

    def step(name):
        if name == "adding":
            in_thread(lambda: write("A"))
            in_thread(rollups.refresh)
            in_thread(lambda: write("B"))

    def finish(report, change):
        in_thread(lambda: write("C"))
        assert not in_thread(is_free)  # no refresh may come between the sums and their commit

    bring(tmp_path, rows(), step=step, finish=finish)
    assert is_free()
    assert set(Product.objects.values_list("category", flat=True)) == {other}
    assert rollups.marked_days() == 3  # what was written since the refresh; one day twice
    assert_right()
    rollups.refresh()
    assert rollups.marked_days() == 0
    assert_right()


class Everyone(Writers):
    """Writers and a refresher beside imports, and a reader who compares everything within one snapshot."""

    def bring(self, folder, name):
        for number in range(4):
            listed = [
                (row[0], f"{FIRST + timedelta(days=int(row[0].split('-')[1]) % 40):{MOMENT}}", *row[2:]) for row in rows(f"{name}{number}-", 12)
            ]
            bring(folder, listed)

    def read(self):
        while not self.done.is_set():
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                for summary in SUMMARIES:
                    assert live(summary) == fresh(summary), name_of(summary)
                assert strangers() == set()
                assert customers() == []

    def prove(self):
        while not self.done.is_set():
            assert rollups.broken() == []


@pytest.mark.django_db(transaction=True)
def test_imports_beside_writers_refreshes_and_readers_leave_no_difference(tmp_path, monkeypatch):
    monkeypatch.setattr(rollups, "MANY_DAYS", 3)
    monkeypatch.setattr(customer_packs, "MOST_UNPACKED", 5)
    products = [make_product(sku=sku, category=make_category()).pk for sku in "ABC"]
    orders = [sell(make_product(), customer=make_customer(), placed_at=FIRST + timedelta(days=day)).order_id for day in range(6)]
    everyone = Everyone(products, orders)
    writing = [
        *(threading.Thread(target=everyone.run, args=(lambda seed=seed: everyone.write(seed),)) for seed in range(2)),
        *(threading.Thread(target=everyone.run, args=(lambda name=name: everyone.bring(tmp_path, name),)) for name in ("X", "Y")),
    ]
    beside = [threading.Thread(target=everyone.run, args=(work,)) for work in (everyone.refresh, everyone.read, everyone.prove)]
    for thread in (*beside, *writing):
        thread.start()
    for thread in writing:
        thread.join()
    everyone.done.set()
    for thread in beside:
        thread.join()
    assert everyone.errors == []
    assert Order.objects.count() == 6 + 2 * 4 * 24
    assert_right()
    rollups.refresh()
    assert rollups.marked_days() == 0
    assert_right()


@pytest.mark.django_db(transaction=True)
def test_recomputing_many_days_never_waits_for_an_import(begun):
    Order.objects.update(country="Chile")

    def refresh():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        with mock.patch.object(rollups, "_stored_days", return_value=1_000):  # many days, and still few of all
            return rollups.refresh()

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ANALYZE sales_order, sales_orderline")  # as an import does, which keeps the locks
        assert in_thread(refresh) == DAYS + 20
    assert_right()


@pytest.mark.django_db(transaction=True)
def test_import_from_the_page_is_added_up_and_undone(manager_client, manager, tmp_path, settings):
    sell(make_product(category=make_category()), customer=make_customer())
    rollups.refresh()
    settings.MEDIA_ROOT = tmp_path
    text = "\n".join(",".join(map(str, row)) for row in (HEADER, *rows()))
    manager_client.post("/imports/", {"entity": "sales", "file": SimpleUploadedFile("sales.csv", text.encode())})
    record = Import.objects.get()
    manager_client.post(f"/imports/{record.pk}/check/", {f"column-{number}": name for number, name in enumerate(HEADER)})
    manager_client.post(f"/imports/{record.pk}/apply/")
    record.refresh_from_db()
    assert (record.state, record.step, rollups.marked_days()) == (ImportState.DONE, "adding", 0)
    assert_right()
    undo(ChangeSet.objects.get(verb="import.applied"), manager)
    assert (Order.objects.count(), Category.objects.count()) == (1, 1)
    assert_right()
    rollups.refresh()
    assert_right()
