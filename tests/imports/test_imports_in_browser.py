"""An import as somebody meets it in a browser: upload, formats with a live preview, a mapping, refusals mended in place, import, undo and redo."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dashboard.models import Import, ImportMap, ImportState
from sales.models import Product

pytestmark = pytest.mark.browser
FILE = "Article;Title;Available from;List price\nA1;Bell;04/07/2027;1.234,50\nA2;Lamp;31/07/2027;cheap\nA3;Lock;30/07/2027;12,00\n"


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def desk_page(page, site, sign_in, manager):
    sign_in(manager)
    page.goto(f"{site.url}/imports/")
    return page


def lay(page, text=FILE, name="articles.csv"):
    """Upload a file of products."""
    page.get_by_label("What is in the file?").select_option("products")
    page.get_by_label("File", exact=True).set_input_files({"name": name, "mimeType": "text/csv", "buffer": text.encode()})
    page.get_by_role("button", name="Upload").click()
    page.get_by_text("Fields without a column").click()


def choose(page, label, value):
    """Pick from a list of the columns step, and wait for its preview as a person does."""
    box = page.get_by_label(label)
    box.focus()
    with page.expect_response("**/columns/**"):
        box.select_option(value)


def no_violations(page):
    assert Axe().run(page).response["violations"] == []


def test_file_is_mapped_with_a_live_preview_checked_mended_imported_undone_and_redone(desk_page):
    page = desk_page
    lay(page)
    page.get_by_label("Columns are divided by").select_option(label="semicolon: 4 columns")
    page.get_by_role("button", name="Check every row").click()
    expect(page.get_by_label("What column Title is")).to_be_visible()

    choose(page, "What column Article is", "sku")
    choose(page, "What column Title is", "name")
    choose(page, "What column Available from is", "preorder_from")
    dates = page.get_by_label("How column Available from is written")
    expect(dates.locator("option")).to_have_text(["year-month-day: 0 rows", "day/month/year: 3 rows", "month/day/year: 1 row"])
    choose(page, "How column Available from is written", "%d/%m/%Y")
    expect(page.get_by_text("→ 2027-07-04")).to_be_visible()
    prices = page.get_by_label("How column List price is written")
    choose(page, "How column List price is written", "1.234,56")
    expect(page.get_by_text("→ 1234.50")).to_be_visible()
    expect(page.get_by_text("2 of 3")).to_be_visible()
    expect(prices).to_be_focused()
    no_violations(page)

    page.get_by_role("button", name="Check every row").click()
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible()
    refused = page.get_by_label("price in line 3")
    expect(refused).to_have_value("cheap")
    no_violations(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert "3,price,cheap" in download.value.path().read_text()
    refused.fill("7,50")
    page.get_by_role("button", name="Mend").click()
    page.get_by_role("button", name="Check again").click()
    page.get_by_role("button", name="Import all 3 rows").click()
    expect(page.get_by_role("heading", name="Imported")).to_be_visible()
    assert str(Product.objects.get(sku="A2").price) == "7.5000"
    no_violations(page)

    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_text("This was undone by")).to_be_visible()
    assert not Product.objects.exists()
    page.get_by_role("link", name="manager,").click()
    page.get_by_role("button", name="Redo").click()
    expect(page.get_by_text("This was undone by")).to_be_visible()
    assert Product.objects.count() == 3


def test_mapping_is_saved_found_again_renamed_and_deleted(desk_page, site):
    page = desk_page
    lay(page, "Article,Title\nA1,Bell\n")
    choose(page, "What column Article is", "sku")
    expect(page.locator("#columns-table .notice")).to_have_count(0)
    page.get_by_label("Save these choices as").fill("Webshop")
    page.get_by_role("button", name="Save mapping").click()
    expect(page.get_by_text("Saved the mapping “Webshop”")).to_be_visible()

    page.goto(f"{site.url}/imports/")
    lay(page, "ARTICLE,TITLE\nA2,Lamp\n", "again.csv")
    expect(page.get_by_text("Read by the mapping “Webshop”")).to_be_visible()
    expect(page.get_by_label("What column ARTICLE is")).to_have_value("sku")
    page.get_by_role("link", name="Saved mappings").click()
    page.get_by_label("Name of Webshop").fill("Shop")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_text("“Webshop” is “Shop” now.")).to_be_visible()
    no_violations(page)
    page.get_by_role("button", name="Delete Shop").click()
    expect(page.get_by_role("heading", name="No mapping is saved yet")).to_be_visible()
    assert not ImportMap.objects.exists()


def test_progress_survives_a_reload_follows_the_work_and_ends_by_itself(desk_page, site, manager):
    page = desk_page
    lay(page, "sku,name\nA1,Bell\n")
    record = Import.objects.get()
    working = {"state": ImportState.IMPORTING, "result": {"rows": 1000, "created": 1000}, "step": "reading", "rows_read": 250}
    Import.objects.filter(pk=record.pk).update(**working, started_at=record.created_at.replace(year=2999))
    page.goto(site.url + record.get_absolute_url())
    expect(page.get_by_text("250 of 1,000 rows read.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "250")
    no_violations(page)
    Import.objects.filter(pk=record.pk).update(step="writing")
    expect(page.get_by_text("now writing them")).to_be_visible()
    Import.objects.filter(pk=record.pk).update(state=ImportState.DONE)
    expect(page.get_by_role("heading", name="Imported")).to_be_visible()


def test_interrupted_work_says_that_nothing_was_imported(desk_page, site):
    page = desk_page
    lay(page, "sku,name\nA1,Bell\n")
    record = Import.objects.get()
    Import.objects.filter(pk=record.pk).update(state=ImportState.IMPORTING, started_at=record.created_at.replace(year=2020))
    page.goto(site.url + record.get_absolute_url())
    expect(page.get_by_text("Nothing of it was imported")).to_be_visible()
    page.get_by_role("button", name="Check every row").click()
    expect(page.get_by_role("button", name="Import all 1 rows")).to_be_visible()
