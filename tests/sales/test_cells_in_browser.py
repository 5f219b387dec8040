"""Cells as somebody at a keyboard meets them: a column walked like a sheet, refusals and conflicts on the way, nothing typed is lost."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from sales.models import Customer, Product
from tests.conftest import signed_in

from .factories import make_category, make_customer, make_product, make_tier

pytestmark = pytest.mark.browser


@pytest.fixture
def shelf(page, site, sign_in, manager):
    sign_in(manager)
    products = [make_product(name, price="10.00", cost="6.00") for name in ("Axle", "Bell", "Chain")]
    page.goto(f"{site.url}/sales/products/")
    return products


def closed(page, name: str):
    return page.get_by_role("link", name=f"{name}. Edit", exact=True)


def field(page, name: str):
    return page.get_by_label(name, exact=True)


def test_column_is_walked_by_enter_and_tab_and_typing_never_waits(page, shelf):
    closed(page, "Price of Axle: 10.00").click()
    expect(field(page, "Price of Axle")).to_be_focused()
    page.keyboard.type("11")
    page.keyboard.press("Enter")
    page.keyboard.type("+5%")  # at once, while the first is still on its way
    page.keyboard.press("Tab")
    expect(field(page, "Price of Chain")).to_be_focused()
    expect(closed(page, "Price of Bell: 10.50")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    expect(field(page, "Price of Bell")).to_be_focused()
    expect(field(page, "Price of Bell")).to_have_value("10.50")
    expect(closed(page, "Price of Chain: 10.00")).to_be_visible()
    page.keyboard.press("Shift+Enter")
    expect(field(page, "Price of Axle")).to_have_value("11.00")
    assert list(Product.objects.order_by("name").values_list("price", flat=True)) == [11, 10.5, 10]


def test_tab_passes_through_when_nobody_types_and_leaves_after_escape_and_at_the_end(page, shelf):
    closed(page, "Price of Bell: 10.00").focus()
    page.keyboard.press("Tab")
    expect(closed(page, "Cost of Bell: 6.00")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("9")
    page.keyboard.press("Escape")
    expect(closed(page, "Cost of Bell: 6.00")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="One less of Bell")).to_be_focused()
    closed(page, "Reorder point of Chain: 0").click()
    page.keyboard.type("4")
    page.keyboard.press("Tab")
    expect(closed(page, "Reorder point of Chain: 4")).to_be_visible()
    assert page.evaluate("document.activeElement.dataset.cell") != "reorder_point"
    assert Product.objects.get(name="Bell").cost == 6


def test_arrows_go_from_cell_to_cell_and_a_digit_starts_typing(page, shelf):
    closed(page, "Price of Axle: 10.00").focus()
    page.keyboard.press("ArrowDown")
    expect(closed(page, "Price of Bell: 10.00")).to_be_focused()
    page.keyboard.type("75")
    expect(field(page, "Price of Bell")).to_have_value("75")
    page.keyboard.press("Enter")
    expect(closed(page, "Price of Bell: 75.00")).to_be_visible()
    expect(field(page, "Price of Chain")).to_be_focused()


def test_leaving_a_cell_by_mouse_saves_it_and_another_cell_of_the_row_keeps_what_is_typed(page, shelf):
    closed(page, "Price of Bell: 10.00").click()
    page.keyboard.type("12")
    closed(page, "Cost of Bell: 6.00").click()
    page.keyboard.type("7")
    expect(closed(page, "Price of Bell: 12.00")).to_be_visible()
    expect(field(page, "Cost of Bell")).to_be_focused()
    expect(field(page, "Cost of Bell")).to_have_value("7")
    page.get_by_role("heading", name="Products").click()
    expect(closed(page, "Cost of Bell: 7.00")).to_be_visible()


def test_refusal_takes_the_focus_back_and_escape_gives_the_value_back(page, shelf):
    closed(page, "Price of Axle: 10.00").click()
    page.keyboard.type("ten")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Write 12.50, +5% or -2.")
    expect(field(page, "Price of Axle")).to_be_focused()
    expect(field(page, "Price of Axle")).to_have_value("ten")
    page.keyboard.press("Escape")
    expect(closed(page, "Price of Axle: 10.00")).to_be_focused()


def test_conflict_is_settled_by_a_button_and_the_focus_stays(page, shelf):
    closed(page, "Price of Axle: 10.00").click()
    Product.objects.update(price="12")
    page.keyboard.type("11.5")
    page.keyboard.press("Enter")
    keep = page.get_by_role("button", name="Keep theirs: 12.00")
    expect(keep).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("You wrote 11.50.")
    assert Axe().run(page).violations_count == 0
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(closed(page, "Price of Axle: 11.50")).to_be_focused()
    closed(page, "Price of Bell: 10.00").click()
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Keep theirs: 12.00").press("Enter")
    expect(closed(page, "Price of Bell: 12.00")).to_be_focused()


def test_effect_stands_under_the_change_while_it_is_typed(page, shelf):
    closed(page, "Price of Axle: 10.00").click()
    page.keyboard.type("+5%")
    expect(page.get_by_text("10.00 → 10.50")).to_be_visible()
    expect(field(page, "Price of Axle")).to_be_focused()
    page.keyboard.press("Backspace")
    expect(page.get_by_text("10.00 → 15.00")).to_be_visible()
    assert Axe().run(page).violations_count == 0
    page.keyboard.press("Escape")
    expect(closed(page, "Price of Axle: 10.00")).to_be_focused()


def test_double_click_on_more_counts_once(page, shelf):
    page.get_by_role("button", name="One more of Bell").dblclick()
    expect(closed(page, "Stock of Bell: 6")).to_be_visible()
    assert Product.objects.get(name="Bell").stock == 6


def test_choice_opens_in_its_cell_and_is_made_by_key_or_pointer(page, site, shelf):
    make_category("Parts")
    make_tier("Gold", "1000")
    make_customer("Una")
    closed(page, "Category of Axle: —").press("Enter")
    expect(field(page, "Category of Axle")).to_be_focused()
    assert Axe().run(page).violations_count == 0
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(closed(page, "Category of Axle: Parts")).to_be_visible()
    expect(field(page, "Category of Bell")).to_be_focused()
    page.keyboard.press("Escape")
    expect(closed(page, "Category of Bell: —")).to_be_focused()
    page.goto(f"{site.url}/sales/customers/")
    closed(page, "Tier of Una: —").click()
    field(page, "Tier of Una").select_option("Gold")
    expect(closed(page, "Tier of Una: Gold")).to_be_visible()
    assert Customer.objects.get().tier.name == "Gold"


def test_without_script_a_cell_leads_to_its_page_and_a_conflict_asks_there(browser, site, shelf, manager):
    context = browser.new_context(java_script_enabled=False)
    cookie = signed_in(manager).cookies["session"]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site.url}])
    page = context.new_page()
    page.goto(f"{site.url}/sales/products/?q=bell")
    closed(page, "Price of Bell: 10.00").click()
    Product.objects.update(price="12")
    field(page, "Price of Bell").fill("11.5")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Put mine in its place: 11.50").click()
    expect(page.get_by_text("Bell: price 12.00 → 11.50")).to_be_visible()
    expect(page).to_have_url(f"{site.url}/sales/products/?q=bell")
    context.close()
