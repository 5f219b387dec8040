"""Bulk actions of the sales lists: their words, the rows they leave alone, and the one statement that each of them is."""

from django import forms
from django.db.models import Exists, F, OuterRef, Q, TextField, Value
from django.db.models.functions import Concat
from django.urls import reverse

from dashboard.access import may_edit_sales
from dashboard.bulk import SELECTED, Action, BulkForm, BulkList
from dashboard.money import money_text

from . import pricing
from .filters import CustomerFilter, ProductFilter
from .models import Category, Customer, OrderLine, Product, Tier
from .pricing_filters import RehearsalFilter

ARCHIVE, RESTORE, REPRICE, CATEGORY, DELETE, TIER = "archive", "restore", "reprice", "category", "delete", "tier"
NEXT_VERSION = F("version") + 1


class ProductBulkForm(BulkForm):
    """What the actions on products need to know."""

    category = forms.ModelChoiceField(Category.objects.all(), required=False, label="Which category?", empty_label="Choose…")


class PricingForm(BulkForm):
    """The price change; see pricing.py."""

    how = pricing.PriceChangeField(error_messages={"required": "Write how prices change."})


class CustomerBulkForm(BulkForm):
    """The tier to put customers into; none lets it follow their spend."""

    tier = forms.ModelChoiceField(Tier.objects.all(), required=False)


PRODUCT_ACTIONS = (
    Action(
        key=ARCHIVE,
        verb="product.archived",
        doing="Archive",
        done="archived",
        effect="They go off sale. Their orders and figures stay.",
        refusals=lambda data: [(Q(active=False), "they are archived already")],
        write=lambda rows, data, user: rows.update(active=False, version=NEXT_VERSION),
        before=lambda product: "on sale",
        after=lambda product, data: "archived",
    ),
    Action(
        key=RESTORE,
        verb="product.restored",
        doing="Put",
        done="put",
        told=lambda data: " back on sale",
        effect="They are on sale again.",
        refusals=lambda data: [(Q(active=True), "they are on sale already")],
        write=lambda rows, data, user: rows.update(active=True, version=NEXT_VERSION),
        before=lambda product: "archived",
        after=lambda product, data: "on sale",
    ),
    Action(
        key=CATEGORY,
        verb="product.categorised",
        doing="Put",
        done="put",
        told=lambda data: f" into {data['category']}",
        asks="category",
        effect="Reports count all their sales there, earlier ones too; products without a price of their own take the price of the category.",
        refusals=lambda data: [(Q(category=data["category"]), "they are in it already")],
        write=lambda rows, data, user: rows.update(category=data["category"], version=NEXT_VERSION),
        before=lambda product: str(product.category or "no category"),
        after=lambda product, data: str(data["category"]),
    ),
    Action(
        key=DELETE,
        verb="product.deleted",
        doing="Delete",
        done="deleted",
        effect="Nothing but the log of changes will remember them.",
        refusals=lambda data: [(Exists(OrderLine.objects.filter(product=OuterRef("pk"))), "orders name them; archive them instead")],
        write=lambda rows, data, user: rows._raw_delete(rows.db),  # noqa: SLF001 - the rows are locked and judged: nothing is left to collect
        deletes=True,
    ),
)

PRODUCTS = BulkList(
    side="sales",
    name="products",
    noun="product",
    plural="products",
    page="sales:products",
    url="sales:products_bulk",
    model=Product,
    filterset=ProductFilter,
    rows=lambda user: Product.objects.all(),
    allowed=may_edit_sales,
    actions={action.key: action for action in PRODUCT_ACTIONS},
    form=ProductBulkForm,
    related=("category",),
    bare=frozenset({"Category"}),
)

REPRICING = Action(
    key=REPRICE,
    verb="product.repriced",
    doing="Reprice",
    done="repriced",
    told=lambda data: f" {data['how']}",
    effect="Orders that were placed keep their prices.",
    prepare=lambda rows, data: pricing.with_new_price(rows, data["how"]),
    refusals=lambda data: pricing.refusals(data["how"]),
    shows=Concat("pk", Value(":"), "price", Value(":"), "new_price", output_field=TextField()),
    write=lambda rows, data, user: pricing.with_new_price(rows, data["how"]).update(price=F("new_price"), version=NEXT_VERSION),
    before=lambda product: money_text(product.price),
    after=lambda product, data: money_text(product.new_price),
)

PRICING = BulkList(
    side="sales",
    name="pricing",
    noun="product",
    plural="products",
    page="sales:pricing",
    url="sales:pricing_apply",
    model=Product,
    filterset=RehearsalFilter,
    rows=lambda user: Product.objects.all(),
    allowed=may_edit_sales,
    actions={REPRICE: REPRICING},
    form=PricingForm,
    bare=frozenset({"Category"}),
    unsaid=frozenset({SELECTED, "New price", "Least margin", "Show"}),
    landing=lambda change: reverse("sales:repriced", args=[change.pk]),
)

CUSTOMER_ACTIONS = (
    Action(
        key=TIER,
        verb="customer.tiered",
        doing="Put",
        done="put",
        told=lambda data: f" into the tier {data['tier']}" if data["tier"] else " back into the tier of their spend",
        effect="Orders from now on remember it; those that were placed keep theirs.",
        refusals=lambda data: [(Q(tier=data["tier"]), "they stand so already")],
        write=lambda rows, data, user: rows.update(tier=data["tier"]),
        before=lambda customer: str(customer.tier or "by spend"),
        after=lambda customer, data: str(data["tier"] or "by spend"),
    ),
)

CUSTOMERS = BulkList(
    side="sales",
    name="customers",
    noun="customer",
    plural="customers",
    page="sales:customers",
    url="sales:customers_bulk",
    model=Customer,
    filterset=CustomerFilter,
    rows=lambda user: Customer.objects.all(),
    allowed=may_edit_sales,
    actions={action.key: action for action in CUSTOMER_ACTIONS},
    form=CustomerBulkForm,
    related=("tier",),
    bare=frozenset({"Tier"}),
)

LISTS = (PRODUCTS, PRICING, CUSTOMERS)
