"""A change set records who did what to how many rows, in the transaction of the writes."""

import pytest
from django.db import connection

from dashboard.changes import change_set
from dashboard.models import ChangeSet
from sales.models import Category


def change_set_of_the_transaction():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('tallyboard.change_set', true)")
        return cursor.fetchone()[0]


def test_change_set_keeps_who_what_and_how_many(manager):
    with change_set(manager, "category.renamed", "renamed 2 categories") as change:
        assert change_set_of_the_transaction() == str(change.pk)
        change.count = 2
    assert list(ChangeSet.objects.values_list("user__username", "verb", "sentence", "count")) == [
        ("manager", "category.renamed", "renamed 2 categories", 2)
    ]


def test_change_set_without_changes_leaves_no_trace(manager):
    with change_set(manager, "category.renamed", "renamed nothing"):
        pass
    assert not ChangeSet.objects.exists()


def write_and_fail(user):
    with change_set(user, "category.made", "made a category") as change:
        Category.objects.create(key="a", name="a")
        change.count = 1
        raise RuntimeError


def test_failed_write_takes_its_change_set_with_it(manager):
    with pytest.raises(RuntimeError):
        write_and_fail(manager)
    assert not ChangeSet.objects.exists()
    assert not Category.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_change_set_does_not_outlive_the_transaction(manager):
    with change_set(manager, "category.renamed", "renamed") as change:
        change.count = 1
    assert change_set_of_the_transaction() in {"", None}
