"""Bulk actions on products and customers: they say what they will hit, hit exactly that, and nothing when it changed meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import QueryDict
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from dashboard.bulk import ChangedError, Plan
from dashboard.bulk_views import bulk
from dashboard.models import BulkRun, ChangeSet
from sales.bulk import PRICING, PRODUCTS
from sales.models import Customer, Product
from tests.bulk import both, first, hidden

from .factories import make_category, make_customer, make_product, make_tier, sell

URL = "/sales/product/bulk/"
CUSTOMERS_URL = "/sales/customers/bulk/"


def bulk_changes():
    """Change sets of bulk actions, the newest first."""
    return ChangeSet.objects.exclude(verb="direct")


def test_first_step_counts_shows_and_changes_nothing(manager_client, hx):
    bell, lamp = make_product("Bell"), make_product("Lamp", active=False)
    response = hx(manager_client).post(URL, {"action": "archive", "ids": [bell.pk, lamp.pk]}, target="confirm")
    assert response.status_code == 200
    body = response.content.decode()
    assert "<!doctype html>" not in body
    assert hidden(response, "seen").startswith("1.")
    assert "Archive 1 product?" in body
    assert "on sale → <b>archived</b>" in body
    assert '1 stays as before: they are archived already. <span class="muted">Lamp</span>' in body
    bell.refresh_from_db()
    assert bell.active


def test_selected_products_are_archived_and_put_back_and_no_others(manager_client):
    bell, lamp, tube = make_product("Bell"), make_product("Lamp"), make_product("Tube")
    response = both(manager_client, URL, {"action": "archive", "ids": [bell.pk, lamp.pk], "query": "q=b"})
    assert response["Location"] == "/sales/products/?q=b"
    assert set(Product.objects.filter(active=False)) == {bell, lamp}
    change = bulk_changes().get()
    assert (change.verb, change.count, change.sentence) == ("product.archived", 2, "archived 2 products")
    both(manager_client, URL, {"action": "restore", "all": "1", "query": ""})
    assert set(Product.objects.filter(active=True)) == {bell, lamp, tube}
    assert bulk_changes().first().sentence == "put all 2 products back on sale"


def test_all_of_a_filter_is_said_in_words_and_undone(manager_client):
    bikes = make_category("Bikes")
    for number in range(3):
        make_product(f"Ridge {number}", category=bikes, stock=0)
    other = make_product("Bell", stock=0)
    both(manager_client, URL, {"action": "archive", "all": "1", "query": f"category={bikes.key}&availability=sold_out&page=2&sort=name"})
    change = bulk_changes().get()
    assert change.sentence == "archived 3 products of Bikes, Availability: Sold out"
    assert set(Product.objects.filter(active=True)) == {other}
    manager_client.post(f"/changes/{change.pk}/undo/")
    assert Product.objects.filter(active=True).count() == 4


def test_one_selected_product_is_called_by_its_name(manager_client):
    bell = make_product("Bell")
    response = both(manager_client, URL, {"action": "archive", "ids": [bell.pk]}, follow=True)
    assert "Archived Bell." in response.content.decode()
    assert bulk_changes().get().sentence == "archived Bell"


def test_confirmed_form_sent_twice_acts_once_and_says_the_same(manager_client):
    bell = make_product("Bell")
    confirmed = first(manager_client, URL, {"action": "archive", "ids": [bell.pk, make_product("Lamp").pk]})
    bodies = [manager_client.post(URL, confirmed, follow=True).content.decode() for _ in range(2)]
    assert [("Archived 2 products." in body) for body in bodies] == [True, True]
    assert bulk_changes().count() == 1
    bell.refresh_from_db()
    assert bell.version == 1


def test_category_is_asked_for_and_then_set(manager_client):
    care, bell, lamp = make_category("Care"), make_product("Bell"), make_product("Lamp")
    lamp.category = care
    lamp.save()
    asked = manager_client.post(URL, {"action": "category", "ids": [bell.pk, lamp.pk]})
    assert asked.status_code == 200
    assert "Which category?" in asked.content.decode()
    assert f'<option value="{care.pk}">Care</option>' in asked.content.decode()
    both(manager_client, URL, {"action": "category", "category": care.pk, "ids": [bell.pk, lamp.pk]})
    bell.refresh_from_db()
    lamp.refresh_from_db()
    assert (bell.category, bell.version, lamp.version) == (care, 1, 0)


def test_deleting_takes_the_never_sold_and_counts_the_others(manager_client):
    never, sold, cancelled = make_product("Never"), make_product("Sold"), make_product("Cancelled")
    sell(sold)
    sell(cancelled, status="cancelled")
    asked = {"action": "delete", "all": "1", "query": ""}
    body = manager_client.post(URL, asked).content.decode()
    assert "2 stay as before: orders name them; archive them instead" in body
    assert both(manager_client, URL, asked).status_code == 302
    assert set(Product.objects.all()) == {sold, cancelled}
    change = bulk_changes().get()
    manager_client.post(f"/changes/{change.pk}/undo/")
    assert Product.objects.get(pk=never.pk).name == "Never"


# --- What changed between -----------------------------------------------------------------------------------------------
def test_row_that_came_between_makes_the_confirmation_void(manager_client):
    make_product("Bell")
    confirmed = first(manager_client, URL, {"action": "archive", "all": "1", "query": "q=bell"})
    make_product("Bell two")
    response = manager_client.post(URL, confirmed)
    assert response.status_code == 409
    assert "there are 2 now. Nothing was changed." in response.content.decode()
    assert hidden(response, "seen").startswith("2.")
    assert not Product.objects.filter(active=False).exists()
    assert not bulk_changes().exists()


def test_as_many_rows_but_others_make_it_void_too(manager_client):
    bell = make_product("Bell")
    confirmed = first(manager_client, URL, {"action": "archive", "all": "1", "query": "q=bell"})
    make_product("Bell two")
    Product.objects.filter(pk=bell.pk).update(name="Lamp")
    assert manager_client.post(URL, confirmed).status_code == 409
    assert not Product.objects.filter(active=False).exists()


def test_selected_row_that_somebody_deleted_makes_it_void(manager_client):
    bell, lamp = make_product("Bell"), make_product("Lamp")
    confirmed = first(manager_client, URL, {"action": "archive", "ids": [bell.pk, lamp.pk]})
    Product.objects.filter(pk=lamp.pk).delete()
    response = manager_client.post(URL, confirmed)
    assert (response.status_code, Product.objects.filter(active=False).count()) == (409, 0)
    assert "there is 1 now" in response.content.decode()


def test_filter_of_the_second_post_is_the_one_that_counts(manager_client):
    make_product("Bell"), make_product("Lamp")
    confirmed = first(manager_client, URL, {"action": "archive", "all": "1", "query": "q=bell"})
    assert manager_client.post(URL, confirmed | {"query": ""}).status_code == 409
    assert manager_client.post(URL, confirmed | {"query": "q=lamp"}).status_code == 409
    assert not Product.objects.filter(active=False).exists()


@pytest.mark.parametrize(
    "sent",
    [
        {"action": "archive"},
        {"action": "archive", "ids": ["x", "\x00", "9" * 30]},
        {"action": "archive", "ids": [""], "query": ""},
        {"action": "archive", "ids": list(range(501))},
        {"action": "explode", "all": "1", "query": ""},
        {"action": "archive", "all": "1"},  # «all» of which filter?
        {"action": "category", "all": "1", "query": "", "category": "99999"},
        {"action": "category", "all": "1", "query": "", "seen": f"1.{'a' * 32}"},
        {"action": "archive", "all": "1", "query": "price_min=x", "seen": f"1.{'a' * 32}"},
        {"action": "archive", "all": "1", "query": "availability=nonsense"},
        {"action": "archive", "all": "1", "query": "category=gone"},
        {"action": "archive", "all": "1", "query": "q=" + "x" * 9000},
        {"action": "archive", "all": "1", "query": "", "seen": "1"},
        {"action": "archive", "all": "1", "query": "", "seen": "0." + "a" * 32},
    ],
)
def test_form_or_filter_that_is_wrong_never_means_all_rows(manager_client, sent):
    make_product("Bell")
    response = manager_client.post(URL, sent)
    assert response.status_code == 422
    assert '<div class="notice error" role="alert">' in response.content.decode()
    assert Product.objects.filter(active=True).count() == 1


def test_only_managers_act_in_bulk(viewer_client, recruiter_client, outsider_client, manager_client):
    product, customer = make_product("Bell"), make_customer()
    for person in (viewer_client, recruiter_client, outsider_client):
        assert person.post(URL, {"action": "archive", "ids": [product.pk]}).status_code == 403
        assert person.post(CUSTOMERS_URL, {"action": "tier", "ids": [customer.pk]}).status_code == 403
    assert manager_client.get(URL).status_code == 405
    product.refresh_from_db()
    assert product.active


# --- Customers -----------------------------------------------------------------------------------------------------------
def test_customers_are_put_into_a_tier_and_back(manager_client):
    gold, una, ben = make_tier(), make_customer("Una"), make_customer("Ben", country="NL")
    both(manager_client, CUSTOMERS_URL, {"action": "tier", "tier": gold.pk, "all": "1", "query": "country=NL"})
    assert list(Customer.objects.order_by("name").values_list("tier", flat=True)) == [gold.pk, None]
    assert bulk_changes().get().sentence == "put 1 customer of Country: NL into the tier Gold"
    asked = {"action": "tier", "tier": "", "ids": [una.pk, ben.pk]}
    assert "1 stays as before: they stand so already" in manager_client.post(CUSTOMERS_URL, asked).content.decode()
    both(manager_client, CUSTOMERS_URL, asked)
    assert not Customer.objects.exclude(tier=None).exists()


# --- Statements ----------------------------------------------------------------------------------------------------------
def confirmed_request(bulk_list, user, words: str):
    """The second POST of an action, with its token, ready for the view: the user is read by the middleware, before it."""
    form = bulk_list.form(QueryDict(words), bulk_list)
    assert form.is_valid(), form.errors
    _, seen = Plan(bulk_list, form, bulk_list.filtered(form.data["query"], user), user).fingerprint()
    request = RequestFactory().post("/", f"{words}&seen={seen}&token=x", content_type="application/x-www-form-urlencoded")
    request.user, request.htmx, request._messages = user, False, MessagesKept()
    return request


def analyze(table: str) -> None:
    """What the database does by itself after a while: count the rows, so that plans fit them."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table}")


