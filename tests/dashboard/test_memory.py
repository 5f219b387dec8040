"""What is remembered under the version of the data: the same for the same rights, never stale, whatever order transactions commit in."""

import pytest
from django.db import connection, transaction

from sales.models import Category
from tests.sales.factories import make_customer, make_line, make_order, make_product
from tests.threads import in_thread

URL = "/sales/?period=all&by=category"


def version():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tallyboard_data_version()")
        return cursor.fetchone()[0]


def test_version_changes_with_business_data_alone(manager_client):
    before = version()
    manager_client.get("/")
    assert version() == before
    Category.objects.create(key="a", name="A")
    assert version() != before


@pytest.mark.django_db(transaction=True)
def test_version_tells_an_older_transaction_that_commits_later():
    seen = []
    with transaction.atomic():
        Category.objects.create(key="older", name="Older")
        in_thread(lambda: Category.objects.create(key="newer", name="Newer"))
        seen.append(in_thread(version))
    assert version() not in seen
    assert version() == version()


def test_fragment_is_kept_for_others_with_the_same_rights_only(manager_client, viewer_client, admin_client, hx):
    make_line(make_order(make_customer()), make_product(), 1)
    fragment = hx(viewer_client).get(URL)
    assert hx(viewer_client).get(URL)["ETag"] == fragment["ETag"]
    assert hx(manager_client).get(URL)["ETag"] != fragment["ETag"]
    assert b"Answered from totals" not in fragment.content
    answered = hx(admin_client).get(URL).content
    assert b"Answered from categories, totals: " in answered
    assert b" rows read in " in answered


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_fragment_that_still_holds_is_not_sent_again(viewer_client, hx, encoding):
    make_line(make_order(make_customer()), make_product(), 1)
    headers = hx(viewer_client).headers("results") | {"Accept-Encoding": encoding}
    first = viewer_client.get(URL, headers=headers)
    assert first.get("Content-Encoding", "identity") == encoding
    headers["If-None-Match"] = first["ETag"]
    unchanged = viewer_client.get(URL, headers=headers)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    make_line(make_order(make_customer()), make_product("Another"), 1)
    assert viewer_client.get(URL, headers=headers).status_code == 200


def test_fragment_holds_nothing_of_one_person(viewer_client, hx, viewer):
    make_line(make_order(make_customer()), make_product(), 1)
    text = hx(viewer_client).get(URL).content.decode()
    assert "csrf" not in text.lower()
    assert 'name="token"' not in text
    assert viewer.username not in text
