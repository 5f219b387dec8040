"""Markup made in Python: whatever is put into a pattern is escaped as Django escapes it, unless it is markup."""

from decimal import Decimal

import pytest
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from dashboard.markup import escaped, filled, joined


class Bold:
    """Something that knows its own markup."""

    def __html__(self):
        return "<b>it</b>"


class Shout(str):
    """A text of a class of its own, as choices of models are."""

    __slots__ = ()


@given(text=st.text(alphabet=st.sampled_from("ab&<>\"'/=é€"), max_size=40))
def test_texts_are_escaped_as_django_escapes_them(text):
    assert escaped(text) == conditional_escape(text)
    assert filled('<p title="{}">', text) == format_html('<p title="{}">', text)


@pytest.mark.parametrize(
    "value", [mark_safe("<i>&amp;</i>"), Bold(), Shout("a<b"), gettext_lazy("a<b"), 5, -2.5, Decimal("1.50"), True, None, "", SafeString("")]
)
def test_everything_else_is_what_django_makes_of_it(value):
    assert escaped(value) == conditional_escape(value)
    assert filled("<p>{}</p>", value) == format_html("<p>{}</p>", value)
    assert filled("<p>{name}</p>", name=value) == format_html("<p>{name}</p>", name=value)


def test_what_is_filled_is_markup_and_not_escaped_again():
    once = filled("<p>{}</p>", "<")
    assert isinstance(once, SafeString)
    assert filled("{}", once) == "<p>&lt;</p>"


def test_rows_are_joined_as_django_joins_them():
    rows = [("<", Bold()), ("b", 2)]
    assert joined("[{0}|{1}]", rows, ", ") == format_html_join(", ", "[{0}|{1}]", rows)
    assert isinstance(joined("{}", []), SafeString)
