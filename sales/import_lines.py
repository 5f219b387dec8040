"""How order lines come in: by themselves, for orders that are there, or in a flat sales file together with everything they belong to.

The lines of an order are an ordered list: a file's list takes the place of the one in the database, line by line. An order of which
one row is refused is refused as a whole, so that no order ever stands there with a part of its lines.
"""

from dashboard.importing import ImportFailedError
from dashboard.importing.kinds import Text
from dashboard.importing.stage import Stage
from dashboard.imports import Counts

from . import rollups
from .models import Customer, Order, Product
from .validators import SKU_PATTERN, validate_sku

KEY = Text(50)
NAME = Text(200)
SKU = Text(50, SKU_PATTERN, "is not a SKU: " + validate_sku.message)

NO_CUSTOMER = "s.customer IS NOT NULL AND NOT EXISTS (SELECT FROM sales_customer c WHERE c.key = s.customer)"
COUPON_NOWHERE = "'is a coupon on an order whose lines have no worth to spread it over'"
CATEGORY_ID = """coalesce(
    (SELECT c.id FROM sales_category c WHERE c.key = s.category),
    (SELECT min(c.id) FROM sales_category c WHERE lower(c.name) = lower(s.category) HAVING count(*) = 1)
)"""


# --- Orders and the names they bring ---------------------------------------------------------------------------------
def make_names(stage: Stage, counts: Counts) -> None:
    """Create the channels and salespeople that staged orders name."""
    for field, word in (("channel", "channels"), ("salesperson", "salespeople")):
        if field in stage.given:
            counts.also[f"{word} created"] = stage.run(
                f"""
                INSERT INTO sales_{field} (name) SELECT DISTINCT {field} FROM import_stage WHERE {field} IS NOT NULL AND problems IS NULL
                ON CONFLICT (name) DO NOTHING
                """  # noqa: S608 - constants
            )


def order_columns(stage: Stage) -> dict[str, str]:
    """Return what a staged row says of its order."""
    return stage.columns(
        {
            "number": ("number", "s.number"),
            "placed_at": ("placed_at", "s.placed_at"),
            "customer": ("customer_id", "(SELECT c.id FROM sales_customer c WHERE c.key = s.customer)"),
            "channel": ("channel_id", "(SELECT c.id FROM sales_channel c WHERE c.name = s.channel)"),
            "salesperson": ("salesperson_id", "(SELECT p.id FROM sales_salesperson p WHERE p.name = s.salesperson)"),
            "status": ("status", "coalesce(s.status, 'placed')"),
            "country": ("country", "coalesce(s.country, '')"),
            "shipping": ("shipping", "coalesce(s.shipping, 0)"),
            "coupon": ("coupon", "coalesce(s.coupon, 0)"),
        },
    )


def spread_coupons(stage: Stage) -> int:
    """Share the coupon of every staged order out over its lines, by their worth, in ten-thousandths, by largest remainder.

    Lines without worth (free, returned) get no share. The shares sum to the coupon exactly. Returns how many lines changed.
    """
    # Where the file says nothing of coupons, an order without one has lines without shares, and nobody has to look.
    emptied = "OR EXISTS (SELECT FROM sales_orderline l WHERE l.order_id = o.id AND l.coupon_share <> 0)" if "coupon" in stage.given else ""
    return stage.run(
        f"""
        WITH concerned AS (
            SELECT o.id, o.coupon FROM sales_order o
            WHERE EXISTS (SELECT FROM import_stage s WHERE s.number = o.number AND s.problems IS NULL) AND (o.coupon <> 0 {emptied})
        ), worth AS (
            SELECT l.id, l.order_id, l.position, c.coupon, greatest(l.quantity * l.unit_price - l.discount_amount, 0) AS worth
            FROM sales_orderline l JOIN concerned c ON c.id = l.order_id
        ), exact AS (
            SELECT *, coupon * worth / nullif(sum(worth) OVER (PARTITION BY order_id), 0) AS exact FROM worth
        ), ranked AS (
            SELECT id, trunc(exact, 4) AS share, round((coupon - sum(trunc(exact, 4)) OVER (PARTITION BY order_id)) * 10000) AS missing,
                row_number() OVER (PARTITION BY order_id ORDER BY exact - trunc(exact, 4) DESC, position) AS rank
            FROM exact
        ), shares AS (
            SELECT id, share + CASE WHEN rank <= missing THEN 0.0001 ELSE 0 END AS share FROM ranked
        )
        UPDATE sales_orderline l SET coupon_share = s.share FROM shares s WHERE s.id = l.id AND l.coupon_share IS DISTINCT FROM s.share
        """  # noqa: S608 - constants
    )


