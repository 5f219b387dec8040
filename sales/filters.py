"""One filter form per sales list. The words are the product's public query words; every value is checked here before it meets a queryset."""

from datetime import date, timedelta

import django_filters
from django import forms
from django.db.models import F, Q
from django.utils import timezone

from dashboard.filters import LONGEST_TEXT, MOST_VALUES, BaseFilterSet
from dashboard.periods import PRESETS, preset

from .models import Availability, Category, Channel, Customer, Order, OrderStatus, Product, Salesperson, Tier

LONGEST_DAYS = 3650
EARLIEST = date(1900, 1, 1)
LATEST = date(2200, 1, 1)
YES_NO = [("yes", "Yes"), ("no", "No")]
AVAILABLE = "available"
AVAILABILITIES = [
    (AVAILABLE, "In stock or pre-order"),
    ("in_stock", "In stock"),
    ("low", "Low"),
    ("sold_out", "Sold out"),
    ("preorder", "Pre-order"),
    ("archived", "Archived"),
]


def days_ago(days: int) -> date:
    """The first business day of the last `days` days, today included."""
    return timezone.localdate() - timedelta(days=days - 1)


class RecordField(forms.CharField):
    """One record by a word of its own, typed or from a link: a choice among thousands would be no choice."""

    def __init__(self, *, queryset, word, **kwargs):
        self.records, self.word = queryset, word
        super().__init__(**kwargs)

    def clean(self, value):
        """The record; None for nothing; an error for a word that names none."""
        text = super().clean(value)
        if not text:
            return None
        record = self.records.filter(**{self.word: text}).first()
        if record is None:
            raise forms.ValidationError(f"There is no {text[:50]}.")
        return record


class RecordFilter(django_filters.Filter):
    """Filters by one record named in the address."""

    field_class = RecordField


def search(label: str) -> django_filters.CharFilter:
    """A search box; `filter_q` of the set says where it looks."""
    widget = forms.TextInput(attrs={"type": "search", "autocomplete": "off", "placeholder": label})
    return django_filters.CharFilter(method="filter_q", label=label, widget=widget)


class DaysFilter(django_filters.Filter):
    """A number of days, one to ten years."""

    field_class = forms.IntegerField

    def __init__(self, **kwargs):
        super().__init__(min_value=1, max_value=LONGEST_DAYS, **kwargs)


class AmountFilter(django_filters.Filter):
    """An amount of money, not negative."""

    field_class = forms.DecimalField

    def __init__(self, **kwargs):
        super().__init__(min_value=0, max_digits=14, decimal_places=4, **kwargs)


class DayFilter(django_filters.Filter):
    """A business day, picked from a calendar."""

    field_class = forms.DateField

    def __init__(self, **kwargs):
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)

    @property
    def field(self):
        """Refuses days that no shop has seen."""
        field = super().field
        field.validators = [forms.fields.validators.MinValueValidator(EARLIEST), forms.fields.validators.MaxValueValidator(LATEST)]
        return field


class BoxesFilter(django_filters.MultipleChoiceFilter):
    """Any of a few fixed choices, as boxes."""

    def __init__(self, **kwargs):
        super().__init__(widget=forms.CheckboxSelectMultiple, distinct=False, **kwargs)


class RecordBoxesField(django_filters.fields.ModelMultipleChoiceField):
    """Records by a public word; a word that no record could have is refused before the database sees it."""

    def clean(self, value):
        """The records named."""
        words = [word for word in value or [] if word]
        if len(words) > MOST_VALUES or any("\x00" in word or len(word) > LONGEST_TEXT for word in words):
            raise forms.ValidationError(f"{self.label}: this is not one of the choices.")
        return super().clean(words)


class RecordBoxesFilter(django_filters.ModelMultipleChoiceFilter):
    """Any of a company's few records of a kind, as boxes."""

    field_class = RecordBoxesField

    def __init__(self, *, word, **kwargs):
        kwargs.setdefault("method", self.among)
        super().__init__(widget=forms.CheckboxSelectMultiple, distinct=False, to_field_name=word, **kwargs)

    @staticmethod
    def among(queryset, name, value):
        """One condition for all the choices."""
        return queryset.filter(**{f"{name}__in": value}) if value else queryset


class ProductFilter(BaseFilterSet):
    """Products."""

    q = search("Name or SKU")
    category = RecordBoxesFilter(queryset=Category.objects.all(), word="key", method="filter_category", label="Category")
    availability = django_filters.ChoiceFilter(choices=AVAILABILITIES, method="filter_availability", label="Availability", empty_label="Any")
    sold = django_filters.ChoiceFilter(choices=YES_NO, method="filter_sold", label="Ever sold", empty_label="Any")
    unsold_days = DaysFilter(method="filter_unsold_days", label="Not sold for days")
    reorder = django_filters.ChoiceFilter(choices=YES_NO, method="filter_reorder", label="Reorder needed", empty_label="Any")
    price_min = AmountFilter(method="filter_price_min", label="Price from")
    price_max = AmountFilter(method="filter_price_max", label="Price to")
    cost = django_filters.ChoiceFilter(choices=[("none", "Unknown"), ("known", "Known")], method="filter_cost", label="Cost", empty_label="Any")

    class Meta:
        model = Product
        fields = []

    def filter_q(self, queryset, name, value):
        """In the name or the SKU."""
        return queryset.filter(Q(name__icontains=value) | Q(sku__icontains=value))

    def filter_category(self, queryset, name, value):
        """In one of the categories or below it."""
        return queryset.filter(category__in=Category.objects.branch(category.pk for category in value)) if value else queryset

    def filter_availability(self, queryset, name, value):
        """What can be bought, or one of the tags; «in stock» includes low stock."""
        if value == AVAILABLE:
            return queryset.active().available()
        if value == Availability.IN_STOCK:
            return queryset.active().filter(stock__gt=0)
        return queryset.with_availability().filter(availability=value)

    def filter_price_min(self, queryset, name, value):
        """By the price that applies."""
        return queryset.with_effective_price().filter(effective_price__gte=value)

    def filter_price_max(self, queryset, name, value):
        """By the price that applies."""
        return queryset.with_effective_price().filter(effective_price__lte=value)

    def filter_sold(self, queryset, name, value):
        """With or without any sale."""
        return queryset.sold() if value == "yes" else queryset.unsold()

    def filter_unsold_days(self, queryset, name, value):
        """Without a sale in the last so many days."""
        return queryset.unsold(days_ago(value))

    def filter_reorder(self, queryset, name, value):
        """Stock against reorder point."""
        return queryset.active().to_reorder() if value == "yes" else queryset.filter(Q(active=False) | Q(stock__gt=F("reorder_point")))

    def filter_cost(self, queryset, name, value):
        """Products whose margin nobody knows, or the others."""
        return queryset.filter(cost__isnull=value == "none")


