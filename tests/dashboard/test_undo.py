"""Taking change sets back: exactly, in any order that holds, and never over somebody's later work."""

from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from dashboard.changes import change_set
from dashboard.models import ChangeSet
from dashboard.undo import AlreadyUndoneError, undo
from sales import rollups
from sales.models import Category, Customer, Order, OrderLine, Product


def product(sku, **fields):
    return Product.objects.create(sku=sku, name=sku, **{"price": Decimal(10), "stock": 5} | fields)


def write(user, verb, act):
    with change_set(user, verb, verb) as change:
        change.count = act() or 1
    return change


def state():
    return list(Product.objects.order_by("pk").values("pk", "sku", "name", "price", "stock", "category_id", "active"))


def test_bulk_update_is_undone_and_redone(manager):
    [product(sku) for sku in "ABC"]
    before = state()
    change = write(manager, "product.repriced", lambda: Product.objects.update(price=F("price") * 2))
    after = state()
    outcome = undo(change, manager)
    assert (state(), outcome.restored, outcome.conflicts) == (before, 3, [])
    undo(outcome.change, manager)
    assert state() == after


def test_deleted_rows_come_back_with_their_ids_and_relations(manager):
    category = Category.objects.create(key="c", name="C")
    product("A", category=category)
    before = state()

    def delete():
        Product.objects.all().delete()
        category.delete()

    change = write(manager, "category.deleted", delete)
    assert state() == []
    undo(change, manager)
    assert state() == before
    assert Category.objects.get().key == "c"


def test_added_rows_go_again(manager):
    product("old")
    before = state()
    change = write(manager, "product.imported", lambda: [product("A"), product("B")] and 2)
    assert undo(change, manager).restored == 2
    assert state() == before


def test_row_changed_later_is_told_and_left_alone(manager, admin):
    a, b = product("A"), product("B")
    change = write(manager, "product.repriced", lambda: Product.objects.update(price=20))
    write(admin, "product.repriced", lambda: Product.objects.filter(pk=a.pk).update(price=30))
    outcome = undo(change, manager)
    assert outcome.restored == 1
    [conflict] = outcome.conflicts
    assert (conflict.table, conflict.row_id, conflict.reason) == ("sales_product", a.pk, "it was changed later")
    assert [Decimal(str(value)) for value in conflict.fields["price"]] == [10, 20, 30]
    assert list(Product.objects.order_by("pk").values_list("price", flat=True)) == [30, 10]
    assert b.pk


def test_later_change_of_another_field_is_no_conflict(manager):
    a = product("A")
    change = write(manager, "product.repriced", lambda: Product.objects.update(price=20))
    write(manager, "product.renamed", lambda: Product.objects.update(name="new"))
    assert undo(change, manager).conflicts == []
    a.refresh_from_db()
    assert (a.price, a.name) == (10, "new")


def test_added_row_edited_later_stays(manager):
    change = write(manager, "product.imported", lambda: [product("A"), product("B")] and 2)
    Product.objects.filter(sku="A").update(stock=9)
    outcome = undo(change, manager)
    assert (outcome.restored, [conflict.reason for conflict in outcome.conflicts]) == (1, ["it was changed later"])
    assert [row["sku"] for row in state()] == ["A"]


def test_added_row_edited_and_edited_back_goes(manager):
    change = write(manager, "product.imported", lambda: product("A") and 1)
    edit = write(manager, "product.restocked", lambda: Product.objects.update(stock=9))
    undo(edit, manager)
    assert undo(change, manager).conflicts == []
    assert state() == []


def test_added_row_in_use_stays(manager):
    change = write(manager, "product.imported", lambda: [product("A"), product("B")] and 2)
    order = Order.objects.create(number="1", placed_at=timezone.now())
    OrderLine.objects.create(order=order, product=Product.objects.get(sku="A"), quantity=1, unit_price=1)
    outcome = undo(change, manager)
    assert [conflict.reason for conflict in outcome.conflicts] == ["it is used by orderline rows"]
    assert [row["sku"] for row in state()] == ["A"]


def test_order_with_lines_is_undone_whole(manager):
    item = product("A")

    def place():
        order = Order.objects.create(number="1", placed_at=timezone.now())
        OrderLine.objects.create(order=order, product=item, quantity=1, unit_price=1)

    change = write(manager, "order.placed", place)
    assert undo(change, manager).restored == 2
    assert not Order.objects.exists()


OLD_LOG = """
CREATE OR REPLACE TRIGGER log_update AFTER UPDATE ON sales_orderline REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION tallyboard_log_update('{kind,net,cost}')
"""


@pytest.mark.parametrize("log", ["now", "with what the database computes"])
def test_repriced_line_gets_its_figures_back(manager, log):
    order = Order.objects.create(number="1", placed_at=timezone.now())
    line = OrderLine.objects.create(order=order, product=product("A"), quantity=2, unit_price=3)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if log != "now":
            cursor.execute(OLD_LOG)
    change = write(manager, "line.repriced", lambda: OrderLine.objects.update(unit_price=5))
    assert ("net_scaled" in change.rows.get().before) == (log != "now")
    assert undo(change, manager).conflicts == []
    line.refresh_from_db()
    assert (line.unit_price, line.net, line.net_scaled) == (3, 6, 60_000)