class MessagesKept(list):
    """Messages of a request without a session."""

    def add(self, *message):
        self.append(message)


@pytest.mark.parametrize("rows", [100, 10_000])
@pytest.mark.parametrize(
    ("bulk_list", "words"),
    [
        (PRODUCTS, "action=archive&all=1&query=category%3Dbikes"),
        (PRODUCTS, "action=category&category={care}&all=1&query=category%3Dbikes"),
        (PRODUCTS, "action=delete&all=1&query=category%3Dbikes"),
        (PRICING, "action=reprice&how=%2B5%25+round+.99&all=1&query=category%3Dbikes%26how%3D%252B5%2525"),
    ],
    ids=["archive", "category", "delete", "reprice"],
)
def test_bulk_action_takes_at_most_ten_statements_for_a_hundred_and_for_ten_thousand_rows(manager, bulk_list, words, rows):
    """Counted: every statement that the view sends but its savepoints, from the look-up of the filter's words to the end of its change set.

    What the middleware reads before it (session, user and roles, one statement) is every page's own.
    """
    bikes, care = make_category("Bikes", key="bikes"), make_category("Care")
    Product.objects.bulk_create(Product(sku=f"B-{n}", name=f"Bell {n}", category=bikes, price=Decimal(n), cost=1) for n in range(rows))
    analyze("sales_product")
    request = confirmed_request(bulk_list, manager, words.format(care=care.pk))
    with CaptureQueriesContext(connection) as sent:
        assert bulk(request, bulk_list).status_code == 302
    statements = [query["sql"] for query in sent if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) <= 10, statements
    assert len([sql for sql in statements if sql.startswith(("UPDATE", "DELETE")) and '"sales_product"' in sql]) == 1
    assert bulk_changes().get().count == rows


# --- At once -------------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_crossing_bulk_actions_wait_for_each_other_in_one_order():
    user = User.objects.create_user("ann")
    numbers = [make_product(f"P{number}", price="100.00").pk for number in range(30)]

    def raise_prices(order):
        done = 0
        try:
            while done < 10:
                words = QueryDict(f"action=reprice&how=%2B1&all=1&query=sort%3D{order}")
                form = PRICING.form(words, PRICING)
                assert form.is_valid()
                plan = Plan(PRICING, form, PRICING.filtered("", user), user)
                plan.data["seen"] = plan.fingerprint()[1]
                try:
                    plan.run()
                    done += 1
                except ChangedError:
                    continue  # the other was faster: look again, as a person would
        finally:
            connection.close()
        return done

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(raise_prices, ["pk", "-pk"])) == [10, 10]
    assert set(Product.objects.filter(pk__in=numbers).values_list("price", flat=True)) == {Decimal(120)}
    assert BulkRun.objects.count() == 0
