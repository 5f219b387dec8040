"""The list of products as a keyboard user meets it: filter, sort, back, edit with success and refusal, a bulk action; no axe violation."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from sales.models import Product
from tests.conftest import signed_in

from .factories import make_category, make_product, make_tier, sell

pytestmark = pytest.mark.browser


@pytest.fixture
def shelf(site, sign_in, manager):
    sign_in(manager)
    bell = make_product("Bell", stock=5, category=make_category("Small parts", default_price="7.90"), price=None)
    lamp = make_product("Lamp", stock=0, price="20.00")
    sell(lamp, 2, "20.00", days_ago=3)
    for number in range(28):
        make_product(f"Spoke {number:02}", stock=50)
    return bell, lamp


def test_filter_sort_page_and_back_keep_the_address_and_the_form_together(page, site, shelf):
    page.goto(f"{site.url}/sales/products/")
    page.keyboard.press("/")
    page.keyboard.type("spoke")
    expect(page).to_have_url(re.compile(r"\?q=spoke$"))
    expect(page.get_by_text("1–25 of 28")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.locator("#sort-stock").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("sort=-stock"))
    expect(page.locator("#sort-stock")).to_be_focused()
    page.locator("#page-next").press("Enter")
    expect(page.get_by_text("26–28 of 28")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("1–25 of 28")).to_be_visible()
    expect(page).to_have_url(re.compile("sort=-stock$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?q=spoke$"))
    expect(page.get_by_role("searchbox")).to_have_value("spoke")


def test_an_edit_by_keyboard_shows_its_effect_keeps_focus_and_says_what_is_refused(page, site, shelf):
    bell, _ = shelf
    page.goto(f"{site.url}/sales/products/?q=bell")
    more = page.get_by_role("button", name="One more of Bell")
    more.focus()
    page.keyboard.press("Enter")
    closed = page.get_by_role("link", name="Stock of Bell: 6. Edit")
    expect(closed).to_be_visible()
    expect(more).to_be_focused()
    expect(page.locator("#totals")).to_contain_text("6")
    expect(page.locator(".toast")).to_contain_text("Bell: stock 5 → 6")
    closed.press("Enter")
    stock = page.get_by_label("Stock of Bell", exact=True)
    stock.fill("-7")
    stock.press("Enter")
    expect(page.get_by_text("cannot go below zero")).to_be_visible()
    expect(stock).to_be_focused()
    expect(stock).to_have_attribute("aria-invalid", "true")
    stock.press("Escape")
    expect(closed).to_be_focused()
    page.get_by_role("link", name="Price of Bell: 7.90. Edit").press("Enter")
    page.keyboard.type("+10%")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Price of Bell: 8.69. Edit")).to_be_focused()
    bell.refresh_from_db()
    assert (bell.stock, str(bell.price)) == (6, "8.6900")


def test_a_bulk_action_asks_in_a_dialog_and_then_does_it(page, site, shelf):
    page.goto(f"{site.url}/sales/products/?q=spoke")
    page.get_by_label("Select Spoke 01").check()
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.get_by_role("button", name="Archive…").press("Enter")
    dialog = page.get_by_role("dialog", name="Archive 1 product?")
    expect(dialog).to_contain_text("Spoke 01")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_label("all 28 of this filter").check()
    page.get_by_role("button", name="Archive…").press("Enter")
    page.get_by_role("button", name="Archive 28 products").press("Enter")
    expect(page.get_by_text("Archived 28 products of Name or SKU: spoke.")).to_be_visible()
    assert Product.objects.filter(active=False).count() == 28
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("Undone: archived 28 products of Name or SKU: spoke.")).to_be_visible()
    assert not Product.objects.filter(active=False).exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_have_no_axe_violation_and_never_scroll_sideways(page, site, shelf, scheme, width):
    make_tier()
    _, lamp = shelf
    line = lamp.lines.get()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    for path in (
        "products/",
        f"products/{lamp.sku}/",
        "orders/",
        f"orders/{line.order.number}/",
        "customers/",
        "tiers/",
        "categories/",
        "products/?price_min=x",
        "pricing/",
        "pricing/?how=%2B5%25&margin=60",
        "pricing/?how=%3Dcost*2&show=left",
        f"product/{lamp.pk}/price/",
        f"product/{lamp.pk}/stock/",
    ):
        page.goto(f"{site.url}/sales/{path}")
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"), path
        results = Axe().run(page)
        assert results.violations_count == 0, f"{path}: {results.generate_report()}"


def test_the_list_works_without_script(browser, site, shelf, manager):
    cookie = signed_in(manager).cookies["session"]
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site.url}])
    page = context.new_page()
    page.goto(f"{site.url}/sales/products/")
    page.get_by_role("searchbox").fill("bell")
    page.get_by_role("searchbox").press("Enter")
    expect(page).to_have_url(re.compile("q=bell"))
    page.get_by_role("link", name="Stock of Bell: 5. Edit").click()
    page.get_by_label("Stock of Bell", exact=True).fill("+3")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("Bell: stock 5 → 8")).to_be_visible()
    expect(page).to_have_url(re.compile("q=bell"))
    page.get_by_label("Select Bell").check()
    page.get_by_role("button", name="Archive…").click()
    page.get_by_role("button", name="Archive 1 product").click()
    expect(page.get_by_text("Archived Bell.")).to_be_visible()
    context.close()


def test_a_price_change_is_rehearsed_made_and_undone_by_keyboard(page, site, shelf):
    page.goto(f"{site.url}/sales/products/?q=spoke")
    page.get_by_label("Select all rows of this page").check()
    page.get_by_text("Change prices").press("Enter")
    page.get_by_label("How do they change?").fill("+5% round .99")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/sales/pricing/\?.*how="))
    expect(page.get_by_text("25 products by +5 %, rounded to end in .99.")).to_be_visible()
    expect(page.get_by_role("row", name="Spoke 00")).to_contain_text("10.99")
    how = page.get_by_label("New price")
    how.fill("-50%")
    expect(page.get_by_role("row", name="Spoke 00")).to_contain_text("Below cost")
    expect(how).to_be_focused()
    how.fill("nonsense")
    expect(page.get_by_text("New price: Write for example +5%")).to_be_visible()
    how.fill("+10%")
    page.get_by_role("button", name="Reprice 25 products").press("Enter")
    expect(page.get_by_role("heading", name="Repriced 25 products by +10 %")).to_be_visible()
    assert Product.objects.filter(price=11).count() == 25
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.get_by_role("main").get_by_role("button", name="Undo").first.press("Enter")
    expect(page.get_by_text("Undone: repriced 25 products by +10 %.")).to_be_visible()
    assert Product.objects.filter(price=11).count() == 0
