"""Customers ranked from packed arrays are those that grouping the rows gives, whatever is packed, waits or is marked."""

from datetime import UTC, date, datetime
from unittest import mock

import pytest
from django.db import DataError, connection, transaction
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sales import customer_packs, reports, rollups
from sales.asking import arrays
from sales.known import Known
from sales.models import Customer, Order, OrderLine
from sales.report_filters import SalesFilter
from sales.reports import Report
from sales.scope import Scope
from tests.reports.company import COMPANIES, EDITS, Company
from tests.sales.factories import make_customer, make_product, sell
from tests.threads import in_thread

pytestmark = pytest.mark.django_db
PATIENT = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
SORTS = ("", "net_sales", "-units", "orders", "-net_sales_previous", "net_sales_delta", "-orders_delta")
QUERIES = (
    "from=2024-12-01&to=2025-01-31",
    "from=2024-12-21&to=2025-01-14",
    "from=2025-01-01&to=2025-01-31&compare=previous",
    "from=2025-01-03&to=2025-01-20&compare=month_to_date",
)
FIRST = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def always_worth_it(monkeypatch):
    monkeypatch.setattr(customer_packs, "FEWEST", 0)


def report_of(query: str) -> Report:
    form = SalesFilter(QueryDict(f"by=customer&{query}"), "/sales/", Known.read())
    assert form.is_valid()
    return Report(Scope.read(form, today=date(2026, 3, 20)))


def pages(query: str) -> list[tuple]:
    """Every page of two, with the count it says."""
    report, found = report_of(query), []
    while len(found) < 20:
        rows = report.rows(page=len(found) + 1, per_page=2)
        found.append((rows.count, [(row.key, row.figures) for row in rows.rows]))
        if rows.count <= 2 * len(found):
            break
    return found


def grouped(query: str) -> list[tuple]:
    with mock.patch.object(Report, "_ranking", None):
        return pages(query)


def assert_same_order():
    for query in QUERIES:
        for sort in SORTS:
            if "compare" in query or "_" not in sort.removesuffix("net_sales"):
                assert pages(f"{query}&sort={sort}") == grouped(f"{query}&sort={sort}")


