"""The tables of the sales lists: columns, units and what a cell links to. Figures come annotated or prefetched with the rows."""

from django.db.models.functions import Lower, Upper
from django.template.loader import render_to_string

from dashboard.addresses import page_of
from dashboard.days import day_text
from dashboard.markup import filled
from dashboard.money import count_text
from dashboard.once import token_of
from dashboard.tables import (
    BaseTable,
    CountColumn,
    DateColumn,
    DateTimeColumn,
    Kind,
    MoneyColumn,
    PageColumn,
    PercentColumn,
    SelectColumn,
    TextColumn,
)

from . import editing
from .editing import Cell, closed, said, stepped
from .models import Availability, OrderLine, OrderStatus

AVAILABILITY_TAGS = {Availability.IN_STOCK: "ok", Availability.LOW: "warn", Availability.PREORDER: "accent", Availability.SOLD_OUT: "bad"}
STATUS_TAGS = {OrderStatus.COMPLETED: "ok", OrderStatus.SHIPPED: "accent", OrderStatus.CANCELLED: "bad", OrderStatus.TEST: "warn"}


class CellColumn(Kind):
    """A cell that is edited in its place; plain text for those who only look."""

    empty_values = ()

    def __init__(self, cell: Cell, verbose_name=None, **kwargs):
        self.cell, self.numeric, self.unit = cell, cell.numeric, cell.unit
        super().__init__(verbose_name or cell.label, **kwargs)

    def render(self, record, table):
        """The value, the link to its editor, or the editor that asks once more."""
        if not table.cell_context.get("editable"):
            return said(self.cell, record)
        editor = table.cell_context.get("editor")
        if editor and editor.cell == self.cell:
            return render_to_string("sales/cells/editor.html", {"editor": editor}, request=table.request)
        target = table.row_id(record)
        return (
            stepped(self.cell, record, target=target, token=token_of(table.request))
            if self.cell.stepper
            else closed(self.cell, record, target=target)
        )


class RecordColumn(Kind):
    """The name of the row, linked to its page, with its own key beside it."""

    def __init__(self, verbose_name, *, page, word, sub=None, **kwargs):
        super().__init__(verbose_name, **kwargs)
        self.page, self.word, self.sub = page, word, sub

    def render(self, value, record):
        """Name and key."""
        url = page_of(self.page, getattr(record, self.word))
        if not self.sub:
            return filled('<a href="{}">{}</a>', url, value)
        return filled('<a href="{}">{}</a><span class="sub">{}</span>', url, value, getattr(record, self.sub))


class TagColumn(Kind):
    """A state as a tag: always a word, the colour only helps. Read from the record, because the library turns choices into labels."""

    def __init__(self, verbose_name, *, choices, tags, **kwargs):
        super().__init__(verbose_name, **kwargs)
        self.choices, self.tags = choices, tags

    def render(self, record, bound_column):
        """The tag."""
        value = getattr(record, bound_column.name)
        return filled('<span class="tag {}">{}</span>', self.tags.get(value, ""), self.choices(value).label)


def availability_tag(product):
    """The availability of a product as a tag, with the day of a pre-order: «Pre-order from 3 Dec 2026»."""
    value = product.availability
    day = f" from {day_text(product.preorder_from)}" if value == Availability.PREORDER else ""
    return filled('<span class="tag {}">{}{}</span>', AVAILABILITY_TAGS.get(value, ""), Availability(value).label, day)


class AvailabilityColumn(Kind):
    """Whether a customer can buy the product."""

    def render(self, record):
        """The tag."""
        return availability_tag(record)

    def value(self, value):
        """The word alone."""
        return Availability(value).label


