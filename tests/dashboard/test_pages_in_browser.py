"""The pages both audiences share, in a browser: undo from the toast, an import from file to rows, nothing in the way of assistive technology."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dashboard.changes import change_set
from sales.models import Product
from tests.sales.factories import make_product

pytestmark = pytest.mark.browser


def test_undo_in_the_toast_takes_the_edit_back(page, site, sign_in, manager):
    lamp = make_product("Lamp", price=10, stock=5)
    sign_in(manager)
    page.goto(f"{site.url}/sales/products/")
    page.get_by_role("button", name="One more of Lamp").press("Enter")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("Undone:")).to_be_visible()
    lamp.refresh_from_db()
    assert lamp.stock == 5
    page.goto(f"{site.url}/changes/")
    expect(page.get_by_role("link", name="undid “stock of Lamp: +1”")).to_be_visible()


def test_file_becomes_rows(page, site, sign_in, manager, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    sign_in(manager)
    page.goto(f"{site.url}/imports/")
    page.get_by_label("What is in the file?").select_option("products")
    page.locator("input[type=file]").set_input_files(
        {"name": "p.csv", "mimeType": "text/csv", "buffer": b"sku,name,cost\nA1,Bell,2\nA2,Lamp,cheap\n"}
    )
    page.get_by_role("button", name="Upload").press("Enter")
    page.get_by_role("button", name="Check every row").press("Enter")
    page.get_by_label("cost in line 3").fill("4")
    page.get_by_role("button", name="Mend").press("Enter")
    page.get_by_role("button", name="Check again").press("Enter")
    page.get_by_role("button", name="Import all 2 rows").press("Enter")
    expect(page.get_by_role("heading", name="Imported")).to_be_visible()
    assert Product.objects.count() == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_shared_pages_have_no_axe_violation_and_never_scroll_sideways(page, site, sign_in, admin, scheme):
    make_product("Lamp", price=10, stock=5)
    with change_set(admin, "product.repriced", "repriced 1 product") as change:
        change.count = Product.objects.update(price=11)
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{site.url}/accounts/login/")
    assert Axe().run(page).violations_count == 0
    sign_in(admin)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for path in ("/", "/changes/", f"/changes/{change.pk}/", "/imports/", "/accounts/"):
            page.goto(site.url + path)
            assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"), path
            results = Axe().run(page)
            assert results.violations_count == 0, f"{path}: {results.generate_report()}"