def test_nothing_that_the_database_computes_is_logged(db):
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT t.tgrelid::regclass::text, c.attname FROM pg_trigger t JOIN pg_attribute c ON c.attrelid = t.tgrelid AND c.attgenerated <> ''
               WHERE t.tgname = 'log_update' AND NOT c.attisdropped
                   AND NOT c.attname = ANY(trim('\\000' FROM encode(t.tgargs, 'escape'))::text[])"""
        )
        assert cursor.fetchall() == []


def test_totals_that_belong_to_a_customer_do_not_keep_it(manager):
    item = product("A")

    def sell():
        customer = Customer.objects.create(key="c", name="C")
        order = Order.objects.create(number="1", placed_at=timezone.now(), customer=customer)
        OrderLine.objects.create(order=order, product=item, quantity=1, unit_price=1)
        rollups.refresh()

    outcome = undo(write(manager, "sales.imported", sell), manager)
    assert (outcome.restored, outcome.conflicts, Customer.objects.count()) == (3, [], 0)


def test_place_taken_by_another_row_is_told(manager):
    product("A")
    change = write(manager, "product.deleted", lambda: Product.objects.all().delete()[0])
    product("A")
    [conflict] = undo(change, manager).conflicts
    assert conflict.reason == "another row has taken its place"


def test_unique_value_taken_since_refuses_that_row_only(manager):
    a = product("A")
    b = product("B")

    def rename():
        Product.objects.filter(pk=a.pk).update(sku="A2")
        Product.objects.filter(pk=b.pk).update(sku="B2")

    change = write(manager, "product.renamed", rename)
    product("A")
    outcome = undo(change, manager)
    assert (outcome.restored, [conflict.row_id for conflict in outcome.conflicts]) == (1, [a.pk])


def test_same_row_changed_twice_in_one_set_goes_back_to_the_first_value(manager):
    product("A", stock=5)

    def twice():
        Product.objects.update(stock=F("stock") + 1)
        Product.objects.update(stock=F("stock") + 1)

    change = write(manager, "product.restocked", twice)
    undo(change, manager)
    assert state()[0]["stock"] == 5


def test_undo_that_left_a_row_alone_can_be_asked_for_again(manager):
    a, _ = product("A"), product("B")
    change = write(manager, "product.repriced", lambda: Product.objects.update(price=20))
    later = write(manager, "product.repriced", lambda: Product.objects.filter(pk=a.pk).update(price=30))
    assert len(undo(change, manager).conflicts) == 1
    undo(later, manager)
    outcome = undo(change, manager)
    assert (outcome.restored, outcome.conflicts) == (1, [])
    change.refresh_from_db()
    assert change.undone


def test_second_undo_is_refused(manager):
    product("A")
    change = write(manager, "product.restocked", lambda: Product.objects.update(stock=7))
    undo(change, manager)
    with pytest.raises(AlreadyUndoneError):
        undo(change, manager)
    assert state()[0]["stock"] == 5


def test_every_write_path_is_logged(manager):
    [product(str(number)) for number in range(4)]
    with change_set(manager, "all.paths", "all paths") as change:
        Product.objects.update(stock=1)
        row = Product.objects.get(sku="0")
        row.stock = 2
        row.save(update_fields=["stock"])
        row.price = 3
        Product.objects.bulk_update([row], ["price"])
        Product.objects.bulk_create([Product(sku="x", name="x"), Product(sku="y", name="y")])
        with connection.cursor() as cursor:
            cursor.execute("UPDATE sales_product SET cost = 1 WHERE sku = 'x'")
        Product.objects.filter(sku="y").delete()
        change.count = 1
    logged = {}
    for entry in change.rows.all():
        logged[entry.operation] = logged.get(entry.operation, 0) + entry.last_id - entry.row_id + 1
    assert logged == {"U": 4 + 1 + 1 + 1, "I": 2, "D": 1}


def test_write_outside_the_application_gets_a_change_set_of_its_own(db):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO sales_channel (name) VALUES ('Web')")
    change = ChangeSet.objects.get()
    assert (change.user, change.verb, change.rows.count()) == (None, "direct", 1)


@pytest.mark.parametrize("statement", ["UPDATE dashboard_rowchange SET table_name = ''", "DELETE FROM dashboard_rowchange"])
def test_log_is_append_only(db, statement):
    product("A")
    statement = statement.replace("table_name", '"table"')
    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_truncate_is_refused(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('tallyboard.truncate', '', true)")
        with pytest.raises(Exception, match="TRUNCATE of sales_product is refused"):
            cursor.execute("TRUNCATE sales_product CASCADE")


def test_version_goes_on_counting_through_an_undo(manager):
    a = product("A")
    change = write(manager, "product.restocked", lambda: Product.objects.update(stock=7, version=F("version") + 1))
    undo(change, manager)
    a.refresh_from_db()
    assert (a.stock, a.version) == (5, 2)
