"""The cells that managers edit beside the figures of the report: which there are for each dimension, and what they hold for the rows of a page."""

from collections.abc import Iterable

from dashboard.memory import remembered
from dashboard.tables import Kind

from .answers import Row
from .editing import BESIDE_FIGURES, Cell, closed
from .models import Customer, Product, Tier
from .report_page import Choice
from .scope import Scope


def shown_cells(scope: Scope, names: Iterable[str]) -> list[Cell]:
    """The cells asked for that this dimension has, in their own order."""
    return [cell for cell in BESIDE_FIGURES.get(scope.dimension.name, ()) if cell.name in names]


def menu(scope: Scope, names: list[str]) -> list[Choice]:
    """Every cell of the dimension as a switch."""
    choices = []
    for cell in BESIDE_FIGURES.get(scope.dimension.name, ()):
        shown = cell.name in names
        others = [name for name in names if name != cell.name] if shown else [*names, cell.name]
        choices.append(Choice(cell.label, scope.url(edit=",".join(others)), shown))
    return choices


class EditedColumn(Kind):
    """What one cell holds now, as a link to its editor. The figures beside it are of the period: they stay what they were."""

    empty_values = ()

    def __init__(self, cell: Cell, records: dict):
        self.cell, self.records, self.numeric = cell, records, cell.numeric
        super().__init__(f"{cell.label} now", orderable=False, exclude_from_export=True)

    def render(self, record):
        """The link; nothing for the row of those without such a thing."""
        held = self.records.get(record.key)
        return closed(self.cell, held) if held else ""


def columns(request, scope: Scope, cells: list[Cell], rows: list[Row]) -> list[tuple[str, EditedColumn]]:
    """Columns for the cells; what they hold comes in one query for the rows of the page."""
    keys = [row.key for row in rows if row.key is not None]
    records = {"product": products, "customer": customers}[scope.dimension.name](request, keys) if cells else {}
    return [(f"edit_{cell.name}", EditedColumn(cell, records)) for cell in cells]


def products(request, keys: list[str]) -> dict[str, Product]:
    """Products by SKU, with what their cells say."""
    return {product.sku: product for product in Product.objects.filter(sku__in=keys).select_related("category").with_effective_price()}


def customers(request, keys: list[str]) -> dict[str, Customer]:
    """Customers by key, with the name of the tier they have now."""
    tiers = remembered(request, "sales.tiers", lambda: {tier.pk: tier for tier in Tier.objects.all()})
    found = {customer.key: customer for customer in Customer.objects.filter(key__in=keys).with_tier(tiers.values())}
    for customer in found.values():
        customer.tier_name = tiers[customer.current_tier].name if customer.current_tier else None
    return found
