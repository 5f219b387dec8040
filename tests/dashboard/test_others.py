"""Rows that somebody else changed say so at the next refresh: who, when and what; one's own changes do not, and nothing else does."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import expect

from dashboard import changes
from dashboard.changes import change_set
from dashboard.models import ChangeSet
from jobs.models import Application, Job
from sales.models import Customer, Product
from tests.conftest import signed_in
from tests.guards.world import MARKER, build
from tests.sales.factories import make_category, make_customer, make_product, make_tier

PRODUCTS = "/sales/products/"


@pytest.fixture
def colleague(person):
    return person("ada", "Managers", "Recruiters", first_name="Ada", last_name="Byron")


def seen(client, url: str = PRODUCTS) -> dict:
    """Open a list; what it carries along from then on."""
    return {"seen": re.search(r'name="seen" value="(\d+)"', client.get(url).content.decode())[1]}


def later(seen: dict) -> dict:
    """The same list, opened after everything that was done so far."""
    return {"seen": str(int(seen["seen"]) + int(2 * changes.BRIEF.total_seconds() * 1000))}


def write(user, rows, **values) -> ChangeSet:
    with change_set(user, "product.edited", "edited by hand") as change:
        change.count = rows.update(**values)
    return change


def told(response) -> list[str]:
    return re.findall(r'class="told"[^>]* title="([^"]*)"', response.content.decode())


def test_row_says_who_changed_what_and_when_until_the_list_is_opened_anew(manager_client, colleague, hx):
    bell, _ = make_product("Bell", price="10.00"), make_product("Lamp")
    opened = seen(manager_client)
    assert told(hx(manager_client).get(PRODUCTS, opened)) == []
    change = write(colleague, Product.objects.filter(pk=bell.pk), price="12")
    at = timezone.localtime(change.at).strftime("%H:%M")
    response = hx(manager_client).get(PRODUCTS, opened)
    assert told(response) == [f"Ada Byron at {at}: price 10.00 → 12.00"]
    assert f'href="/changes/{change.pk}/"' in response.content.decode()
    assert "1 of these rows changed by somebody else" in response.content.decode()
    assert told(hx(manager_client).get(PRODUCTS, {**opened, "q": "bell", "sort": "-price"})), "still told while one goes on filtering"
    assert told(hx(manager_client).get(PRODUCTS, {**opened, "q": "lamp"})) == []
    assert told(hx(manager_client).get(PRODUCTS, later(opened))) == []
    assert told(manager_client.get(PRODUCTS)) == []


def test_own_changes_are_not_told(manager, manager_client, hx):
    bell = make_product("Bell")
    opened = seen(manager_client)
    write(manager, Product.objects.filter(pk=bell.pk), price="12")
    assert told(hx(manager_client).get(PRODUCTS, opened)) == []


def test_changes_of_several_are_told_as_one_and_what_was_taken_back_is_not(manager_client, colleague, person, hx):
    rows = Product.objects.filter(pk=make_product("Bell", price="10.00", stock=5).pk)
    opened, grace = seen(manager_client), person("grace", "Managers")
    write(colleague, rows, price="11")
    write(grace, rows, price="12", stock=7)
    [text] = told(hx(manager_client).get(PRODUCTS, opened))
    assert re.fullmatch(r"grace, Ada Byron at \d\d:\d\d: (price 10.00 → 12.00, stock 5 → 7|stock 5 → 7, price 10.00 → 12.00)", text)
    write(grace, rows, price="10", stock=5)
    assert told(hx(manager_client).get(PRODUCTS, opened)) == []


def test_what_came_from_outside_the_pages_is_told_and_counts_of_edits_are_not(manager_client, hx):
    bell, lamp = make_product("Bell"), make_product("Lamp")
    opened = seen(manager_client)
    write(None, Product.objects.filter(pk=bell.pk), active=False, version=9)
    write(None, Product.objects.filter(pk=lamp.pk), version=9)
    [text] = told(hx(manager_client).get(PRODUCTS, opened))
    assert text.startswith("Somebody at ")
    assert text.endswith("active yes → no")


def test_reference_is_told_by_name(manager_client, colleague, hx):
    bikes, parts = make_category("Bikes"), make_category("Parts")
    bell = make_product("Bell", category=bikes)
    opened = seen(manager_client)
    write(colleague, Product.objects.filter(pk=bell.pk), category=parts)
    assert told(hx(manager_client).get(PRODUCTS, opened))[0].endswith("category Bikes → Parts")


def test_customers_jobs_and_applications_tell_too(admin, admin_client, colleague, hx):
    build(admin)
    gold = make_tier("Gold", "5")
    for url, rows, values, words in (
        ("/sales/customers/", Customer.objects.all(), {"tier": gold}, "tier Example → Gold"),
        ("/jobs/", Job.objects.all(), {"openings": 4}, "openings 1 → 4"),
        ("/jobs/applications/", Application.objects.all(), {"rating": 3}, "rating 0 → 3"),
    ):
        opened = seen(admin_client, url)
        write(colleague, rows, **values)
        [text] = told(hx(admin_client).get(url, opened))
        assert text.endswith(words), url


def test_fields_that_the_list_does_not_tell_stay_untold(manager_client, colleague, hx):
    una = make_customer("Una", email="una@example.com")
    opened = seen(manager_client, "/sales/customers/")
    write(colleague, Customer.objects.filter(pk=una.pk), email="secret@example.com")
    assert told(hx(manager_client).get("/sales/customers/", opened)) == []


def test_long_change_that_ends_after_the_list_was_opened_is_told(manager_client, colleague, hx, monkeypatch):
    bell = make_product("Bell", price="10.00")
    monkeypatch.setattr(changes, "BRIEF", timedelta(0))
    with change_set(colleague, "product.imported", "imported 1 product") as change:
        ChangeSet.objects.filter(pk=change.pk).update(at=timezone.now() - timedelta(minutes=10))
        opened = seen(manager_client)
        change.count = Product.objects.filter(pk=bell.pk).update(price="12")
    assert told(hx(manager_client).get(PRODUCTS, opened))


@pytest.mark.parametrize("count", [1, 3])
def test_telling_is_one_query_and_a_first_visit_asks_nothing(manager_client, colleague, hx, count):
    for number in range(count):
        make_product(f"Bell {number}", price="10.00")
    opened = seen(manager_client)
    write(colleague, Product.objects.all(), price="12")
    plain, telling = queries_of(hx(manager_client), {}), queries_of(hx(manager_client), opened)
    assert not [query for query in plain if "rowchange" in query]
    assert len([query for query in telling if "rowchange" in query]) == 1
    assert len(telling) == len(plain) + 1


def queries_of(client, words: dict) -> list[str]:
    with CaptureQueriesContext(connection) as caught:
        client.get(PRODUCTS, words)
    return [query["sql"] for query in caught]


@pytest.mark.parametrize("words", ["x", "-5", "9" * 30, "", "0", "\x00", "1e9"])
def test_word_that_is_no_moment_is_none(manager_client, colleague, hx, words):
    bell = make_product("Bell")
    write(colleague, Product.objects.filter(pk=bell.pk), price="12")
    assert told(hx(manager_client).get(PRODUCTS, {"seen": words})) == []


def test_very_old_moment_tells_the_last_hours_alone(manager_client, colleague, hx):
    bell, lamp = make_product("Bell"), make_product("Lamp")
    for product, hours in ((bell, 13), (lamp, 2)):
        change = write(colleague, Product.objects.filter(pk=product.pk), stock=77)
        ChangeSet.objects.filter(pk=change.pk).update(at=timezone.now() - timedelta(hours=hours))
    opened = {"seen": str(int(datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1000))}
    assert len(told(hx(manager_client).get(PRODUCTS, opened))) == 1


def test_the_word_is_in_no_address(manager_client, hx):
    make_product("Bell")
    response = hx(manager_client).get(PRODUCTS, {"seen": "123", "q": "bell"})
    assert response["HX-Push-Url"] == f"{PRODUCTS}?q=bell"
    assert "seen=" not in response.content.decode()


def test_stored_text_is_told_as_text(manager_client, colleague, hx):
    User.objects.filter(pk=colleague.pk).update(first_name=MARKER[:30])
    bell = make_product("Bell")
    opened = seen(manager_client)
    write(colleague, Product.objects.filter(pk=bell.pk), name=MARKER)
    response = hx(manager_client).get(PRODUCTS, opened)
    assert len(told(response)) == 1
    assert "<svg onload" not in response.content.decode()


@pytest.mark.browser
def test_two_people_in_one_list_see_each_others_changes_at_the_next_refresh(page, site, sign_in, browser, manager, colleague):
    make_product("Bell", price="10.00")
    sign_in(manager)
    page.goto(site.url + PRODUCTS)
    other = browser.new_context()
    cookie = signed_in(colleague).cookies["session"]
    other.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site.url}])
    theirs = other.new_page()
    theirs.goto(site.url + PRODUCTS)
    theirs.get_by_role("link", name="Price of Bell: 10.00. Edit").click()
    theirs.keyboard.type("12")
    theirs.keyboard.press("Enter")
    expect(theirs.get_by_role("link", name="Price of Bell: 12.00. Edit")).to_be_visible()
    page.get_by_role("searchbox").fill("bell")
    expect(page.get_by_role("link", name=re.compile(r"Ada Byron at \d\d:\d\d: price 10.00 → 12.00"))).to_be_visible()
    expect(page).to_have_url(f"{site.url}{PRODUCTS}?q=bell")
    page.locator("#sort-stock").click()
    expect(page.get_by_role("link", name=re.compile("Ada Byron"))).to_be_visible()
    theirs.get_by_role("searchbox").fill("bel")
    expect(theirs.get_by_text("1–1 of 1")).to_be_visible()
    expect(theirs.get_by_text("Ada Byron at")).to_have_count(0)
    page.get_by_role("link", name="Seen", exact=True).click()
    expect(page.get_by_role("link", name=re.compile("Ada Byron"))).to_have_count(0)
    other.close()
