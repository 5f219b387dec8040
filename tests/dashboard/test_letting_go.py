"""What a page was made of is gone as soon as the page is drawn, without waiting for the garbage collector."""

import gc
import weakref
from decimal import Decimal

import pytest
from django.template import TemplateDoesNotExist
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

from dashboard.tables import BaseTable, MoneyColumn, TextColumn


class Figure:
    """A row, which a weak reference can point to."""

    def __init__(self, net):
        self.pk, self.name, self.net = 1, "Bell", Decimal(net)


class Figures(BaseTable):
    """Two columns and totals."""

    name = TextColumn()
    net = MoneyColumn()


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_context_lets_go_of_what_it_showed(no_collector):
    shown = Figure(1)
    gone = weakref.ref(shown)
    request = RequestFactory().get("/")
    assert "<h2>Nothing here yet</h2>" in render_to_string("partials/_empty.html", {"shown": shown}, request)
    del shown
    assert gone() is None


def test_a_table_that_was_drawn_goes_with_its_rows(no_collector):
    row = Figure(2)
    table = Figures([row], totals={"net": Decimal(2)}, totals_label="All")
    table.request = RequestFactory().get("/")
    gone = [weakref.ref(table), weakref.ref(row)]
    drawn = get_template("partials/_table.html").render({"table": table, "title": "Figures"}, table.request)
    assert drawn.count("2.00") == 2
    assert list(table.rows.data) == [row]  # whoever still holds the table has all of it
    assert [column.name for column in table.columns] == ["name", "net"]
    del row, table
    assert [ref() for ref in gone] == [None, None]


def test_a_template_that_is_missing_is_missed():
    with pytest.raises(TemplateDoesNotExist, match=r"nowhere\.html"):
        get_template("nowhere.html")
