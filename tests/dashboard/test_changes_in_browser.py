"""The change log in a browser: found by its filters, followed from an object, undone, redone, and a conflict that stays told."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dashboard.changes import change_set
from dashboard.models import UndoRun
from sales.models import Product

pytestmark = pytest.mark.browser


@pytest.fixture
def repricing(manager):
    Product.objects.bulk_create(Product(sku=sku, name=f"Bike {sku}", price=100) for sku in "ABC")
    with change_set(manager, "product.repriced", "repriced 3 products by +5 %") as change:
        change.count = Product.objects.update(price=105)
    with change_set(manager, "category.added", "added a category"):
        pass
    return change


@pytest.fixture
def log(page, site, sign_in, manager, repricing):
    sign_in(manager)
    page.goto(f"{site.url}/changes/")
    return page


def no_violations(page):
    assert Axe().run(page).response["violations"] == []


def test_change_is_found_undone_and_redone(log):
    log.get_by_role("searchbox").fill("REPRICED")
    expect(log.get_by_text("1–1 of 1")).to_be_visible()
    log.get_by_text("Filters", exact=True).click()
    log.get_by_label("What", exact=True).select_option("Products")
    expect(log.locator("#results").get_by_text("repriced 3 products by +5 %")).to_be_visible()
    no_violations(log)
    log.keyboard.press("Escape")
    log.get_by_role("link", name="repriced 3 products by +5 %").click()
    log.get_by_role("button", name="Undo").click()
    expect(log.get_by_text("This was undone by")).to_be_visible()
    assert set(Product.objects.values_list("price", flat=True)) == {100}
    no_violations(log)
    log.get_by_role("link", name="manager,").click()
    log.get_by_role("button", name="Redo").click()
    expect(log.get_by_text("This was undone by")).to_be_visible()
    assert set(Product.objects.values_list("price", flat=True)) == {105}


def test_conflict_is_told_with_before_mine_and_theirs_tomorrow_too(log, site, repricing):
    Product.objects.filter(sku="B").update(price=90)
    log.goto(f"{site.url}/changes/{repricing.pk}/")
    log.get_by_role("button", name="Undo").click()
    told = log.get_by_role("alert")
    expect(told).to_contain_text("2 rows restored, 1 left alone")
    log.goto(f"{site.url}/changes/{repricing.pk}/")
    for value in ("Bike B", "it was changed later", "100.00", "105.00", "90.00"):
        expect(told).to_contain_text(value)
    no_violations(log)


def test_history_of_an_object_leads_to_all_its_changes(log, site, repricing):
    log.goto(f"{site.url}/sales/products/A/")
    log.get_by_role("link", name="All changes").click()
    expect(log.get_by_text("Bike A").first).to_be_visible()
    expect(log.get_by_role("link", name="repriced 3 products by +5 %")).to_be_visible()


def test_undo_in_the_background_is_followed_to_its_end(log, site, repricing, manager):
    run = UndoRun.objects.create(target=repricing, user=manager, rows=50_000, rows_done=20_000, started_at=repricing.at.replace(year=2999))
    log.goto(f"{site.url}/changes/{repricing.pk}/")
    expect(log.get_by_text("20,000 of 50,000 rows.")).to_be_visible()
    no_violations(log)
    UndoRun.objects.filter(pk=run.pk).update(rows_done=50_000, restored=50_000, finished_at=repricing.at)
    expect(log.get_by_text("Undone: 50,000 rows restored.")).to_be_visible()
