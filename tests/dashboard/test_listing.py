"""Paging, sorting, fragments and bounds of every list, tried on one list of categories."""

import django_filters
import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from dashboard.filters import BaseFilterSet, cleaned_query
from dashboard.listing import COUNT_CAP, Pages, build_table, page_size
from dashboard.tables import BaseTable, MoneyColumn, TextColumn
from sales.models import Category, Product


class CategoryFilter(BaseFilterSet):
    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label="Search")
    parent = django_filters.ModelChoiceFilter(queryset=Category.objects.all(), to_field_name="key", label="Inside")
    price_min = django_filters.NumberFilter(field_name="default_price", lookup_expr="gte", label="Price from")

    class Meta:
        model = Category
        fields = []


class CategoryTable(BaseTable):
    name = TextColumn("Category")
    default_price = MoneyColumn("Price")


def request_for(query: str):
    request = RequestFactory().get(f"/list/?{query}")
    request.user = AnonymousUser()
    request.htmx = HtmxDetails(request)
    return request


def categories(count, price=None):
    Category.objects.bulk_create(Category(key=str(number), name="same name", default_price=price) for number in range(count))


def page_of(query):
    request = request_for(query)
    table = build_table(request, CategoryTable, Category.objects.all())
    table.paginate(Pages, per_page=page_size(request), page=request.GET.get("page", 1))
    return table


@pytest.mark.parametrize(("asked", "rows"), [("25", 25), ("50", 50), ("100", 100), ("0", 25), ("-1", 25), ("1000000", 25), ("x", 25), ("", 25)])
def test_page_size_is_clamped(asked, rows):
    assert page_size(request_for(f"per_page={asked}")) == rows


@pytest.mark.parametrize(("asked", "number"), [("2", 2), ("99", 3), ("0", 1), ("-5", 1), ("x", 1), ("9" * 40, 3)])
def test_page_out_of_range_is_the_nearest(db, asked, number):
    categories(60)
    assert page_of(f"page={asked}").page.number == number


def test_pages_of_equal_rows_neither_skip_nor_repeat(db):
    categories(60)
    seen = [row.record.pk for number in (1, 2, 3) for row in page_of(f"page={number}&sort=name").page.object_list]
    assert len(seen) == len(set(seen)) == 60


@pytest.mark.parametrize("sort", ["default_price", "-default_price"])
def test_sort_puts_missing_values_last(db, sort):
    Category.objects.bulk_create(
        [Category(key="a", name="a", default_price=2), Category(key="b", name="b"), Category(key="c", name="c", default_price=1)]
    )
    keys = [row.record.key for row in page_of(f"sort={sort}").page.object_list]
    assert keys == (["c", "a", "b"] if sort == "default_price" else ["a", "c", "b"])


@pytest.mark.parametrize("sort", ["nothing", "-nothing", "--name", "name;drop table", "parent__name", "?"])
def test_unknown_sort_is_ignored(db, sort):
    categories(2)
    assert len(page_of(f"sort={sort}").page.object_list) == 2


def test_long_list_is_counted_to_the_cap_and_exactly_on_request(db, django_assert_num_queries):
    categories(COUNT_CAP + 30)
    request = request_for("")
    table = build_table(request, CategoryTable, Category.objects.all())
    table.paginate(Pages, per_page=25, page=1)
    assert (table.paginator.shown_count, table.paginator.num_pages) == ("10,000+", 400), "pages end at the cap"
    table.paginate(Pages, per_page=25, page=1, exact=True)
    with django_assert_num_queries(0):
        assert table.paginator.shown_count == "10,030"


def test_invalid_filter_shows_no_rows(db):
    categories(3)
    bound = CategoryFilter(QueryDict("price_min=cheap"), Category.objects.all())
    assert (bound.is_valid(), bound.rows.count(), bound.qs.count()) == (False, 0, 3)


def test_text_beyond_200_characters_is_refused(db):
    bound = CategoryFilter(QueryDict("q=" + "x" * 201), Category.objects.all())
    assert "200" in bound.errors["q"][0]


def test_chips_say_what_is_set_and_link_to_the_view_without_it(db):
    parent = Category.objects.create(key="bikes", name="Bikes")
    Category.objects.create(key="kids", name="Kids", parent=parent)
    request = request_for("q=ki&parent=bikes&page=3&price_min=")
    chips = CategoryFilter(request.GET, Category.objects.all(), request=request).chips()
    assert [(chip.label, chip.value, chip.remove_url) for chip in chips] == [
        ("Search", "ki", "/list/?parent=bikes"),
        ("Inside", "Bikes", "/list/?q=ki"),
    ]


def test_cleaned_query_drops_empty_words_and_the_first_page():
    assert cleaned_query(QueryDict("a=1&b=&page=1&c=x&c=y&d=%20")).urlencode() == "a=1&c=x&c=y"


def test_product_list_has_a_total_order_by_default(db):
    assert Product.objects.all().totally_ordered
