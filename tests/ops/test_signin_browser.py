"""The first minutes in a real browser: the link from the terminal, by keyboard alone, and no accessibility rule broken."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dashboard import signin

pytestmark = pytest.mark.browser


def test_the_first_administrator_signs_in_by_keyboard(site, page):
    page.goto(site.url + signin.make_link(None))
    assert Axe().run(page).response["violations"] == []
    page.get_by_label("Your name").focus()
    for words in ("Ada King", "ada@example.test", "too short"):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("needs at least 12")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.get_by_label("Password").fill("difference engine no. 2")
    page.keyboard.press("Enter")
    expect(page).to_have_url(site.url + "/")


def test_a_person_signs_in_by_link_once(site, page, person):
    link = site.url + signin.make_link(person("somebody", "Managers"))
    page.goto(link)
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(site.url + "/")
