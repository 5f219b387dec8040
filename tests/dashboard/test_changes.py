"""A change set records who did what to how many rows, in the transaction of the writes."""

import re
from contextlib import suppress

import pytest
from django.db import IntegrityError, connection, transaction

from dashboard.changes import change_set
from dashboard.models import ChangeSet, RowChange
from jobs.models import Skill
from sales.models import Category

pytestmark = pytest.mark.django_db


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


def test_entry_of_a_change_set_that_does_not_exist_is_refused():
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('tallyboard.change_set', '900000000', true)")
    with pytest.raises(IntegrityError, match="there is no change set 900000000"):
        Category.objects.create(key="a", name="a")


def test_change_set_that_the_log_speaks_of_cannot_be_deleted(manager):
    with change_set(manager, "category.made", "made a category") as change:
        Category.objects.create(key="a", name="a")
    with pytest.raises(IntegrityError, match="the log speaks of"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM dashboard_changeset WHERE id = %s", [change.pk])


def test_set_notes_every_side_that_it_touches_and_none_of_a_set_inside_it(manager):
    with change_set(manager, "category.made", "made two categories") as outer:
        Category.objects.create(key="a", name="a")
        with change_set(manager, "skill.made", "made a skill") as inner:
            Skill.objects.create(name="a")
        Category.objects.create(key="b", name="b")
        with suppress(ZeroDivisionError), transaction.atomic():
            Skill.objects.create(name="b")
            _ = 1 / 0  # takes the side back along with the skill
    assert sides(outer) == (True, False)
    assert sides(inner) == (False, True)
    with change_set(manager, "both.made", "made one of each") as both:
        Category.objects.create(key="c", name="c")
        Skill.objects.create(name="c")
    assert sides(both) == (True, True)


def test_set_from_outside_the_pages_notes_every_side_that_it_touches():
    Category.objects.create(key="a", name="a")
    assert sides(ChangeSet.objects.get()) == (True, False)
    Skill.objects.create(name="a")
    assert sides(ChangeSet.objects.get()) == (True, True)


def sides(change):
    change = ChangeSet.objects.get(pk=change.pk)
    return change.touches_sales, change.touches_jobs


def test_added_rows_are_one_entry_a_run_of_ids():
    with connection.cursor() as cursor:
        for ids in ("(7), (8), (9)", "(21), (22), (25)"):
            cursor.execute(f"INSERT INTO sales_category (id, key, name) SELECT id, id, id FROM (VALUES {ids}) added (id)")
        cursor.execute("INSERT INTO sales_category (id, key, name) SELECT 30, 'a', 'a' WHERE false")
    entries = RowChange.objects.filter(table="sales_category", operation="I").order_by("pk")
    assert list(entries.values_list("row_id", "last_id")) == [(7, 9), (21, 22), (25, 25)]


def test_search_finds_changes_from_the_pages_and_from_outside(manager):
    Category.objects.create(key="a", name="a")
    outside = ChangeSet.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('tallyboard.change_set', '', true)")
    with change_set(manager, "category.renamed", "Changed rows of Bikes") as inside:
        inside.count = 1
    for words, found in (("changed rows", {inside, outside}), ("OUTSIDE the", {outside}), ("bikes", {inside}), ("nothing", set())):
        assert set(ChangeSet.objects.saying(words)) == found


PLANS = {
    "newest": (lambda sets, user: sets, "change_newest"),
    "of sales": (lambda sets, user: sets.filter(touches_sales=True, touches_jobs=False), "change_newest_sales"),
    "of hiring": (lambda sets, user: sets.filter(touches_sales=False, touches_jobs=True), "change_newest_jobs"),
    "of a person": (lambda sets, user: sets.filter(user=user), "change_user_newest"),
    "of a kind": (lambda sets, user: sets.filter(kind="product"), "change_kind_newest"),
    "of words": (lambda sets, user: sets.saying("bikes"), "change_sentence_trigram"),
    "undoing one": (lambda sets, user: sets.filter(undo_of=7), "change_undo_of"),
}


@pytest.mark.parametrize("question", PLANS)
def test_every_question_to_a_long_log_has_its_index(question, manager):
    of, index = PLANS[question]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO dashboard_changeset (at, verb, sentence, count, user_id, touches_sales, touches_jobs)
            SELECT now() - i * interval '1 minute', CASE WHEN mod(i, 20) = 0 THEN 'product.edited' ELSE 'direct' END,
                CASE WHEN mod(i, 20) = 0 THEN md5(i::text) ELSE 'changed rows outside the pages' END, 0,
                CASE WHEN mod(i, 200) = 0 THEN %s END, mod(i, 1000) <> 0, mod(i, 1000) = 0
            FROM generate_series(1, 20000) i
            """,
            [manager.pk],
        )
        cursor.execute("ANALYZE dashboard_changeset")
    rows = of(ChangeSet.objects.all(), manager)[:25]
    assert re.search(rf"\b{index}\b", rows.explain())
