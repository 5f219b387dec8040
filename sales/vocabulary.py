"""What a company describes its sales with: categories, tiers, channels and salespeople. Few rows each, changed rarely."""

from django.db import models
from django.db.models import Count, F, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower

from dashboard.fields import MoneyField, RateField


class CategoryQuerySet(models.QuerySet):
    """Categories as lists and filters ask for them."""

    def branch(self, roots):
        """The categories with these ids and everything below them, in one statement."""
        statement = (
            "WITH RECURSIVE branch AS (SELECT id FROM sales_category WHERE id = ANY(%s) "
            "UNION SELECT child.id FROM sales_category AS child JOIN branch ON child.parent_id = branch.id) SELECT id FROM branch"
        )
        return self.filter(pk__in=RawSQL(statement, [list(roots)]))  # noqa: S611 - the ids travel as a parameter

    def with_counts(self):
        """`product_count` of the category itself, archived products included, and `unpriced_count` of those that use the default price."""
        return self.annotate(
            product_count=Count("products", distinct=True),
            unpriced_count=Count("products", filter=Q(products__price__isnull=True), distinct=True),
        ).order_by(Lower("name"), "pk")  # a grouped query forgets the model's own order


class Category(models.Model):
    """A group of products, possibly inside another; its default price serves products that have none."""

    key = models.CharField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    default_price = MoneyField(null=True, blank=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "categories"
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(default_price__isnull=True) | Q(default_price__gte=0),
                name="category_default_price_not_negative",
                violation_error_message="A default price cannot be negative.",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")),
                name="category_not_its_own_parent",
                violation_error_message="A category cannot be its own parent.",
            ),
        ]

    def __str__(self):
        return self.name


class TierQuerySet(models.QuerySet):
    """Tiers as lists ask for them."""

    def with_customer_count(self):
        """`customer_count`: customers put into the tier by hand."""
        return self.annotate(customer_count=Count("customers")).order_by("min_spend")


class Tier(models.Model):
    """A level of customers by spend in the last 365 days, with the discount it gets."""

    name = models.CharField(max_length=50)
    min_spend = MoneyField(unique=True, help_text="Net sales of the last 365 days from which a customer is in this tier.")
    discount = RateField(default=0, help_text="0.05 is 5 %.")

    objects = TierQuerySet.as_manager()

    class Meta:
        ordering = ["min_spend"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="tier_name_unique", violation_error_message="Another tier has this name."),
            models.CheckConstraint(
                condition=Q(min_spend__gte=0), name="tier_min_spend_not_negative", violation_error_message="A threshold cannot be negative."
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=0, discount__lt=1),
                name="tier_discount_range",
                violation_error_message="A discount lies between 0 and 99.99 %.",
            ),
        ]

    def __str__(self):
        return self.name


class Channel(models.Model):
    """Where orders come from: web shop, store, phone."""

    name = models.CharField(max_length=60, unique=True)

    class Meta:
        ordering = [Lower("name")]

    def __str__(self):
        return self.name


class Salesperson(models.Model):
    """Who sold. Not necessarily somebody who signs in."""

    name = models.CharField(max_length=100, unique=True)

    class Meta:
        ordering = [Lower("name")]
        verbose_name_plural = "salespeople"

    def __str__(self):
        return self.name
