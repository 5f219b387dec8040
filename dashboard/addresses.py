"""Addresses that a page says in a hundred links, so that what stays the same is spelled once: a view's own with some words changed, those of rows."""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from urllib.parse import quote, urlencode

from django.urls import reverse

from .filters import UNSHARED_WORDS, cleaned_query

UNQUOTED = "!$&'()*+,;=/~:@"  # in a path, as Django has it


class Words:
    """The words of an address, each spelled as it stands there."""

    def __init__(self, words: Iterable[tuple[str, list[str]]]):
        self._spelled = {word: urlencode([(word, value) for value in values]) for word, values in words}

    def at(self, path: str, changes: Mapping[str, object]) -> str:
        """The address at a path: a change is a text, a list of texts, or nothing to take the word away."""
        spelled = {word: text for word, text in self._spelled.items() if word not in changes}
        for word, value in changes.items():
            if value not in (None, "", []):
                spelled[word] = spell(word, value) if isinstance(value, str) else urlencode([(word, one) for one in value])
        return f"{path}?{'&'.join(spelled.values())}" if spelled else path


def words_asked(request) -> Words:
    """The words of the address asked for that hold for other pages of the same view."""
    if not hasattr(request, "words"):
        request.words = Words(cleaned_query(request.GET, without=UNSHARED_WORDS).lists())
    return request.words


def page_of(page: str, key: int | str) -> str:
    """The address of the page that one thing has, as `reverse` spells it; the pattern is looked up once."""
    before, after = _around(page)
    return f"{before}{key if key.__class__ is int else quote(key, safe=UNQUOTED)}{after}"


@cache
def _around(page: str) -> tuple[str, str]:
    before, _, after = reverse(page, args=["0"]).rpartition("0")
    return before, after


@lru_cache(4096)
def spell(word: str, value: str) -> str:
    """One word of an address."""
    return urlencode([(word, value)])
