"""The two steps of a bulk action in tests: what the first one shows, and the second one with it."""

import re


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
