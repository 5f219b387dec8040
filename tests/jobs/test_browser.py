"""The hiring pages in a browser, by keyboard: filter and back, inline edit with success and refusal, bulk, a move on the board."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from jobs import pipeline
from jobs.models import Application, Job

from .factories import make_candidate, make_job, stage

pytestmark = pytest.mark.browser


def go(page, site, path: str):
    page.goto(site.url + path)


def assert_accessible(page):
    found = Axe().run(page).response["violations"]
    assert [(problem["id"], problem["nodes"][0]["html"]) for problem in found] == []


def test_filter_refreshes_the_rows_and_back_restores_them(page, site, sign_in, recruiter):
    make_job(title="Analyst")
    make_job(title="Mechanic")
    sign_in(recruiter)
    go(page, site, "/jobs/")
    expect(page.locator("#results tbody tr")).to_have_count(2)
    page.keyboard.press("/")
    page.keyboard.type("mecha")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=mecha"))
    expect(page.get_by_role("heading", level=1)).to_have_text("All jobs, search: mecha")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.go_back()
    expect(page.locator("#results tbody tr")).to_have_count(2)
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_openings_step_by_keyboard_and_say_why_not(page, site, sign_in, recruiter):
    job = make_job(title="Analyst", openings=2, hired_count=1)
    sign_in(recruiter)
    go(page, site, "/jobs/")
    less = page.get_by_role("button", name="One opening less for Analyst")
    less.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#row-{job.pk} output")).to_have_text("0")
    expect(less).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f"#row-{job.pk} [role=alert]")).to_have_text("1 already hired: the openings cannot go below that.")
    job.refresh_from_db()
    assert job.openings == 1


def test_selected_drafts_are_published_together(page, site, sign_in, recruiter):
    for title in ("A", "B"):
        make_job(title=title, status="draft")
    sign_in(recruiter)
    go(page, site, "/jobs/?status=draft")
    expect(page.get_by_role("button", name="Publish")).to_be_hidden()
    page.get_by_role("checkbox", name="Select all rows of this page").press("Space")
    page.get_by_role("button", name="Publish…").press("Enter")
    dialog = page.get_by_role("dialog", name="Publish 2 jobs?")
    expect(dialog).to_contain_text("draft → open")
    assert_accessible(page)
    dialog.get_by_role("button", name="Publish 2 jobs").press("Enter")
    expect(page.get_by_text("Published 2 jobs.")).to_be_visible()
    expect(page).to_have_url(site.url + "/jobs/?status=draft")
    expect(page.get_by_text("Nothing fits these filters")).to_be_visible()
    assert Job.objects.filter(status="open").count() == 2
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("Undone: published 2 jobs.")).to_be_visible()
    assert Job.objects.filter(status="draft").count() == 2


def test_all_applications_of_a_filter_are_moved_to_a_stage_asked_for_and_taken_back(page, site, sign_in, recruiter):
    job = make_job(title="Analyst")
    for name in ("Ada", "Bo", "Cy"):
        pipeline.enter(Application(job=job, candidate=make_candidate(full_name=name)), recruiter)
    sign_in(recruiter)
    go(page, site, f"/jobs/applications/?job={job.slug}")
    page.get_by_label("Select Ada for Analyst").check()
    page.get_by_label("all 3 of this filter").check()
    page.get_by_role("button", name="Move…").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="To which stage?").select_option(str(stage(job, "screen").pk))
    assert_accessible(page)
    dialog.get_by_role("button", name="Preview…").press("Enter")
    expect(dialog).to_contain_text("You asked for 3 applications of Analyst.")
    dialog.get_by_role("button", name="Move 3 applications to Screen").press("Enter")
    expect(page.get_by_text("Moved 3 applications of Analyst to Screen.")).to_be_visible()
    assert Application.objects.filter(stage=stage(job, "screen")).count() == 3
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("Undone: moved 3 applications of Analyst to Screen.")).to_be_visible()
    assert Application.objects.filter(stage=stage(job, "screen")).count() == 0


@pytest.mark.parametrize("shown_as", ["board", "list"])
def test_application_moves_by_keyboard_and_keeps_the_focus(page, site, sign_in, recruiter, shown_as):
    job = make_job(title="Analyst", openings=1)
    ada, bo = (pipeline.enter(Application(job=job, candidate=make_candidate(full_name=name)), recruiter) for name in ("Ada", "Bo"))
    sign_in(recruiter)
    go(page, site, reverse("jobs:job", args=[job.slug]) + f"?as={shown_as}")
    for card in (ada, bo):
        page.locator(f"#move-{card.pk}").press("Enter")
        page.locator(f"#card-{card.pk}").get_by_role("button", name="Hired", exact=True).press("Enter")
        expect(page.locator(f"#move-{card.pk}")).to_be_focused()
    expect(page.locator(f"#card-{bo.pk} [role=alert]")).to_have_text("Analyst has no openings left. Add openings first.")
    expect(page.locator(f"#stage-{stage(job, 'hired').pk} span")).to_have_text("1")
    bo.refresh_from_db()
    assert bo.status == "active"


def test_pages_have_no_accessibility_violations_in_either_scheme(page, site, sign_in, recruiter, client):
    job = make_job(title="Analyst", skills=["SQL"], workplace="hybrid", city="Ghent", country="Belgium", department="Finance")
    application = pipeline.enter(Application(job=job, candidate=make_candidate(full_name="Ada", skills={"SQL": 4})), recruiter)
    sign_in(recruiter)
    paths = [
        *("/", "/jobs/", "/jobs/new/", "/jobs/applications/", "/jobs/candidates/", "/jobs/reports/", "/careers/"),
        *(reverse("jobs:job", args=[job.slug]) + f"?as={shown_as}" for shown_as in ("board", "list")),
        reverse("jobs:application", args=[application.pk]),
        reverse("jobs:candidate", args=[application.candidate_id]),
        reverse("careers:job", args=[job.slug]),
    ]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for path in paths:
            go(page, site, path)
            assert_accessible(page)
    page.set_viewport_size({"width": 390, "height": 844})
    for path in paths:
        go(page, site, path)
        assert page.evaluate("() => document.documentElement.scrollWidth") == 390, path