class OrderFilter(BaseFilterSet):
    """Orders. The words `from` and `to` win over `period`, as in reports."""

    q = search("Number or customer")
    status = BoxesFilter(choices=OrderStatus, label="Status")
    channel = RecordBoxesFilter(queryset=Channel.objects.all(), word="name", label="Channel")
    salesperson = RecordBoxesFilter(queryset=Salesperson.objects.all(), word="name", label="Salesperson")
    period = django_filters.ChoiceFilter(method="filter_period", label="Placed", choices=list(PRESETS.items()), empty_label="Any time")
    first_day = DayFilter(method="filter_first_day", label="Placed from")
    last_day = DayFilter(method="filter_last_day", label="Placed to")
    country = django_filters.CharFilter(lookup_expr="iexact", label="Country")
    product = RecordFilter(queryset=Product.objects.all(), word="sku", method="filter_product", label="With product (SKU)")
    returns = django_filters.ChoiceFilter(choices=YES_NO, method="filter_returns", label="With returns", empty_label="Any")
    customer = RecordFilter(queryset=Customer.objects.all(), word="key", label="Customer", widget=forms.HiddenInput)

    class Meta:
        model = Order
        fields = []

    @classmethod
    def get_filters(cls):
        """`from` is a word of Python, so the two days get their public words here."""
        public = {"first_day": "from", "last_day": "to"}
        return {public.get(name, name): made for name, made in super().get_filters().items()}

    def filter_q(self, queryset, name, value):
        """In the number or the customer's name."""
        return queryset.matching(value)

    def filter_first_day(self, queryset, name, value):
        """By business day."""
        return queryset.placed_on_or_after(value)

    def filter_last_day(self, queryset, name, value):
        """By business day, that one included."""
        return queryset.placed_before(value + timedelta(days=1))

    def filter_period(self, queryset, name, value):
        """By business day; nothing to do when the days are given."""
        if value in {"all", "custom"} or self.form.cleaned_data.get("from") or self.form.cleaned_data.get("to"):
            return queryset
        period = preset(value, timezone.localdate())
        return queryset.placed_on_or_after(period.start).placed_before(period.end)

    def filter_product(self, queryset, name, value):
        """Orders with the product on any line."""
        return queryset.containing(value)

    def likely(self, rows, number):
        """For listing: the newest orders with a frequent product turn up soon."""
        product = self.form.cleaned_data.get("product")
        return rows.likely_newest(product, number) if product and rows.query.order_by[:1] == ("-placed_at",) else None

    def filter_returns(self, queryset, name, value):
        """Orders of which something came back, or the others."""
        return queryset.with_returns() if value == "yes" else queryset.without_returns()


class CustomerFilter(BaseFilterSet):
    """Customers."""

    q = search("Name, e-mail or key")
    country = django_filters.CharFilter(lookup_expr="iexact", label="Country")
    tier = RecordBoxesFilter(queryset=Tier.objects.all(), word="name", method="filter_tier", label="Tier")
    ordered = django_filters.ChoiceFilter(choices=YES_NO, method="filter_ordered", label="Ever ordered", empty_label="Any")
    ordered_days = DaysFilter(method="filter_ordered_days", label="Ordered in the last days")
    unordered_days = DaysFilter(method="filter_unordered_days", label="No order for days")
    bought = RecordFilter(queryset=Product.objects.all(), word="sku", method="filter_bought", label="Bought (SKU)")
    not_bought = RecordFilter(queryset=Product.objects.all(), word="sku", method="filter_not_bought", label="Never bought (SKU)")

    class Meta:
        model = Customer
        fields = []

    def filter_q(self, queryset, name, value):
        """In the name, the e-mail address or the key."""
        return queryset.matching(value)

    def filter_tier(self, queryset, name, value):
        """In one of the tiers now, by hand or by spend."""
        return queryset.in_tiers(value, Tier.objects.all()) if value else queryset

    def filter_ordered(self, queryset, name, value):
        """With or without any order."""
        return queryset.ordered() if value == "yes" else queryset.not_ordered()

    def filter_ordered_days(self, queryset, name, value):
        """With an order in the last so many days."""
        return queryset.ordered(days_ago(value))

    def filter_unordered_days(self, queryset, name, value):
        """Without an order in the last so many days."""
        return queryset.not_ordered(days_ago(value))

    def filter_bought(self, queryset, name, value):
        """Who bought this product."""
        return queryset.bought(value)

    def filter_not_bought(self, queryset, name, value):
        """Who never bought this product."""
        return queryset.not_bought(value)