class ProductTable(BaseTable):
    """Products with what they have sold lately."""

    tells = ("name", "category", "price", "cost", "stock", "reorder_point", "preorder_from", "active")
    row_header = "name"

    select = SelectColumn()
    name = RecordColumn("Product", page="sales:product", word="sku", sub="sku", sort=(Lower("name"),))
    category = CellColumn(editing.CATEGORY, accessor="category__name", order_by="category__name")
    price = CellColumn(editing.PRICE, accessor="effective_price", order_by="effective_price", nulls_last=True)
    cost = CellColumn(editing.COST, nulls_last=True)
    margin = PercentColumn("Margin", help_text="(price − cost) / price, before any discount")
    stock = CellColumn(editing.STOCK)
    reorder_point = CellColumn(editing.REORDER_POINT, "Reorder at")
    availability = AvailabilityColumn("Availability", orderable=False)
    units = CountColumn("Units 90 d", accessor="recent__units", order_by="recent__units", nulls_last=True)
    net = MoneyColumn("Net sales 90 d", accessor="recent__net", order_by="recent__net")
    last_sold = DateColumn("Last sold", accessor="recent__last_sold", order_by="recent__last_sold", help_text="Within the last 90 days")

    class Meta(BaseTable.Meta):
        empty_text = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.cell_context.get("editable"):
            self.columns.hide("select")

    def render_total(self, column, value):
        """The stock of all rows is a number like any other, and nothing to edit."""
        return count_text(value) if column.name == "stock" else super().render_total(column, value)


class OrderTable(BaseTable):
    """Orders, the newest first."""

    aside = ("line_count", "units", "net")

    number = RecordColumn("Order", page="sales:order", word="number", orderable=False)
    placed_at = DateTimeColumn("Placed", order_by=("placed_at", "pk"), initial_sort_descending=True)
    customer = PageColumn("Customer", page="sales:customer", key="customer_id", accessor="customer__name", orderable=False)
    channel = TextColumn("Channel", accessor="channel__name", orderable=False)
    salesperson = TextColumn("Salesperson", accessor="salesperson__name", orderable=False)
    country = TextColumn("Country", orderable=False)
    status = TagColumn("Status", choices=OrderStatus, tags=STATUS_TAGS, orderable=False)
    # Sums of lines are looked up for the rows of the page alone; sorting by them would add up every order there is.
    line_count = CountColumn("Lines", orderable=False)
    units = CountColumn("Units", orderable=False)
    net = MoneyColumn("Net sales", orderable=False)

    class Meta(BaseTable.Meta):
        order_by = "-placed_at"

    def beside(self, keys):
        """The sums of the lines."""
        return OrderLine.objects.sums_of(keys)


class TierColumn(CellColumn):
    """The tier a customer has now; set by hand or by spend."""

    def __init__(self):
        super().__init__(editing.TIER, accessor="current_tier", orderable=False, help_text="By hand, else by the spend of the last 365 days")

    def render(self, record, table):
        """The name comes from the tiers, which were read once for the table."""
        record.tier_name = self.name_of(record.current_tier, table)
        return super().render(record, table)

    def value(self, value, table):
        """The name alone."""
        return self.name_of(value, table)

    @staticmethod
    def name_of(pk, table) -> str | None:
        """What a tier is called; None without one."""
        return table.cell_context["tiers"][pk].name if pk else None


class DiscountColumn(PercentColumn):
    """What the tier takes off."""

    def __init__(self):
        super().__init__("Discount", accessor="current_tier", orderable=False)

    def render(self, value, table):
        """As a share."""
        return super().render(table.cell_context["tiers"][value].discount)

    def value(self, value, table):
        """The rate."""
        return table.cell_context["tiers"][value].discount


class CustomerTable(BaseTable):
    """Customers with what they ordered."""

    tells = ("name", "country", "tier")
    looked_up_by = "figures__customer"  # the few that are computed are then computed once, not for every row
    row_header = "name"

    select = SelectColumn()
    name = RecordColumn("Customer", page="sales:customer", word="pk", sub="key", sort=(Lower("name"),))
    country = TextColumn("Country", sort=(Upper("country"), Lower("name")))
    tier = TierColumn()
    discount = DiscountColumn()
    orders = CountColumn("Orders", accessor="figures__orders", order_by="figures__orders", sort_through="figures", nulls_last=True)
    spend = MoneyColumn("Net sales", accessor="figures__spend", order_by="figures__spend", sort_through="figures")
    spend_year = MoneyColumn("365 days", accessor="figures__spend_year", order_by="figures__spend_year", sort_through="figures")
    average_order = MoneyColumn("Average order", accessor="figures__average_order", order_by="figures__average_order", sort_through="figures")
    latest_order = DateTimeColumn(
        "Latest order",
        accessor="figures__latest_order_at",
        order_by="figures__latest_order_at",
        sort_through="figures",
        initial_sort_descending=True,
        nulls_last=True,
    )
