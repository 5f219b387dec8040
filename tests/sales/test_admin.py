"""The administration pages of sales: they open, search and cost a fixed number of queries."""

import pytest

from sales.models import Product

from .factories import make_category, make_customer, make_line, make_order, make_product

PAGES = ["category", "product", "customer", "tier", "channel", "salesperson", "order", "orderline"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_costs_the_same_queries_however_many_rows(admin_client, django_assert_max_num_queries, page, rows):
    for number in range(rows):
        product = make_product(category=make_category(f"Category {number}"))
        make_line(make_order(make_customer()), product)
    admin_client.get(f"/admin/sales/{page}/")
    with django_assert_max_num_queries(10):
        response = admin_client.get(f"/admin/sales/{page}/?q=P")
    assert response.status_code == 200
    assert response.context["cl"].queryset.totally_ordered


def test_an_order_opens_with_its_lines_and_completes_names(admin_client, django_assert_max_num_queries):
    product = make_product("Bell")
    order = make_order(make_customer("Una"), number="SO-1")
    for _ in range(3):
        make_line(order, product)
    admin_client.get("/admin/")
    with django_assert_max_num_queries(20):
        body = admin_client.get(f"/admin/sales/order/{order.pk}/change/").content.decode()
    assert body.count('value="3"') >= 1
    assert "Bell" in body
    found = admin_client.get("/admin/autocomplete/?app_label=sales&model_name=orderline&field_name=product&term=bel").json()
    assert [row["text"] for row in found["results"]] == ["Bell"]


def test_a_broken_rule_is_told_beside_its_field(admin_client):
    response = admin_client.post("/admin/sales/product/add/", {"sku": " bad ", "name": "Bell", "stock": "-1", "reorder_point": "0", "gtin": "123"})
    assert response.status_code == 200
    errors = response.context["adminform"].form.errors
    assert {"gtin"} <= set(errors)
    assert not Product.objects.exists()