# --- Lines -----------------------------------------------------------------------------------------------------------
def amounts(stage: Stage) -> dict[str, str]:
    """Return unit price, discount and unit cost as expressions over a staged row s.

    From a net amount the price is derived upwards to four decimals, and what that adds goes to the discount: the net amount stays
    exact. A cost derived from the gross profit is rounded half up to four decimals a unit.
    """
    if "net_amount" in stage.given:
        before_discount = {
            "discount": "s.net_amount / nullif(1 - coalesce(s.discount, 0), 0)",
            "discount_amount": "(s.net_amount + coalesce(s.discount_amount, 0))",
        }
        gross = next((sql for name, sql in before_discount.items() if name in stage.given), "s.net_amount")
        price, net = f"ceil({gross} / nullif(s.quantity, 0) * 10000) / 10000", "s.net_amount"
        discount = f"({price}) * s.quantity - s.net_amount"
    else:
        price = "s.unit_price"
        discount = (
            "coalesce(s.discount_amount, 0)" if "discount_amount" in stage.given else "round(s.unit_price * s.quantity * coalesce(s.discount, 0), 4)"
        )
        net = f"(s.unit_price * s.quantity - {discount})"
    cost = f"round(({net} - s.gross_profit) / nullif(s.quantity, 0), 4)" if "gross_profit" in stage.given else "s.unit_cost"
    return {"unit_price": price, "discount_amount": discount, "unit_cost": cost}


def check_lines(stage: Stage) -> None:
    """What holds for every line, whatever file it comes in; at last, orders with a refused row are refused as a whole."""
    values = amounts(stage)
    stage.refuse("quantity", "s.quantity = 0", "'is zero: a line sells something, or takes it back'")
    if "net_amount" in stage.given and "discount" in stage.given:
        stage.refuse("discount", "s.discount = 1", "'is 100 %: the price cannot be told from the net amount'")
    if "gross_profit" in stage.given:
        stage.refuse("gross_profit", f"({values['unit_cost']}) < 0", "'is more than the net amount: the cost would be below zero'")
    cut = """s.number IN (
        SELECT o.number FROM sales_orderline r JOIN sales_orderline l ON l.id = r.return_of_id JOIN sales_order o ON o.id = l.order_id
        JOIN (SELECT number, count(*) AS lines FROM import_stage GROUP BY number) f ON f.number = o.number AND l.position > f.lines)"""
    stage.refuse("number", cut, "'has fewer lines here than there are, and one of the others was returned since'")
    if "coupon" in stage.given:
        worth = f"sum(greatest(({values['unit_price']}) * s.quantity - ({values['discount_amount']}), 0))"
        worthless = f"SELECT s.number FROM import_stage s GROUP BY s.number HAVING {worth} = 0"  # noqa: S608 - constants
        stage.refuse("coupon", f"s.coupon > 0 AND s.number IN ({worthless})", COUPON_NOWHERE)
    stage.run(
        """
        UPDATE import_stage s SET problems = jsonb_build_array(jsonb_build_object(
            'field', 'number', 'value', s.number, 'reason', 'another row of this order is refused: line ' || refused.line))
        FROM (SELECT number, min(line) AS line FROM import_stage WHERE problems IS NOT NULL AND number IS NOT NULL GROUP BY number) refused
        WHERE refused.number = s.number AND s.problems IS NULL
        """
    )


