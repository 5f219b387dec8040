"""The two steps of a bulk action in tests: what the first one shows, and the second one with it."""

import re

from django.http import QueryDict

from dashboard.bulk import BulkList, Plan


def hidden(response, name: str) -> str:
    """The value of a hidden field of the page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    assert found, f"no {name} in the page"
    return found[1]


def first(client, url: str, asked: dict) -> dict:
    """What the confirmation of an action would send."""
    response = client.post(url, asked)
    return asked | {name: hidden(response, name) for name in ("seen", "token")}


def both(client, url: str, asked: dict, **options):
    """The answer to an action that was shown and confirmed."""
    return client.post(url, first(client, url, asked), **options)


def plan(bulk_list: BulkList, asked: dict, user) -> Plan:
    """A valid request as a plan, without a page around it."""
    data = QueryDict(mutable=True)
    for word, value in asked.items():
        data.setlist(word, value if isinstance(value, list) else [value])
    form, filterset = bulk_list.form(data, bulk_list), bulk_list.filtered("", user)
    assert form.is_valid(), form.errors
    assert filterset.is_valid(), filterset.errors
    return Plan(bulk_list, form, filterset, user)


def do(bulk_list: BulkList, action: str, rows, user) -> None:
    """An action on some rows as a person confirms it; nothing where it changes none of them."""
    asked = {"action": action, "ids": [str(row.pk) for row in rows]}
    if asked["ids"]:
        count, seen = plan(bulk_list, asked, user).fingerprint()
        if count:
            plan(bulk_list, asked | {"seen": seen}, user).run()
