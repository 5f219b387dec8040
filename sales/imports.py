"""The import entities of sales: categories, products, customers and orders. Order lines and flat sales files are in import_lines.py."""

from dashboard.importing.kinds import Choice, Day, Email, Moment, Number, Text, YesNo, integer
from dashboard.importing.stage import Stage
from dashboard.imports import Counts, Entity, Field, register

from . import import_lines, rollups
from .import_lines import CATEGORY_ID, COUPON_NOWHERE, KEY, NAME, SKU, make_names, order_columns, spread_coupons
from .models import Category, Customer, Order, OrderStatus, Product

PRICE = Number(minimum=0)


# --- Categories ------------------------------------------------------------------------------------------------------
# The key a category's parent goes by, whether the file or the database has it, by key or else by name.
PARENT_KEY = """coalesce(
    (SELECT min(p.key) FROM import_stage p WHERE p.key = s.parent),
    (SELECT p.key FROM sales_category p WHERE p.key = s.parent),
    (SELECT min(p.key) FROM import_stage p WHERE lower(p.name) = lower(s.parent) HAVING count(DISTINCT p.key) = 1),
    (SELECT min(p.key) FROM sales_category p WHERE lower(p.name) = lower(s.parent) HAVING count(*) = 1)
)"""


def check_categories(stage: Stage) -> None:
    """A parent is in the file or in the database, is not refused itself, and is nowhere below its own child."""
    stage.refuse_differing_repeats("key", stage.fields)
    stage.refuse("parent", f"s.parent IS NOT NULL AND {PARENT_KEY} IS NULL", "'no category has this key or name'")
    stage.run(f"UPDATE import_stage s SET parent = {PARENT_KEY} WHERE s.parent IS NOT NULL AND s.problems IS NULL")  # noqa: S608 - constants
    stage.run(
        """
        CREATE TEMPORARY TABLE import_above ON COMMIT DROP AS
        WITH RECURSIVE link AS (
            SELECT key, parent FROM import_stage WHERE parent IS NOT NULL
            UNION SELECT c.key, p.key FROM sales_category c JOIN sales_category p ON p.id = c.parent_id
            WHERE NOT EXISTS (SELECT FROM import_stage s WHERE s.key = c.key)
        ), above AS (
            SELECT key, parent FROM link UNION SELECT a.key, l.parent FROM above a JOIN link l ON l.key = a.parent
        ) SELECT key FROM above WHERE key = parent
        """
    )
    stage.refuse("parent", "EXISTS (SELECT FROM import_above a WHERE a.key = s.key)", "'makes a category its own parent'")
    stage.run("DROP TABLE import_above")
    lost = """s.problems IS NULL AND s.parent IS NOT NULL AND NOT EXISTS (SELECT FROM sales_category p WHERE p.key = s.parent)
        AND NOT EXISTS (SELECT FROM import_stage p WHERE p.key = s.parent AND p.problems IS NULL)"""
    while stage.refuse("parent", lost, "'is refused itself'"):
        pass


def apply_categories(stage: Stage) -> Counts:
    """Write categories level by level, parents before their children, so that a file may have them in any order."""
    columns = stage.columns(
        {"key": ("key", "s.key"), "name": ("name", "s.name"), "parent": ("parent_id", "p.id"), "default_price": ("default_price", "s.default_price")},
    )
    ready = "import_stage s LEFT JOIN sales_category p ON p.key = s.parent WHERE s.problems IS NULL AND (s.parent IS NULL OR p.id IS NOT NULL)"
    counts = Counts()
    while True:
        created, updated = stage.upsert(Category, "key", columns, ready)
        counts.created += created
        counts.updated += updated
        if not created:
            return counts


CATEGORIES = Entity(
    "categories",
    (
        Field("key", KEY, required=True, synonyms=("category_id", "category_key", "id")),
        Field("name", Text(100), required=True, synonyms=("category_name",)),
        Field("parent", Text(100), synonyms=("parent_id", "parent_category")),
        Field("default_price", PRICE),
    ),
    check_categories,
    apply_categories,
)