def write_lines(stage: Stage, counts: Counts) -> None:
    """Bring the lines of the staged orders to the file's list: lines that are so already are not touched."""
    values = amounts(stage)
    stage.learn("sales_order", "sales_product", "sales_customer")
    stage.run("DROP TABLE IF EXISTS pg_temp.import_lines")
    stage.run(
        f"""
        CREATE TEMPORARY TABLE import_lines ON COMMIT DROP AS
        SELECT s.line, o.id AS order_id, row_number() OVER (PARTITION BY o.id ORDER BY s.line)::integer AS position, p.id AS product_id, s.quantity,
            {", ".join(f"({sql})::numeric(14, 4) AS {name}" for name, sql in values.items())}
        FROM import_stage s JOIN sales_order o ON o.number = s.number JOIN sales_product p ON p.sku = s.sku WHERE s.problems IS NULL
        """  # noqa: S608 - constants
    )
    stage.run("ANALYZE import_lines")
    counts.removed = stage.run(
        """
        DELETE FROM sales_orderline l USING (SELECT order_id, max(position) AS last FROM import_lines GROUP BY order_id) f
        WHERE l.order_id = f.order_id AND l.position > f.last
        """
    )
    sources = {"discount_amount": ("discount", "discount_amount", "net_amount"), "unit_cost": ("unit_cost", "gross_profit")}
    known = ["product_id", "quantity", "unit_price", *(name for name, fields in sources.items() if stage.given.intersection(fields))]
    ours, new = (", ".join(f"{table}.{name}" for name in known) for table in ("l", "f"))
    counts.updated = stage.run(
        f"""
        UPDATE sales_orderline l SET ({", ".join(known)}) = ROW({new}) FROM import_lines f
        WHERE l.order_id = f.order_id AND l.position = f.position AND ({ours}) IS DISTINCT FROM ({new})
        """  # noqa: S608 - constants
    )
    counts.created = stage.run(
        """
        INSERT INTO sales_orderline (order_id, position, product_id, quantity, unit_price, discount_amount, coupon_share, unit_cost)
        SELECT order_id, position, product_id, quantity, unit_price, discount_amount, 0, unit_cost FROM import_lines f
        WHERE NOT EXISTS (SELECT FROM sales_orderline l WHERE l.order_id = f.order_id AND l.position = f.position) ORDER BY line
        """
    )
    stage.learn("sales_orderline")
    spread_coupons(stage)


def check_order_lines(stage: Stage) -> None:
    """Order and product of a line are there already."""
    stage.refuse("number", "s.number IS NOT NULL AND NOT EXISTS (SELECT FROM sales_order o WHERE o.number = s.number)", "'no order has this number'")
    stage.refuse("sku", "s.sku IS NOT NULL AND NOT EXISTS (SELECT FROM sales_product p WHERE p.sku = s.sku)", "'no product has this SKU'")
    check_lines(stage)


def apply_order_lines(stage: Stage) -> Counts:
    """Write the lines."""
    counts = Counts()
    write_lines(stage, counts)
    return counts


# --- Flat sales files ------------------------------------------------------------------------------------------------
def check_sales(stage: Stage) -> None:
    """All rows of an order say the same of it; their moments may differ within a day, and then the first row counts."""
    if "customer_name" in stage.given and "customer" not in stage.given:
        raise ImportFailedError("The file names customers without a key: a map can read customer from the same column.")
    stage.refuse("customer_name", "s.customer IS NULL AND s.customer_name IS NOT NULL", "'names a customer without a key'")
    several = """s.category IS NOT NULL AND NOT EXISTS (SELECT FROM sales_category c WHERE c.key = s.category)
        AND (SELECT count(*) FROM sales_category c WHERE lower(c.name) = lower(s.category)) > 1"""
    stage.refuse("category", several, "'several categories have this name'")
    stage.run("DROP TABLE IF EXISTS pg_temp.import_orders")
    stage.run(
        """
        CREATE TEMPORARY TABLE import_orders ON COMMIT DROP AS
        SELECT DISTINCT ON (number) * FROM import_stage WHERE problems IS NULL ORDER BY number, line
        """
    )
    stage.run("CREATE INDEX ON import_orders (number)")
    stage.run("ANALYZE import_orders")
    refuse_contradictions(stage)
    check_lines(stage)


