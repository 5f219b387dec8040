"""The change log as pages: who sees what, what it says, and undoing from it."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.change_views import KINDS
from dashboard.changes import change_set
from dashboard.models import ChangeSet
from jobs.models import Skill
from sales.models import Category, Product


@pytest.fixture
def repricing(manager):
    category = Category.objects.create(key="b", name="Bikes")
    Product.objects.bulk_create(Product(sku=sku, name=f"Bike {sku}", price=100, category=category) for sku in "ABC")
    with change_set(manager, "product.repriced", "repriced 3 products of Bikes by +5 %") as change:
        change.count = Product.objects.update(price=F("price") * 105 / 100)
    return change


@pytest.fixture
def hiring_change(recruiter):
    with change_set(recruiter, "skill.added", "added the skill Python") as change:
        Skill.objects.create(name="Python")
        change.count = 1
    return change


def test_change_page_tells_each_row_before_and_after(manager_client, repricing):
    text = manager_client.get(f"/changes/{repricing.pk}/").content.decode()
    assert "<h1>Repriced 3 products of Bikes by +5 %</h1>" in text
    assert text.count("100.00 → <b>105.00</b>") == 3
    assert "Bike A" in text


def test_people_are_called_by_their_full_names(manager_client, manager, repricing):
    assert manager.get_username() in manager_client.get(f"/changes/{repricing.pk}/").content.decode()
    manager.first_name, manager.last_name = "Ada", "Lark"
    manager.save()
    assert "Ada Lark, " in manager_client.get(f"/changes/{repricing.pk}/").content.decode()
    text = manager_client.get(f"/changes/?user={manager.pk}").content.decode()
    assert f'<option value="{manager.pk}" selected>Ada Lark</option>' in text
    assert "<td>Ada Lark</td>" in text
    rows = b"".join(manager_client.get("/changes/?export=csv").streaming_content).decode().splitlines()
    assert any(",Ada Lark," in row for row in rows)


def test_undo_from_the_page_restores_and_offers_redo(manager_client, manager, repricing):
    response = manager_client.post(f"/changes/{repricing.pk}/undo/", follow=True)
    assert set(Product.objects.values_list("price", flat=True)) == {100}
    assert "This was undone by" in response.content.decode()
    undoing = ChangeSet.objects.get(undo_of=repricing)
    assert "Redo" in manager_client.get(f"/changes/{undoing.pk}/").content.decode()


def test_conflict_page_shows_before_mine_and_theirs(manager_client, repricing):
    Product.objects.filter(sku="A").update(price=90)
    response = manager_client.post(f"/changes/{repricing.pk}/undo/")
    assert response.status_code == 409
    text = response.content.decode()
    assert "2 rows restored, 1 left alone" in text
    assert all(f"<td>{value}</td>" in text for value in ("100.00", "105.00", "90.00"))


def test_rows_left_alone_stand_on_the_page_later_too(manager_client, viewer_client, repricing):
    Product.objects.filter(sku="A").update(price=90)
    manager_client.post(f"/changes/{repricing.pk}/undo/")
    text = viewer_client.get(f"/changes/{repricing.pk}/").content.decode()
    assert "2 rows restored, 1 left alone" in text
    assert "Bike A" in text
    Product.objects.filter(sku="A").update(price=105)
    manager_client.post(f"/changes/{repricing.pk}/undo/")
    assert "left alone" not in viewer_client.get(f"/changes/{repricing.pk}/").content.decode()


def test_second_undo_says_it_was_done_before(manager_client, repricing):
    manager_client.post(f"/changes/{repricing.pk}/undo/")
    response = manager_client.post(f"/changes/{repricing.pk}/undo/", follow=True)
    assert "undone before" in response.content.decode()


def test_nobody_sees_the_changes_of_the_other_side(manager_client, recruiter_client, repricing, hiring_change):
    assert manager_client.get(f"/changes/{hiring_change.pk}/").status_code == 404
    assert recruiter_client.get(f"/changes/{repricing.pk}/").status_code == 404
    assert recruiter_client.post(f"/changes/{repricing.pk}/undo/").status_code == 404
    assert "Python" not in manager_client.get("/changes/").content.decode()
    assert "repriced" not in recruiter_client.get("/changes/?export=csv").getvalue().decode()


def test_viewer_sees_but_does_not_undo(viewer_client, repricing):
    assert f"/changes/{repricing.pk}/undo/" not in viewer_client.get(f"/changes/{repricing.pk}/").content.decode()
    assert viewer_client.post(f"/changes/{repricing.pk}/undo/").status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_change_list_takes_a_constant_number_of_queries(hx, manager_client, manager, count, django_assert_num_queries):
    for number in range(count):
        with change_set(manager, "category.added", f"added category {number}") as change:
            Category.objects.create(key=str(number), name=str(number))
            change.count = 1
    with django_assert_num_queries(2):
        response = hx(manager_client).get("/changes/")
    assert response.content.decode().count("added category") == count


def test_admin_edit_is_one_change_set_of_its_user(admin_client, admin):
    category = Category.objects.create(key="b", name="Bikes")
    admin_client.post(f"/admin/sales/category/{category.pk}/change/", {"key": "b", "name": "Bicycles", "_save": "Save"})
    category.refresh_from_db()
    change = ChangeSet.objects.get(verb="admin.edited")
    assert (category.name, change.user, change.rows.get().after) == ("Bicycles", admin, {"name": "Bicycles"})


def sentences(client, **words):
    """What the list says, line by line."""
    table = client.get("/changes/", words).content.decode()
    return re.findall(r'<a href="/changes/\d+/">([^<]+)</a>', table)


def test_list_is_filtered_by_who_what_when_and_words(admin_client, manager, repricing, hiring_change):
    ChangeSet.objects.filter(pk=hiring_change.pk).update(at=timezone.now() - timedelta(days=3))
    today, before = timezone.localdate().isoformat(), (timezone.localdate() - timedelta(days=1)).isoformat()
    repriced, added = "repriced 3 products of Bikes by +5 %", "added the skill Python"
    assert sentences(admin_client, user=manager.pk) == [repriced]
    assert sentences(admin_client, kind="product") == [repriced]
    assert sentences(admin_client, since=today, kind="product") == [repriced]
    assert sentences(admin_client, until=before) == [added]
    assert sentences(admin_client, q="SKILL py") == [added]
    assert sentences(admin_client, kind="import") == []


def test_last_day_of_the_calendar_is_a_day(admin_client, repricing):
    assert len(sentences(admin_client, until="9999-12-31", kind="product")) == 1
    assert sentences(admin_client, since="0001-01-01", until="0001-01-02") == []


def test_object_has_all_its_changes_from_its_page(manager_client, manager, repricing):
    a = Product.objects.get(sku="A")
    with change_set(manager, "product.renamed", "renamed B") as change:
        change.count = Product.objects.filter(sku="B").update(name="Bike again")
    address = re.search(r'href="(/changes/\?of=[^"]+)"', manager_client.get("/sales/products/A/").content.decode())[1]
    assert address == f"/changes/?of=sales_product:{a.pk}"
    found = sentences(manager_client, of=f"sales_product:{a.pk}")
    assert (len(found), "renamed B" in found) == (2, False)  # repriced, and added with the others
    assert "Bike A" in manager_client.get(address).content.decode()


def test_name_of_an_object_is_told_to_those_only_who_may_see_it(recruiter_client, repricing):
    a = Product.objects.get(sku="A")
    assert "Bike A" not in recruiter_client.get("/changes/", {"of": f"sales_product:{a.pk}"}).content.decode()


@pytest.mark.parametrize("nonsense", ["sales_product", "auth_user:1", "sales_product:x", "sales_product:1;--", ":", "sales_product:" + "9" * 19])
def test_nonsense_for_an_object_shows_nothing_and_says_so(manager_client, repricing, nonsense):
    response = manager_client.get("/changes/", {"of": nonsense})
    assert "Write a table and a number" in response.content.decode() or "at most" in response.content.decode()
    assert sentences(manager_client, of=nonsense) == []


def test_row_added_again_by_an_undo_still_has_its_beginning(manager_client, manager):
    with change_set(manager, "product.imported", "brought two") as change:
        Product.objects.bulk_create(Product(sku=sku, name=sku) for sku in "AB")
        change.count = 2
    with change_set(manager, "product.deleted", "deleted A") as change:
        change.count = Product.objects.filter(sku="A").delete()[0]
    manager_client.post(f"/changes/{change.pk}/undo/")
    told = {sku: manager_client.get(f"/sales/products/{sku}/").content.decode() for sku in "AB"}
    assert ("undid “deleted A”" in told["A"], "brought two" in told["A"], "brought two" in told["B"]) == (True, False, True)


def test_kind_of_every_change_can_be_chosen():
    verbs = set()
    for app in ("dashboard", "sales", "jobs"):
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py"):
            verbs |= set(re.findall(r'change_set\([^"]*?f?"([a-z]+)\.', path.read_text(encoding="utf-8")))
    assert verbs
    assert verbs <= {kind for kind, _ in KINDS}


MANY = 60_000


@pytest.fixture
def long_log(manager, recruiter):
    """Sets of both sides with an entry each, of which few are of hiring."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH made AS (
                INSERT INTO dashboard_changeset (user_id, at, verb, sentence, count, touches_sales, touches_jobs)
                SELECT CASE WHEN n %% 500 = 0 THEN %s ELSE %s END, now() - n * interval '1 minute',
                    CASE WHEN n %% 500 = 0 THEN 'application.moved' ELSE 'product.repriced' END, 'change number ' || n, 1, n %% 500 <> 0, n %% 500 = 0
                FROM generate_series(1, %s) n RETURNING id
            ) INSERT INTO dashboard_rowchange (change_set_id, "table", operation, row_id, last_id, before, after)
            SELECT id, 'sales_product', 'U', id %% 5000, id %% 5000, '{"price": 1}', '{"price": 2}' FROM made
            """,
            [recruiter.pk, manager.pk, MANY],
        )
        cursor.execute("ANALYZE dashboard_changeset, dashboard_rowchange, auth_user")


def rows_read(statement) -> int:
    """How many rows the scans of a statement's plan looked at, the planner's own account of it; joins and sorts only pass them on."""

    def looked_at(node):
        own = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        inner = sum(map(looked_at, node.get("Plans", ())))
        return own * node["Actual Loops"] * ("Scan" in node["Node Type"]) + inner

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        plan = cursor.fetchone()[0]
    return looked_at((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])


@pytest.mark.parametrize(
    ("words", "most"),
    [
        ({}, 10_100),
        ({"kind": "application"}, 750),
        ({"q": "number 59999"}, 200),
        ({"of": "sales_product:77"}, 200),
        ({"since": "2999-01-01"}, 200),
    ],
)
def test_long_log_is_read_in_parts_whatever_is_asked(hx, admin_client, recruiter_client, long_log, words, most):
    for client in (admin_client, recruiter_client):
        with CaptureQueriesContext(connection) as asked:
            hx(client).get("/changes/", words)
        about = [query["sql"] for query in asked if "dashboard_changeset" in query["sql"] and not query["sql"].startswith("EXPLAIN")]
        assert about  # the count to its cap; and the page, where there is something
        assert max(rows_read(statement) for statement in about) <= most
