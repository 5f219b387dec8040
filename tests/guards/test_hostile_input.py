"""Every page × every query word × hostile values: an answer within bounds, never an error of ours; and stored text is never markup."""

from itertools import product

import pytest
from django.contrib.auth.models import User

from .test_access_matrix import RULES, address, routes
from .world import MARKER, build

HOSTILE = (
    "", "0", "-1", "1000000", "9" * 30, "1e9", "NaN", "١٢", "a\x00b", "'; DROP TABLE x;--", "%", "x" * 5000, "../../etc/passwd",
    "<script>alert(1)</script>", "{{7*7}}", "\ud83d", "2026-13-45", "9999-12-31", "--", "null", "a,b,,c", "true",
)  # fmt: skip
SHARED_WORDS = ("sort", "page", "per_page", "export", "count")
FOREIGN_WORDS = ("_connector", 'a"b', "x;--", "next", "id__in", "pk")
LARGEST_PAGE = 500_000
FRAGMENT = {"HX-Request": "true", "HX-Target": "results"}  # the shell around it reads no words


def pages(world):
    for name, pattern in routes():
        methods, _ = RULES[name]
        if methods.startswith("get") and name not in {"accounts:first", "accounts:link", "accounts:login", "live", "ready"}:
            yield address(name, pattern, world)


def own_words(client, url):
    """The query words of a page's own filter form with their fields, so that a new filter is attacked from its first day."""
    response = client.get(url)
    bound = response.context and response.context.get("filter")
    return {word: (word, type(field)) for word, field in bound.form.fields.items()} if bound else {}


def test_no_query_string_breaks_a_page(admin_client, admin):
    world = build(admin)
    broken, asked, known = [], 0, set()
    for url in pages(world):
        words = own_words(admin_client, url)
        attacks = list(product(SHARED_WORDS, HOSTILE if words else HOSTILE[3:6]))
        for word, field in words.items():
            attacks += product([word], HOSTILE[3:9] if field in known else HOSTILE)  # the same field on a second page is no new code
            known.add(field)
        for word, value in [*attacks, *product(FOREIGN_WORDS, HOSTILE[2:4])]:
            response = admin_client.get(url, {word: value.encode("utf-8", "surrogatepass")}, headers=FRAGMENT)
            asked += 1
            size = 0 if response.streaming else len(response.content)
            if response.status_code >= 500 or size > LARGEST_PAGE:
                broken.append((url, word, value[:40], response.status_code, size))
    assert broken == []
    assert asked > 3_500


@pytest.mark.parametrize(
    "query", ["q=1&q=2", "page=1&page=2", "q[]=1", "%00=1", "%", "&&&", "by=product&by=customer", "a=" + "x" * 8000, ";".join(["q=1"] * 50)]
)
def test_odd_query_strings_are_harmless(admin_client, admin, query):
    world = build(admin)
    assert [url for url in pages(world) if admin_client.get(f"{url}?{query}").status_code >= 500] == []


def test_stored_text_never_becomes_markup(admin_client, admin):
    User.objects.filter(pk=admin.pk).update(first_name=MARKER[:30], last_name=MARKER)
    world = build(admin, MARKER)
    raw, computed = [], []
    for url in pages(world):
        for query in ({}, {"q": MARKER}, {"sort": MARKER, "category": MARKER}):
            response = admin_client.get(url, query)
            text = response.getvalue().decode() if "html" in response["Content-Type"] else ""
            raw += [url] if "<svg onload" in text else []
            computed += [url] if "zq" in text and "49" in text.split("zq", 1)[1][:40] else []
    assert raw == []
    assert computed == []