def stored() -> tuple[int, int]:
    """Packs, and changes that wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM sales_customer_pack), (SELECT count(*) FROM sales_customer_unpacked)")
        return cursor.fetchone()


@PATIENT
@given(orders=COMPANIES, first=EDITS, second=EDITS, most=st.sampled_from([0, 2, 5_000]))
def test_ranking_is_that_of_the_rows_after_any_edit(db, orders, first, second, most):
    with transaction.atomic(), mock.patch.object(customer_packs, "MOST_UNPACKED", most):
        company = Company()
        for order in orders:
            company.place(order)
        rollups.refresh()
        assert_same_order()
        for edit in first:
            company.edit(edit)
        rollups.refresh()
        assert rollups.broken() == []
        for edit in second:
            company.edit(edit)
        assert_same_order()
        rollups.refresh()
        assert rollups.broken() == []
        transaction.set_rollback(True)


def test_what_a_refresh_adds_waits_until_it_is_much(monkeypatch):
    customer = make_customer()
    line = sell(make_product(), customer=customer, placed_at=FIRST)
    rollups.refresh()
    assert stored() == (3, 0)
    OrderLine.objects.filter(pk=line.pk).update(quantity=7)
    rollups.refresh()
    assert stored() == (3, 1)
    assert [row.figures.now["units"] for row in report_of("period=all").rows(page=1, per_page=25).rows] == [7]
    monkeypatch.setattr(customer_packs, "MOST_UNPACKED", 1)
    sell(make_product(), customer=customer, placed_at=FIRST.replace(day=3))
    rollups.refresh()
    assert stored() == (4, 0)
    assert rollups.broken() == []


def test_a_rung_that_became_empty_has_no_pack(monkeypatch):
    monkeypatch.setattr(customer_packs, "MOST_UNPACKED", 0)
    line = sell(make_product(), customer=make_customer(), placed_at=FIRST)
    rollups.refresh()
    Order.objects.filter(pk=line.order_id).update(placed_at=FIRST.replace(year=2025))
    rollups.refresh()
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT extract(year FROM start)::int FROM sales_customer_pack")
        assert cursor.fetchall() == [(2025,)]


def test_more_days_than_a_few_are_packed_at_once(monkeypatch):
    customer = make_customer()
    for day in (2, 3, 4):
        sell(make_product(), customer=customer, placed_at=FIRST.replace(day=day))
    rollups.refresh()
    monkeypatch.setattr(customer_packs, "FEW_DAYS", 1)
    OrderLine.objects.update(quantity=5)
    rollups.refresh()
    assert stored() == (5, 0)
    assert rollups.broken() == []


def test_small_companies_and_thin_ids_have_no_packs(monkeypatch):
    sell(make_product(), customer=make_customer(), placed_at=FIRST)
    rollups.refresh()
    assert stored() == (3, 0)
    far = Customer.objects.create(pk=customer_packs.MOST, key="far", name="Far")
    sell(make_product(), customer=far, placed_at=FIRST)
    rollups.refresh()
    assert stored() == (0, 0)
    far.orders.all().delete()
    far.delete()
    monkeypatch.setattr(customer_packs, "FEWEST", customer_packs.MOST)
    rollups.rebuild()
    assert stored() == (0, 0)


def test_ids_too_high_for_arrays_are_ranked_by_rows():
    far = Customer.objects.create(pk=5_000_000_000, key="far", name="Far")
    for customer, quantity in ((make_customer(), 1), (far, 3), (make_customer(), 2)):
        sell(make_product(), quantity, customer=customer, placed_at=FIRST)
    query = "period=all&sort=-units"
    for _ in range(2):
        found = pages(query)
        assert found == grouped(query)
        assert found[0][1][0][0] == "far"
        rollups.refresh()


def test_proof_names_a_wrong_pack_and_a_rebuild_makes_it_right():
    sell(make_product(), customer=make_customer(), placed_at=FIRST)
    rollups.refresh()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sales_customer_pack SET net = int8send(1) WHERE grain = 'month'")
    assert rollups.broken() == ["packed customers of the month 2026-03-01: other sums than the summary"]
    rollups.rebuild()
    assert rollups.broken() == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sales_customer_pack SET net = int8send(1) WHERE grain = 'day'")
    rollups.rebuild(report_of("from=2026-03-01&to=2026-03-31").scope.period)
    assert rollups.broken() == []


def test_ratios_moves_in_percent_and_filters_are_ranked_by_rows():
    sell(make_product("Bell", sku="BL"), customer=make_customer(), placed_at=FIRST)
    for query in ("sort=-margin", "sort=-net_sales_change&compare=previous", "weekday=1", "product=BL", "sort=-returns&measures=returns"):
        assert report_of(f"period=all&{query}")._ranking is None
    assert report_of("period=all&sort=-net_sales")._ranking


@pytest.mark.django_db(transaction=True)
def test_rows_and_figures_of_a_page_are_of_one_state(monkeypatch):
    una, bo = make_customer("Una", key="una"), make_customer("Bo", key="bo")
    lines = [sell(make_product(), quantity, customer=customer, placed_at=FIRST) for customer, quantity in ((una, 3), (bo, 1))]
    rollups.refresh()
    report = report_of("from=2026-03-01&to=2026-03-31")
    ranked = customer_packs.Ranking.page

    def then_somebody_writes(self, *page):
        chosen = ranked(self, *page)
        in_thread(lambda: OrderLine.objects.filter(pk=lines[1].pk).update(quantity=100))
        return chosen

    monkeypatch.setattr(customer_packs.Ranking, "page", then_somebody_writes)
    found = report.rows(page=1, per_page=1)
    assert ([(row.key, row.figures.now["units"]) for row in found.rows], found.count) == ([("una", 3)], 2)
    assert reports.Report(report.scope).rows(page=1, per_page=1).rows[0].figures.now["units"] == 100


def test_an_error_among_later_rows_is_told_as_any_of_the_database():
    found = arrays("SELECT 6 / (3 - n) FROM generate_series(1, 5) AS n", [])
    assert next(found) == (3,)
    with pytest.raises(DataError):
        list(found)
