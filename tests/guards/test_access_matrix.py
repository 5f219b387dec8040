"""Every address × every role. An address that is not listed here fails the test: no page goes live without a stated rule."""

import re
from itertools import product

import pytest
from django.urls import get_resolver, reverse

from .world import build

PUBLIC = {"anonymous", "outsider", "viewer", "manager", "recruiter", "admin"}
SIGNED_IN = PUBLIC - {"anonymous"}
SALES = {"viewer", "manager", "admin"}
SALES_WRITE = {"manager", "admin"}
HIRING = {"recruiter", "admin"}
BOTH = {"admin"}
IMPORTERS = {"manager", "recruiter", "admin"}

# name: (methods, who may)
RULES = {
    "home": ("get", SIGNED_IN),
    "changes": ("get", SIGNED_IN),
    "change": ("get", BOTH),  # the example touches both sides
    "undo_change": ("post", BOTH),
    "bulk_run": ("get", SALES_WRITE),  # the example is about products
    "imports": ("get post", IMPORTERS),
    "import": ("get", SALES_WRITE),  # the example is a file of products
    "import_columns": ("get", SALES_WRITE),
    "import_check": ("post", SALES_WRITE),
    "import_stop": ("post", SALES_WRITE),
    "import_map_save": ("post", SALES_WRITE),
    "import_map_use": ("post", SALES_WRITE),
    "import_maps": ("get", IMPORTERS),
    "import_map_rename": ("post", SALES_WRITE),
    "import_map_delete": ("post", SALES_WRITE),
    "import_apply": ("post", SALES_WRITE),
    "import_correct": ("post", SALES_WRITE),
    "import_refused": ("get", SALES_WRITE),
    "sales:report": ("get", SALES),
    "sales:lines": ("get", SALES),
    "sales:products": ("get", SALES),
    "sales:product": ("get", SALES),
    "sales:products_bulk": ("post", SALES_WRITE),
    "sales:product_price": ("get post", SALES_WRITE),
    "sales:product_cost": ("get post", SALES_WRITE),
    "sales:product_stock": ("get post", SALES_WRITE),
    "sales:product_reorder_point": ("get post", SALES_WRITE),
    "sales:product_category": ("get post", SALES_WRITE),
    "sales:pricing": ("get", SALES_WRITE),
    "sales:pricing_apply": ("post", SALES_WRITE),
    "sales:repriced": ("get", SALES),
    "sales:customers_bulk": ("post", SALES_WRITE),
    "sales:orders": ("get", SALES),
    "sales:order": ("get", SALES),
    "sales:customers": ("get", SALES),
    "sales:customer": ("get", SALES),
    "sales:customer_tier": ("get post", SALES_WRITE),
    "sales:tiers": ("get", SALES),
    "sales:tier_add": ("post", SALES_WRITE),
    "sales:tier_save": ("post", SALES_WRITE),
    "sales:tier_delete": ("post", SALES_WRITE),
    "sales:categories": ("get", SALES),
    "sales:category_price": ("post", SALES_WRITE),
    "jobs:jobs": ("get", HIRING),
    "jobs:jobs_bulk": ("post", HIRING),
    "jobs:applications_bulk": ("post", HIRING),
    "jobs:job_new": ("get post", HIRING),
    "jobs:reports": ("get", HIRING),
    "jobs:applications": ("get", HIRING),
    "jobs:application": ("get", HIRING),
    "jobs:application_move": ("post", HIRING),
    "jobs:application_rating": ("post", HIRING),
    "jobs:application_outcome": ("post", HIRING),
    "jobs:application_note": ("post", HIRING),
    "jobs:candidates": ("get", HIRING),
    "jobs:candidate": ("get", HIRING),
    "jobs:candidate_note": ("post", HIRING),
    "jobs:job": ("get", HIRING),
    "jobs:job_edit": ("get post", HIRING),
    "jobs:job_openings": ("post", HIRING),
    "jobs:job_status": ("post", HIRING),
    "careers:jobs": ("get", PUBLIC),
    "careers:job": ("get", PUBLIC),
    "accounts:login": ("get", {"anonymous"}),  # the others are sent on
    "accounts:logout": ("post", PUBLIC),
    "accounts:first": ("get", set()),  # dead once there is a user
    "accounts:link": ("get", set()),  # needs a token that exists
    "accounts:account": ("get", SIGNED_IN),
    "accounts:password": ("post", SIGNED_IN),
    "accounts:create_token": ("post", SIGNED_IN),
    "accounts:delete_token": ("post", SIGNED_IN),
    "live": ("get", PUBLIC),
    "ready": ("get", PUBLIC),
}

