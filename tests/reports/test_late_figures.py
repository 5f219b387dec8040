"""Figures that only the order lines can tell do not hold up their page: it comes without them, and they follow, the same as if waited for."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import expect

from sales import report_views
from sales.answers import Late
from sales.known import Known
from sales.models import Order
from sales.report_filters import SalesFilter
from sales.report_views import takes_long
from sales.reports import Report
from sales.scope import Scope
from tests.sales.factories import make_category, make_customer, make_line, make_order, make_product

PAGE, FIGURES = ({"HX-Request": "true", "HX-Target": target} for target in ("results", "late"))
PERIOD = "from=2026-01-01&to=2026-03-31"
BRANCH = f"{PERIOD}&by=product&category=rides"


@pytest.fixture
def long(monkeypatch):
    """Every period is one of very many lines."""
    monkeypatch.setattr(report_views, "MOST_LINES_AT_ONCE", -1)


def sales():
    """Orders of one and of several products of a branch, an order of another branch, and a cancelled one."""
    rides = make_category("Rides", key="rides")
    bike, scooter = (make_product(name, sku=name, category=make_category(name, key=name, parent=rides)) for name in ("Bike", "Scooter"))
    bag = make_product("Bag", sku="Bag", category=make_category("Bags", key="bags"))
    una, bo = make_customer("Una", key="una"), make_customer("Bo", key="bo")
    for month, customer, status, products in (
        (1, una, "completed", (bike, scooter)),
        (2, una, "completed", (bike, bike, bag)),
        (2, bo, "completed", (scooter,)),
        (3, bo, "completed", (bag,)),
        (3, bo, "cancelled", (bike, scooter)),
    ):
        order = make_order(customer, placed_at=datetime(2026, month, 9, 12, tzinfo=UTC), status=status)
        for product in products:
            make_line(order, product, month, "50", unit_cost="20")


def scope_of(query: str) -> Scope:
    form = SalesFilter(QueryDict(query), "/sales/", Known.read())
    assert form.is_valid(), form.errors
    return Scope.read(form, today=date(2026, 4, 1))


def part(page: str, name: str) -> str:
    """The inside of the element with an id."""
    return re.search(rf'<(\w+) id="{name}"[^>]*>(.*?)</\1>', page, re.DOTALL)[2]


def rows(page: str) -> list[str]:
    """The rows of the table as markup."""
    return re.findall(r'<tr id="row-.*?</tr>', page)


def numbers(markup: str) -> str:
    """The text of a piece of markup, without how long it took."""
    return re.sub(r"<[^>]*>|[0-9.]+ ms", "", markup)


def statements(asked: CaptureQueriesContext) -> int:
    """How many statements asked for figures; the session and what it knows of small lists are others."""
    return sum(" piece (side" in one["sql"] for one in asked)


def late_address(page: str) -> str:
    return unescape(re.search(r'id="late"[^>]*data-hx-get="([^"]*)"', page)[1])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "late", "row_late"),
    [
        (BRANCH, ["Orders", "Average order"], False),
        (BRANCH.replace("by=product", "by=month"), ["Orders", "Average order"], True),
        (f"{PERIOD}&by=product&q=i", ["Orders", "Average order"], False),
        (f"{PERIOD}&by=month&q=i&compare=previous", ["Orders", "Average order"], True),
        (f"{PERIOD}&by=product&measures=net_sales,customers,orders", ["Customers"], True),
        (f"{BRANCH}&measures=net_sales,units", [], False),
    ],
)
def test_a_page_comes_without_what_takes_long_and_then_gets_it(admin_client, monkeypatch, query, late, row_late):
    sales()
    at_once = admin_client.get(f"/sales/?{query}", headers=PAGE).content.decode()
    assert 'id="late"' not in at_once
    monkeypatch.setattr(report_views, "MOST_LINES_AT_ONCE", -1)
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        page = admin_client.get(f"/sales/?{query}", headers=PAGE).content.decode()
    assert statements(asked) == 1
    assert "sales_fact" not in "".join(one["sql"] for one in asked)
    assert part(page, "late").strip() == f"{' and '.join(late) or 'What is left out'}: being counted."
    assert ("coming" in page) == bool(late)
    assert (rows(page) == rows(at_once)) != row_late
    with CaptureQueriesContext(connection) as asked:
        answer = admin_client.get(late_address(page), headers=FIGURES)
    figures = answer.content.decode()
    assert statements(asked) == 1
    assert "coming" not in figures
    assert "HX-Push-Url" not in answer
    for place in ("tiles", "totals", "report-notes"):
        assert numbers(part(figures, place)) == numbers(part(at_once, place))
    assert rows(figures) == (rows(at_once) if row_late else [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        f"{BRANCH}&measures=orders,net_sales",  # the chart is of what is counted
        f"{PERIOD}&by=month&q=i&sort=-orders",  # rows are in its order
        f"{PERIOD}&by=product&channel=none",  # the lines have everything
        f"{PERIOD}&by=product",  # a summary has everything
    ],
)
def test_nothing_is_late_where_the_page_is_about_it_or_nothing_is_gained(admin_client, long, query):
    sales()
    page = admin_client.get(f"/sales/?{query}", headers=PAGE).content.decode()
    assert 'id="late"' not in page
    assert 'class="coming"' not in page


@pytest.mark.django_db
def test_a_late_figure_has_no_value_and_no_change(long):
    sales()
    report = Report(scope_of(f"{BRANCH}&compare=previous"), over_time=True, wait=False)
    orders, units = (next(measure for measure in report.scope.measures if measure.name == name) for name in ("orders", "units"))
    assert (report.totals.value(orders), report.totals.previous(orders), report.totals.change(orders)) == (Late.COMING, None, None)
    assert report.totals.value(units) == 8
    assert [row.figures.value(orders) for row in report.rows(page=1, per_page=25).rows] == [2, 2]


@pytest.mark.django_db
def test_without_any_row_what_is_left_out_follows(admin_client, long):
    sales()
    Order.objects.update(status="cancelled")
    page = admin_client.get(f"/sales/?{PERIOD}&by=product&q=Scooter", headers=PAGE).content.decode()
    assert rows(page) == []
    assert "cancelled" not in part(page, "report-notes")
    figures = admin_client.get(late_address(page), headers=FIGURES).content.decode()
    assert "3 cancelled orders" in numbers(part(figures, "report-notes"))
    assert 'id="tiles"' not in figures


@pytest.mark.django_db
def test_nonsense_has_no_late_figures(admin_client):
    answer = admin_client.get("/sales/?by=nonsense&late=yes", headers=FIGURES)
    assert (answer.status_code, answer.content.strip()) == (200, b"")


@pytest.mark.django_db
def test_without_script_the_same_address_counts_at_once(admin_client, long):
    sales()
    page = admin_client.get(f"/sales/?{BRANCH}").content.decode()
    address = unescape(re.search(r'<noscript>.*?href="([^"]*)"', page)[1])
    whole = admin_client.get(address).content.decode()
    assert 'class="coming"' not in whole
    assert 'id="late"' not in whole
    assert "late=yes" not in whole


@pytest.mark.django_db
def test_many_lines_are_told_by_the_days_of_both_periods(monkeypatch):
    sales()
    known = Known.read()
    assert known.lines == 9
    assert known.recorded.days == 60  # 9 January to 9 March
    monkeypatch.setattr(report_views, "MOST_LINES_AT_ONCE", 15)
    assert not takes_long(scope_of(PERIOD), known)
    assert takes_long(scope_of(f"{PERIOD}&compare=previous"), known)
    assert not takes_long(scope_of(PERIOD), Known(known.things, (), None, 0))


def slow_on_lines(monkeypatch):
    """Reports that wait for the order lines run into the time limit of the database, as they do on very many."""
    prepare = Report.prepare

    def slowly(self, **words):
        if self.waits:
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = '20ms'")
                try:
                    cursor.execute("SELECT pg_sleep(5)")
                finally:
                    cursor.execute("RESET statement_timeout")
        prepare(self, **words)

    monkeypatch.setattr(Report, "prepare", slowly)


@pytest.mark.django_db(transaction=True)
def test_what_takes_too_long_is_told_and_the_page_stays(admin_client, long, monkeypatch):
    sales()
    page = admin_client.get(f"/sales/?{BRANCH}", headers=PAGE).content.decode()
    slow_on_lines(monkeypatch)
    answer = admin_client.get(late_address(page), headers=FIGURES)
    figures = answer.content.decode()
    assert answer.status_code == 200
    assert "Orders and Average order: not counted in time" in part(figures, "late")
    assert "Choose a shorter period" in part(figures, "late")
    assert "data-hx-get" not in part(figures, "late")
    assert figures.count('class="missing"') == 4


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_follow_their_page(page, site, sign_in, manager, long, scheme):
    sales()
    sign_in(manager)
    page.emulate_media(color_scheme=scheme)
    held = []

    def hold(route):
        held.append(route)

    page.route("**/sales/?*late=yes*", hold)
    page.goto(f"{site.url}/sales/?{BRANCH}")
    tile = page.get_by_role("link", name="Orders", exact=False).filter(has=page.locator(".figure"))
    expect(tile).to_contain_text("…")
    expect(page.locator("#late")).to_have_text("Orders and Average order: being counted.")
    assert Axe().run(page).violations_count == 0
    held[0].continue_()
    expect(tile).to_contain_text("3")
    expect(page.locator("#totals")).not_to_contain_text("…")
    expect(page.locator("#late")).to_have_count(0)
    assert "late" not in page.url
    assert Axe().run(page).violations_count == 0


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_figures_of_a_page_that_is_gone_are_not_put_into_the_next(page, site, sign_in, manager, long):
    sales()
    sign_in(manager)
    page.route("**/sales/?*late=yes*", lambda route: None)
    page.goto(f"{site.url}/sales/?{BRANCH}")
    expect(page.locator("#late")).to_have_count(1)
    with page.expect_event("requestfailed") as given_up:
        page.get_by_label("Remove Category: Rides").click()
    assert "late=yes" in given_up.value.url
    expect(page.locator("h1")).to_have_text("Net sales by product, 1 Jan – 31 Mar 2026")