def refuse_contradictions(stage: Stage) -> None:
    """Refuse rows that say something else of their order than its first row; one look tells which fields are worth a second."""
    differs = "'differs from the first row of the same order'"
    whole = [field for field in ("customer", "channel", "salesperson", "status", "country", "shipping", "coupon") if field in stage.given]
    rules = [(field, f"f.{field} IS DISTINCT FROM s.{field}", differs) for field in whole]
    another_day = "f.placed_at <> s.placed_at AND business_date(f.placed_at) <> business_date(s.placed_at)"
    rules.append(("placed_at", another_day, "'is another day than in the first row of the same order'"))
    some = ", ".join(f"bool_or({condition})" for _, condition, _ in rules)
    found = stage.rows(f"SELECT {some} FROM import_stage s JOIN import_orders f ON f.number = s.number")[0]  # noqa: S608 - constants
    for (field, condition, reason), there in zip(rules, found, strict=True):
        if there:
            stage.refuse(field, f"EXISTS (SELECT FROM import_orders f WHERE f.number = s.number AND {condition})", reason)


def make_parents(stage: Stage, counts: Counts) -> None:
    """Create the categories, products and customers that the rows name and that are missing.

    What is there stays as it is. A product or customer without any name is called by its key; a later file may give it a name.
    """
    make_names(stage, counts)
    if "category" in stage.given:
        counts.also["categories created"] = stage.run(
            f"""
            INSERT INTO sales_category (key, name) SELECT left(s.category, 50), s.category
            FROM (SELECT DISTINCT category FROM import_stage WHERE problems IS NULL AND category IS NOT NULL ORDER BY category) s
            WHERE {CATEGORY_ID} IS NULL ON CONFLICT (key) DO NOTHING
            """  # noqa: S608 - constants
        )
    parents = (
        ("sku", "product_name", Product, "sku", {"category_id": CATEGORY_ID} if "category" in stage.given else {}, "products"),
        ("customer", "customer_name", Customer, "key", {"country": "coalesce(s.country, '')"} if "country" in stage.given else {}, "customers"),
    )
    for field, name, model, key, extra, word in parents:
        if field not in stage.given:
            continue
        stage.run("DROP TABLE IF EXISTS pg_temp.import_parents")
        stage.run(
            f"""
            CREATE TEMPORARY TABLE import_parents ON COMMIT DROP AS
            SELECT k.key, n.{name} AS name, f.category, f.country FROM (
                SELECT {field} AS key, min(line) AS line, min(line) FILTER (WHERE {name} IS NOT NULL) AS named
                FROM import_stage WHERE problems IS NULL AND {field} IS NOT NULL GROUP BY {field}
            ) k JOIN import_stage f ON f.line = k.line LEFT JOIN import_stage n ON n.line = k.named
            """  # noqa: S608 - constants
        )
        table = model._meta.db_table
        named = f"UPDATE {table} t SET name = s.name FROM import_parents s WHERE t.{key} = s.key AND t.name = t.{key} AND s.name <> t.name"  # noqa: S608
        counts.also[f"{word} named"] = stage.run(named)
        missing = f"import_parents s WHERE NOT EXISTS (SELECT FROM {table} t WHERE t.{key} = s.key)"
        counts.also[f"{word} created"], _ = stage.upsert(model, key, {key: "s.key", "name": "coalesce(s.name, s.key)", **extra}, missing)


def apply_sales(stage: Stage) -> Counts:
    """Create what the rows belong to, then the orders, then their lines."""
    counts = Counts()
    make_parents(stage, counts)
    good = "import_orders s WHERE EXISTS (SELECT FROM import_stage r WHERE r.line = s.line AND r.problems IS NULL)"
    created, updated = stage.upsert(Order, "number", order_columns(stage), good, keep="import_new_order")
    counts.also.update({"orders created": created, "orders updated": updated})
    moments = stage.one(
        """
        SELECT count(DISTINCT s.number) FROM import_stage s JOIN import_orders f ON f.number = s.number
        WHERE s.problems IS NULL AND f.placed_at <> s.placed_at
        """
    )
    if moments:
        counts.notes.append(f"{moments:,} orders have rows of several moments of one day: the first row's counts.")
    write_lines(stage, counts)
    return counts


def settle_sales() -> None:
    """Count the new orders in the summaries, with the rows themselves; what the file changed otherwise is marked for the refresh."""
    rollups.add("SELECT id FROM import_new_order")
