"""Tiers and default prices: what a manager sets and everybody's prices follow."""

from decimal import Decimal

import pytest

from sales.models import Category, Tier

from .factories import make_category, make_customer, make_order, make_product, make_tier


def test_a_manager_adds_changes_and_deletes_a_tier(manager_client):
    added = {"tier-new-name": "Gold", "tier-new-min_spend": "1000", "tier-new-discount": "7.5"}
    assert manager_client.post("/sales/tiers/add/", added).status_code == 302
    tier = Tier.objects.get()
    assert (tier.name, tier.min_spend, tier.discount) == ("Gold", 1000, Decimal("0.075"))
    prefix = f"tier-{tier.pk}"
    changed = {f"{prefix}-name": "Golden", f"{prefix}-min_spend": "2000", f"{prefix}-discount": "8"}
    assert manager_client.post(f"/sales/tiers/{tier.pk}/", changed).status_code == 302
    tier.refresh_from_db()
    assert (tier.name, tier.min_spend, tier.discount) == ("Golden", 2000, Decimal("0.08"))
    customer = make_customer(tier=tier)
    assert manager_client.post(f"/sales/tiers/{tier.pk}/delete/").status_code == 302
    customer.refresh_from_db()
    assert customer.tier is None
    assert not Tier.objects.exists()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"name": "gold", "min_spend": "5", "discount": "1"}, "Another tier has this name."),
        ({"name": "Silver", "min_spend": "1000", "discount": "1"}, "already exists"),
        ({"name": "Silver", "min_spend": "-1", "discount": "1"}, "A threshold cannot be negative."),
        ({"name": "Silver", "min_spend": "5", "discount": "100"}, "less than or equal to 99.99"),
        ({"name": "", "min_spend": "5", "discount": "1"}, "This field is required."),
    ],
)
def test_a_wrong_tier_is_refused_beside_its_field(manager_client, sent, sentence):
    make_tier("Gold", "1000")
    response = manager_client.post("/sales/tiers/add/", {f"tier-new-{name}": value for name, value in sent.items()})
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Tier.objects.count() == 1


def test_a_tier_that_orders_remember_stays(manager_client):
    tier = make_tier("Gold")
    make_order(tier=tier)
    response = manager_client.post(f"/sales/tiers/{tier.pk}/delete/", follow=True)
    assert "Gold stays: orders were placed in it." in response.content.decode()
    assert Tier.objects.count() == 1


def test_tiers_stand_in_order_of_their_thresholds(viewer_client, django_assert_num_queries):
    for name, spend in (("Gold", "1000"), ("Standard", "0"), ("Silver", "500")):
        make_tier(name, spend)
    viewer_client.get("/sales/tiers/")
    with django_assert_num_queries(2):
        response = viewer_client.get("/sales/tiers/")
    assert [row["tier"].name for row in response.context["rows"]] == ["Standard", "Silver", "Gold"]
    assert b"<form" not in response.content.split(b'id="main"')[1].split(b"</main>")[0]


def test_a_default_price_reprices_the_products_without_one(manager_client):
    category = make_category(default_price="5.00")
    tube = make_product("Tube", price=None, category=category)
    url, name = f"/sales/categories/{category.pk}/price/", f"category-{category.pk}-default_price"
    assert manager_client.post(url, {name: "6.50"}).status_code == 302
    assert type(tube).objects.with_effective_price().get().effective_price == Decimal("6.50")
    refused = manager_client.post(url, {name: "-1"})
    assert refused.status_code == 422
    assert "A default price cannot be negative." in refused.content.decode()
    assert manager_client.post(url, {name: ""}).status_code == 302
    category.refresh_from_db()
    assert category.default_price is None


def test_categories_are_a_tree_with_exact_counts(viewer_client, django_assert_num_queries):
    bikes, parts = make_category("Bikes"), make_category("Accessories")
    trail = make_category("Trail", parent=bikes)
    make_product(category=trail), make_product(category=trail, price=None), make_product(category=parts)
    viewer_client.get("/sales/categories/")
    with django_assert_num_queries(2):
        rows = viewer_client.get("/sales/categories/").context["rows"]
    shown = [(row["depth"], row["category"].name, row["category"].product_count, row["category"].unpriced_count) for row in rows]
    assert shown == [(0, "Accessories", 1, 0), (0, "Bikes", 0, 0), (1, "Trail", 2, 1)]


def test_only_managers_change_settings(viewer_client, recruiter_client, outsider_client):
    tier, category = make_tier(), make_category()
    urls = [f"/sales/tiers/{tier.pk}/", "/sales/tiers/add/", f"/sales/tiers/{tier.pk}/delete/", f"/sales/categories/{category.pk}/price/"]
    for person in (viewer_client, recruiter_client, outsider_client):
        assert [person.post(url).status_code for url in urls] == [403] * 4
    for page in ("/sales/tiers/", "/sales/categories/"):
        assert viewer_client.get(page).status_code == 200
        assert recruiter_client.get(page).status_code == 403
        assert outsider_client.get(page).status_code == 403
    assert (Tier.objects.count(), Category.objects.count()) == (1, 1)