# Pages that more may open than may write to.
WRITES = {"sales:product": SALES_WRITE}


def routes(resolver=None, namespace=""):
    """(name, pattern) of every route except the administration's, which Django guards with `is_staff`."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            if pattern.namespace != "admin":
                yield from routes(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield f"{namespace}{pattern.name}", pattern


def test_every_address_has_a_rule():
    assert {name for name, _ in routes()} == set(RULES)


def address(name, pattern, world):
    arguments = dict(pattern.pattern.converters)
    values = {key: world.get(name, world.get(key, world["jobs:application"] if name.startswith("jobs") else "x")) for key in arguments}
    return reverse(
        name, kwargs={key: value if arguments[key].__class__.__name__ != "IntConverter" or value != "x" else 10**6 for key, value in values.items()}
    )


@pytest.fixture
def actors(client, outsider_client, viewer_client, manager_client, recruiter_client, admin_client):
    return {
        "anonymous": client,
        "outsider": outsider_client,
        "viewer": viewer_client,
        "manager": manager_client,
        "recruiter": recruiter_client,
        "admin": admin_client,
    }


def verdict(response) -> str:
    """open, sign in, or refused."""
    if response.status_code in {301, 302} and re.search(r"/accounts/login/\?next=", response["Location"]):
        return "sign in"
    return "refused" if response.status_code in {403, 404} else "open"


def expected(actor, allowed):
    if actor in allowed:
        return {"open"}
    return {"sign in", "refused"} if actor == "anonymous" else {"refused"}


def test_every_address_answers_each_role_as_its_rule_says(actors, admin):
    world = build(admin)
    wrong = []
    for name, pattern in routes():
        methods, allowed = RULES[name]
        if name in {"accounts:login", "accounts:logout", "accounts:delete_token", "import_map_delete"}:
            continue  # tested with their pages: they depend on who asks for what, or leave nothing for the next to ask for
        methods += " post" if name in WRITES else ""
        for method, (actor, client) in product(methods.split(), actors.items()):
            response = getattr(client, method)(address(name, pattern, world))
            may = WRITES.get(name, allowed) if method == "post" else allowed
            if verdict(response) not in expected(actor, may) or response.status_code >= 500:
                wrong.append((name, method, actor, response.status_code))
    assert wrong == []


def test_get_on_a_writing_address_changes_nothing_and_is_refused(admin_client, admin):
    world = build(admin)
    writes = [(name, pattern) for name, pattern in routes() if RULES[name][0] == "post"]
    assert [name for name, pattern in writes if admin_client.get(address(name, pattern, world)).status_code != 405] == []


def test_every_writing_address_demands_the_csrf_token(admin, client):
    world = build(admin)
    strict = client.__class__(enforce_csrf_checks=True)
    strict.force_login(admin, backend="dashboard.sessions.Backend")
    writes = [(name, pattern) for name, pattern in routes() if "post" in RULES[name][0]]
    assert [name for name, pattern in writes if strict.post(address(name, pattern, world)).status_code != 403] == []


@pytest.mark.parametrize("name", ["sales:report", "jobs:jobs", "changes"])
def test_expired_session_under_htmx_leaves_the_page_for_the_sign_in(hx, client, db, name):
    response = hx(client).get(reverse(name))
    assert (response.status_code, response.content) == (204, b"")
    assert response["HX-Redirect"].startswith("/accounts/login/?next=")