# --- Products --------------------------------------------------------------------------------------------------------
def check_products(stage: Stage) -> None:
    """A product's category is there, by its key or by a name that only one has."""
    stage.refuse_differing_repeats("sku", stage.fields)
    stage.refuse("category", f"s.category IS NOT NULL AND {CATEGORY_ID} IS NULL", "'no category has this key, and not exactly one has this name'")


def apply_products(stage: Stage) -> Counts:
    """Create and update products; a changed one gets a new version, so that a stale edit on a page is noticed."""
    columns = stage.columns(
        {
            "sku": ("sku", "s.sku"),
            "name": ("name", "s.name"),
            "category": ("category_id", CATEGORY_ID),
            "price": ("price", "s.price"),
            "cost": ("cost", "s.cost"),
            "stock": ("stock", "coalesce(s.stock, 0)"),
            "reorder_point": ("reorder_point", "coalesce(s.reorder_point, 0)"),
            "preorder_from": ("preorder_from", "s.preorder_from"),
            "active": ("active", "coalesce(s.active, true)"),
        },
    )
    return Counts(*stage.upsert(Product, "sku", columns, "import_stage s WHERE s.problems IS NULL", touch={"version": "t.version + 1"}))


PRODUCTS = Entity(
    "products",
    (
        Field("sku", SKU, required=True, synonyms=("product_id", "product_code", "stock_code", "item_number", "id")),
        Field("name", NAME, required=True, synonyms=("product_name", "title")),
        Field("category", Text(100), synonyms=("category_id", "category_key", "category_name")),
        Field("price", PRICE, synonyms=("unit_price", "list_price")),
        Field("cost", PRICE, synonyms=("unit_cost", "cost_price")),
        Field("stock", integer(0), synonyms=("units_in_stock", "stock_quantity", "quantity_on_hand")),
        Field("reorder_point", integer(0), synonyms=("reorder_level",)),
        Field("preorder_from", Day()),
        Field("active", YesNo()),
    ),
    check_products,
    apply_products,
    after=rollups.refresh,
)


# --- Customers -------------------------------------------------------------------------------------------------------
# A tier that an import makes is given by hand only, until a manager sets the spend from which it is reached.
UNREACHABLE_SPEND = 9_000_000_000


def check_customers(stage: Stage) -> None:
    """A customer stands in a file once, or every time alike."""
    stage.refuse_differing_repeats("key", stage.fields)


def apply_customers(stage: Stage) -> Counts:
    """Create and update customers, and the tiers they name."""
    counts = Counts()
    counts.also["tiers created"] = stage.run(
        """
        INSERT INTO sales_tier (name, discount, min_spend)
        SELECT min(s.tier), 0, %s + coalesce(max(made.number), 0) + row_number() OVER (ORDER BY lower(s.tier))
        FROM import_stage s, (SELECT max(min_spend) - %s AS number FROM sales_tier WHERE min_spend >= %s) made
        WHERE s.problems IS NULL AND s.tier IS NOT NULL AND NOT EXISTS (SELECT FROM sales_tier t WHERE lower(t.name) = lower(s.tier))
        GROUP BY lower(s.tier)
        """,
        [UNREACHABLE_SPEND] * 3,
    )
    if counts.also["tiers created"]:
        counts.notes.append("New tiers are given by hand only: set the spend from which each is reached.")
    columns = stage.columns(
        {
            "key": ("key", "s.key"),
            "name": ("name", "s.name"),
            "email": ("email", "coalesce(s.email, '')"),
            "city": ("city", "coalesce(s.city, '')"),
            "country": ("country", "coalesce(s.country, '')"),
            "tier": ("tier_id", "(SELECT t.id FROM sales_tier t WHERE lower(t.name) = lower(s.tier))"),
        },
    )
    counts.created, counts.updated = stage.upsert(Customer, "key", columns, "import_stage s WHERE s.problems IS NULL")
    return counts


