"""Bulk actions beyond what one statement takes: in the background, with a page that says how far, and all rows or none."""

import re

import pytest

from dashboard import bulk
from dashboard import bulk_views as views
from dashboard.bulk_tasks import run_in_background
from dashboard.models import BulkRun, ChangeSet, RunState
from dashboard.progress import Progress
from sales.models import Product
from tests.bulk import both, first

URL = "/sales/product/bulk/"
ALL = {"action": "archive", "all": "1", "query": "q=bell"}


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch):
    """Five rows are many, so that the tests need few."""
    monkeypatch.setattr(bulk, "AT_ONCE", 5)
    monkeypatch.setattr(views, "AT_ONCE", 5)


def make_products(rows: int) -> None:
    Product.objects.bulk_create(Product(sku=f"B-{n}", name=f"Bell {n}", price=10) for n in range(rows))


def last_change():
    return ChangeSet.objects.exclude(verb="direct").first()


@pytest.mark.django_db(transaction=True)
class TestRuns:
    def test_many_rows_are_changed_in_the_background_as_one_change_set(self, manager_client, manager):
        make_products(12)
        assert "in the background, all or none" in manager_client.post(URL, ALL).content.decode()
        response = both(manager_client, URL, ALL)
        run = BulkRun.objects.get()
        assert response["Location"] == f"/bulk/{run.pk}/"
        assert (run.state, run.rows, run.rows_done, run.user) == (RunState.DONE, 12, 12, manager)
        assert (run.change.sentence, run.change.count) == ("archived 12 products of Name or SKU: bell", 12)
        assert Product.objects.filter(active=False).count() == 12
        page = manager_client.get(response["Location"]).content.decode()
        assert "12 rows were changed" in page
        manager_client.post(re.search(r'action="(/changes/\d+/undo/)"', page)[1])
        assert not Product.objects.filter(active=False).exists()
        assert "undone since" in manager_client.get(response["Location"]).content.decode()

    def test_form_sent_twice_shows_the_same_run(self, manager_client):
        make_products(6)
        confirmed = first(manager_client, URL, ALL)
        places = {manager_client.post(URL, confirmed)["Location"] for _ in range(2)}
        assert places == {f"/bulk/{BulkRun.objects.get().pk}/"}
        assert Product.objects.filter(version=1).count() == 6

    def test_rows_that_changed_before_the_worker_came_are_left_alone_and_it_says_so(self, manager_client, monkeypatch):
        make_products(6)
        waiting = []
        monkeypatch.setattr(type(run_in_background), "enqueue", lambda task, pk: waiting.append(pk))
        both(manager_client, URL, ALL)
        make_one_more = Product.objects.create(sku="B-more", name="Bell more")
        run_in_background.func(*waiting)
        run = BulkRun.objects.get()
        assert (run.state, run.change) == (RunState.REFUSED, None)
        assert "there are 7 now" in manager_client.get(run.get_absolute_url()).content.decode()
        assert not Product.objects.filter(active=False).exists()
        assert make_one_more.active

    def test_worker_killed_between_statements_leaves_no_row_and_the_next_one_does_all(self, manager_client, monkeypatch):
        make_products(12)
        waiting = []
        monkeypatch.setattr(type(run_in_background), "enqueue", lambda task, pk: waiting.append(pk))
        both(manager_client, URL, ALL)
        tell, told = Progress.tell, []

        def die(progress, **values):
            tell(progress, **values)
            told.append(values)
            if values.get("rows_done") == 10:
                raise SystemExit

        monkeypatch.setattr(Progress, "tell", die)
        with pytest.raises(SystemExit):
            run_in_background.func(*waiting)
        run = BulkRun.objects.get()
        assert [values["rows_done"] for values in told] == [0, 5, 10]
        assert (run.state, run.rows_done, Product.objects.filter(active=False).count()) == (RunState.RUNNING, 10, 0)
        assert "10 of 12 rows" in manager_client.get(run.get_absolute_url()).content.decode()
        BulkRun.objects.update(created_at=run.created_at.replace(year=2020))
        assert "The work was interrupted" in manager_client.get(run.get_absolute_url()).content.decode()
        monkeypatch.setattr(Progress, "tell", tell)
        for _ in range(2):  # and once more, as a task that was taken back after its commit comes
            run_in_background.func(*waiting)
        assert Product.objects.filter(active=False, version=1).count() == 12
        assert last_change().count == 12

    def test_person_who_may_no_longer_act_changes_nothing(self, manager_client, manager, monkeypatch):
        make_products(6)
        waiting = []
        monkeypatch.setattr(type(run_in_background), "enqueue", lambda task, pk: waiting.append(pk))
        both(manager_client, URL, ALL)
        manager.groups.clear()
        run_in_background.func(*waiting)
        assert BulkRun.objects.get().state == RunState.REFUSED
        assert not Product.objects.filter(active=False).exists()


def test_page_of_a_run_is_for_its_side_alone(manager_client, viewer_client, recruiter_client, manager):
    run = BulkRun.objects.create(user=manager, side="sales", list_name="products", words="", sentence="archived 20,000 products", rows=20_000)
    assert manager_client.get(run.get_absolute_url()).status_code == 200
    assert [client.get(run.get_absolute_url()).status_code for client in (viewer_client, recruiter_client)] == [404, 404]


def test_running_page_asks_again_and_a_finished_one_does_not(manager_client, hx, manager):
    run = BulkRun.objects.create(user=manager, side="sales", list_name="products", words="", sentence="archived", rows=9, rows_done=5)
    body = hx(manager_client).get(run.get_absolute_url(), target="state").content.decode()
    assert "<!doctype html>" not in body
    assert 'data-hx-trigger="every 1s"' in body
    assert '<progress value="5" max="9"' in body
    BulkRun.objects.update(state=RunState.DONE)
    assert "every 1s" not in hx(manager_client).get(run.get_absolute_url(), target="state").content.decode()
