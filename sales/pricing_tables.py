"""The tables of the pricing pages: what a change would do to each product, and what came of it."""

from dashboard.markup import filled
from dashboard.money import money_text
from dashboard.tables import BaseTable, CountColumn, Kind, MoneyColumn, NumberColumn, PercentColumn, TextColumn

from .pricing import Floor
from .tables import RecordColumn

FLOOR_TAGS = {Floor.COST: "bad", Floor.MARGIN: "warn"}


class PresentPriceColumn(MoneyColumn):
    """The price that applies now; said where it is the category's."""

    def render(self, value, record):
        """The amount."""
        text = super().render(value)
        return text if record.price is not None else filled('{}<span class="sub">category price</span>', text)


class FloorColumn(Kind):
    """What the new price falls below, as a tag."""

    def render(self, value):
        """The tag; nothing where all is well."""
        return filled('<span class="tag {}">{}</span>', FLOOR_TAGS[value], Floor(value).label) if value else ""

    def value(self, value):
        """The word alone."""
        return Floor(value).label if value else ""


class SignedMoneyColumn(MoneyColumn):
    """An amount with its sign: an effect."""

    def render(self, value):
        """+12.00 or −12.00."""
        return f"+{money_text(value)}" if value > 0 else money_text(value)


class SignedPercentColumn(PercentColumn):
    """A relative change with its sign."""

    def render(self, value):
        """+5.0 % or −5.0 %."""
        return f"+{super().render(value)}" if value > 0 else super().render(value)


class RehearsalTable(BaseTable):
    """One row a product whose price would change."""

    row_header = "name"

    name = RecordColumn("Product", page="sales:product", word="sku", sub="sku", order_by="name")
    category = TextColumn("Category", accessor="category__name", order_by="category__name")
    effective_price = PresentPriceColumn("Price now")
    new_price = MoneyColumn("New price")
    rise = SignedPercentColumn("Change")
    cost = MoneyColumn("Cost")
    margin = PercentColumn("Margin now", help_text="(price − cost) / price, before any discount")
    new_margin = PercentColumn("New margin")
    floor = FloorColumn("Floor", orderable=False)
    units = CountColumn("Units 90 d", accessor="recent__units", order_by="recent__units", nulls_last=True)
    effect = SignedMoneyColumn("Effect in 90 d", help_text="Units of the last 90 days × (new price − price now), if volumes stay as they are")


class LeftTable(BaseTable):
    """Products that a price change leaves as they are."""

    row_header = "name"

    name = RecordColumn("Product", page="sales:product", word="sku", sub="sku", order_by="name")
    category = TextColumn("Category", accessor="category__name", order_by="category__name")
    effective_price = PresentPriceColumn("Price now")
    cost = MoneyColumn("Cost")
    reason = TextColumn("Why", accessor="left_because", orderable=False)
    units = CountColumn("Units 90 d", accessor="recent__units", order_by="recent__units", nulls_last=True)

    def __init__(self, *args, reasons=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.reasons = reasons

    def render_reason(self, value):
        """In words."""
        return self.reasons[value - 1][1]

    def value_reason(self, value):
        """The same in an export."""
        return self.reasons[value - 1][1]


class RepricedTable(BaseTable):
    """Products whose price was changed, each with its days before and after."""

    row_header = "name"

    name = RecordColumn("Product", page="sales:product", word="sku", sub="sku", order_by="name")
    old_price = MoneyColumn("Price before", orderable=False)
    new_price = MoneyColumn("New price", orderable=False)
    effective_price = PresentPriceColumn("Price now", orderable=False)
    units_before = NumberColumn("Units a day before", orderable=False)
    units_after = NumberColumn("Since", orderable=False)
    net_before = MoneyColumn("Net sales a day before", orderable=False)
    net_expected = MoneyColumn("Expected", orderable=False, help_text="Net sales a day before + units a day before × (new price − price before)")
    net_after = MoneyColumn("Since", orderable=False)