CUSTOMERS = Entity(
    "customers",
    (
        Field("key", KEY, required=True, synonyms=("customer_id", "customer_key", "customer_number", "id")),
        Field("name", NAME, required=True, synonyms=("customer_name", "company_name", "full_name")),
        Field("email", Email(254), synonyms=("email_address",)),
        Field("city", Text(100)),
        Field("country", Text(60)),
        Field("tier", Text(50)),
    ),
    check_customers,
    apply_customers,
)


# --- Orders ----------------------------------------------------------------------------------------------------------
def check_orders(stage: Stage) -> None:
    """An order's customer is there, and its coupon has lines of some worth to be spread over, if it has lines yet."""
    stage.refuse_differing_repeats("number", stage.fields)
    stage.refuse("customer", import_lines.NO_CUSTOMER, "'no customer has this key'")
    lines = "SELECT FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id WHERE o.number = s.number"
    worthless = f"s.coupon > 0 AND EXISTS ({lines}) AND NOT EXISTS ({lines} AND l.quantity * l.unit_price > l.discount_amount)"
    stage.refuse("coupon", worthless, COUPON_NOWHERE)


def apply_orders(stage: Stage) -> Counts:
    """Create and update orders with the channels and salespeople they name; a coupon is spread over the lines there are."""
    counts = Counts()
    make_names(stage, counts)
    counts.created, counts.updated = stage.upsert(Order, "number", order_columns(stage), "import_stage s WHERE s.problems IS NULL")
    spread_coupons(stage)
    return counts


ORDER_FIELDS = (
    Field("number", KEY, required=True, synonyms=("order_id", "order_number", "order_no", "invoice_no", "invoice_number", "invoice_id")),
    Field("placed_at", Moment(), required=True, synonyms=("order_date", "invoice_date", "ordered_at")),
    Field("customer", KEY, synonyms=("customer_id", "customer_key", "customer_number")),
    Field("channel", Text(60), synonyms=("sales_channel",)),
    Field("salesperson", Text(100), synonyms=("sales_rep", "sales_person")),
    Field("status", Choice(tuple(OrderStatus.choices)), synonyms=("order_status",)),
    Field("country", Text(60), synonyms=("ship_country", "shipping_country")),
    Field("shipping", Number(), synonyms=("freight", "shipping_cost")),
    Field("coupon", PRICE, synonyms=("coupon_amount",)),
)
LINE_FIELDS = (
    Field("sku", SKU, required=True, synonyms=("product_id", "product_code", "stock_code", "item_number")),
    Field("quantity", integer(), required=True, synonyms=("qty",)),
    Field("unit_price", Number()),
    Field("net_amount", Number()),
    Field("discount", Number(decimals=20, minimum=0, maximum=1), synonyms=("discount_rate",)),
    Field("discount_amount", Number()),
    Field("unit_cost", PRICE),
    Field("gross_profit", Number()),
)
NEEDS = (("unit_price", "net_amount"),)
EXCLUSIVE = (("unit_price", "net_amount"), ("discount", "discount_amount"), ("unit_cost", "gross_profit"))

ORDERS = Entity("orders", ORDER_FIELDS, check_orders, apply_orders, after=rollups.refresh)
ORDER_LINES = Entity(
    "order_lines",
    (ORDER_FIELDS[0], *LINE_FIELDS),
    import_lines.check_order_lines,
    import_lines.apply_order_lines,
    needs=NEEDS,
    exclusive=EXCLUSIVE,
    after=rollups.refresh,
)
SALES = Entity(
    "sales",
    (
        *ORDER_FIELDS,
        *LINE_FIELDS,
        Field("customer_name", NAME),
        Field("product_name", NAME, synonyms=("description",)),
        Field("category", Text(100), synonyms=("category_name", "product_category")),
    ),
    import_lines.check_sales,
    import_lines.apply_sales,
    needs=NEEDS,
    exclusive=EXCLUSIVE,
    settle=import_lines.settle_sales,
    after=rollups.refresh,
)

register(CATEGORIES, PRODUCTS, CUSTOMERS, ORDERS, ORDER_LINES, SALES)
