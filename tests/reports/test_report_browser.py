"""The report in a real browser: by keyboard and pointer, with the back button, without a console error and without an axe violation."""

import re
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.sales.factories import make_category, make_customer, make_line, make_order, make_product

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sales():
    for month in (1, 2):
        for number, name in enumerate(("Bikes", "Bags", "Helmets")):
            product = make_product(f"{name} one", category=make_category(name, key=f"{name.lower()}-{month}"))
            order = make_order(make_customer(f"Customer {number}"), placed_at=datetime(2026, month, 3 + number, 9, tzinfo=UTC))
            make_line(order, product, number + 1, "50", unit_cost="20")


def test_a_manager_walks_from_the_report_to_the_lines_and_back(page, site, sign_in, manager):
    sales()
    sign_in(manager)
    page.goto(f"{site.url}/sales/?period=all")
    expect(page.locator("h1")).to_contain_text("Net sales by category, 3 Jan – 5 Feb 2026")
    page.get_by_role("navigation", name="Group by").get_by_role("link", name="Month").click()
    expect(page.locator("h1")).to_contain_text("by month")
    expect(page).to_have_url(re.compile(r"by=month"))
    page.get_by_role("link", name="Orders", exact=True).last.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"sort=-orders"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"by=month$"))
    expect(page.locator("h1")).to_contain_text("by month")
    row = page.get_by_role("row", name=re.compile("Jan 2026"))
    row.get_by_role("link").first.click()
    expect(page.locator(".proof")).to_contain_text("= equal")
    expect(page.get_by_role("row", name=re.compile("Bikes one"))).to_be_visible()


def test_sentence_and_filters_change_the_view(page, site, sign_in, manager):
    sales()
    sign_in(manager)
    page.goto(f"{site.url}/sales/?period=all")
    page.get_by_label("Compare with: nothing").click()
    page.get_by_role("link", name="The days before").click()
    expect(page.locator("h1")).to_contain_text("against the days before")
    page.get_by_role("link", name="Filters and measures").click()
    page.get_by_label("Margin", exact=True).uncheck()
    page.get_by_label("Product contains").fill("Bags")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("h1")).to_contain_text("“Bags”")
    expect(page.get_by_role("columnheader", name="Margin", exact=True)).to_have_count(0)
    page.get_by_label("Remove Product contains: Bags").click()
    expect(page.locator("h1")).to_contain_text("Net sales by category")


@pytest.mark.parametrize(
    "address", ["/sales/?period=all&compare=previous", "/sales/?period=all&filters=open", "/sales/lines/?measures=net_sales", "/"]
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_assistive_technology(page, site, sign_in, manager, address, scheme):
    sales()
    sign_in(manager)
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{site.url}{address}")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("address", ["/sales/?period=all&compare=previous", "/sales/?filters=open", "/sales/lines/"])
def test_phone_scrolls_tables_but_never_the_page(page, site, sign_in, manager, address):
    sales()
    sign_in(manager)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site.url}{address}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_report_works_without_script(browser, site, manager, sign_in, context):
    sales()
    sign_in(manager)
    plain = browser.new_context(java_script_enabled=False, storage_state=context.storage_state())
    try:
        page = plain.new_page()
        page.goto(f"{site.url}/sales/?period=all")
        page.get_by_role("navigation", name="Group by").get_by_role("link", name="Product").click()
        expect(page.locator("h1")).to_contain_text("by product")
        page.get_by_label("Period: ").click()
        page.get_by_label("From").fill("2026-01-01")
        page.get_by_label("To", exact=True).fill("2026-01-31")
        page.get_by_role("button", name="Show these days").click()
        expect(page.locator("h1")).to_contain_text("1–31 Jan 2026")
        expect(page.locator("h1")).to_contain_text("by product")
    finally:
        plain.close()
