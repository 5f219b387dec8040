"""What came of a price change: units and net sales a day, before and after it, next to what was expected. Prices come from the change log."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import DecimalField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from dashboard.fields import MoneyField
from dashboard.models import ChangeSet, Operation

from .figures import RECENT_DAYS
from .models import Product
from .summaries import SCALE, ProductSummary

DAILY = DecimalField(max_digits=20, decimal_places=4)


@dataclass(frozen=True)
class Window:
    """Whole business days from `start` to before `end`."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """How many."""
        return max((self.end - self.start).days, 0)

    @property
    def last(self) -> date:
        """The last day of it."""
        return self.end - timedelta(days=1)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end


@dataclass(frozen=True)
class Aftermath:
    """A change set that changed prices, with the days it is judged by; the day of the change itself is in neither window.

    `before` are the 90 days before it; `after` the whole days since, 90 at most, and none after the day it was undone.
    """

    change: ChangeSet
    before: Window
    after: Window

    @classmethod
    def of(cls, change: ChangeSet) -> "Aftermath":
        """The windows as they stand today."""
        day, end = timezone.localdate(change.at), timezone.localdate()
        if change.undone and (undone := change.undos.order_by("-pk").first()):
            end = timezone.localdate(undone.at)
        start = day + timedelta(days=1)
        after = Window(start, max(start, min(end, start + timedelta(days=RECENT_DAYS))))
        return cls(change, Window(day - timedelta(days=RECENT_DAYS), day), after)

    @property
    def entries(self) -> QuerySet:
        """The log of the prices it changed."""
        return self.change.rows.filter(table=Product._meta.db_table, operation=Operation.UPDATE, after__has_key="price").order_by()

    @property
    def products(self) -> QuerySet:
        """The products, with `old_price`, `new_price` and the price that applies now; NULL where a product had none of its own."""
        of_product = self.entries.filter(row_id=OuterRef("pk")).order_by("pk")
        old = of_product.annotate(amount=price_in("before")).values("amount")[:1]
        new = of_product.reverse().annotate(amount=price_in("after")).values("amount")[:1]
        changed = Product.objects.filter(pk__in=self.entries.values("row_id")).with_effective_price()
        return changed.annotate(old_price=Subquery(old), new_price=Subquery(new))

    def by_product(self) -> QuerySet:
        """`products` with units and net sales a day in both windows, and the net expected: at the same units, at the new price."""
        rows = self.products.annotate(
            units_before=a_day(self.before, "units"),
            units_after=a_day(self.after, "units"),
            net_before=a_day(self.before, "net"),
            net_after=a_day(self.after, "net"),
        )
        rise = F("units_before") * (F("new_price") - F("old_price"))
        return rows.annotate(net_expected=ExpressionWrapper(F("net_before") + rise, DAILY))

    def totals(self) -> dict:
        """The same over all these products: sums a day. Products without a price of their own before or after count with no rise."""
        figures = ProductSummary.objects.filter(grain="day", product__in=self.entries.values("row_id"))
        sums = figures.filter(self.within(self.before) | self.within(self.after)).aggregate(
            **{f"{name}_before": Coalesce(Sum(name, filter=self.within(self.before)), 0) for name in ("units", "net")},
            **{f"{name}_after": Coalesce(Sum(name, filter=self.within(self.after)), 0) for name in ("units", "net")},
        )
        units = a_day(self.before, "units")
        priced = self.products.filter(old_price__isnull=False, new_price__isnull=False).annotate(units_before=units)
        rise = priced.aggregate(rise=Sum(F("units_before") * (F("new_price") - F("old_price")), output_field=DAILY))["rise"] or Decimal(0)
        daily = {name: per_day(total, self.before if name.endswith("before") else self.after, name) for name, total in sums.items()}
        return daily | {"rise": rise, "net_expected": daily["net_before"] + rise}

    @staticmethod
    def within(window: Window) -> Q:
        """The days of a window."""
        return Q(start__gte=window.start, start__lt=window.end)


def per_day(total, window: Window, name: str) -> Decimal | None:
    """A sum of whole days as a daily figure; money leaves its ten-thousandths. None without any day."""
    return Decimal(total) / window.days / (SCALE if name.startswith("net") else 1) if window.days else None


def price_in(side: str):
    """The price in a log entry as an amount."""
    return Cast(KeyTextTransform("price", side), MoneyField(null=True))


def a_day(window: Window, name: str):
    """A product's figure a day in a window: 0 without a sale; NULL while the window has no day."""
    if not window.days:
        return Value(None, output_field=DAILY)
    sums = ProductSummary.objects.filter(Aftermath.within(window), product=OuterRef("pk"), grain="day").values("product")
    divisor = Decimal(window.days * (SCALE if name == "net" else 1))
    total = Coalesce(Subquery(sums.annotate(total=Sum(name)).values("total")), 0, output_field=DAILY)
    return ExpressionWrapper(total / Value(divisor), DAILY)
