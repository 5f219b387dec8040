"""The sample company's sales: two or three years of orders, made by the database from hashes of a seed, the same for the same seed and day.

Products, prices by month and days are few and made here; customers, orders, lines, coupons and returns are set-based SQL in
demo_sql.py, so that ten million lines take minutes.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.db import connection

from . import demo_catalogue as words
from .demo_sql import FUNCTIONS, STATEMENTS, TABLES
from .models import Category, Channel, Product, Salesperson, Tier
from .validators import gtin_check_digit

WEEKDAYS = (0.8, 0.8, 0.9, 1.0, 1.2, 1.6, 0.7)
CENT = Decimal("0.01")
# What becomes of products 0 to 9 of every 32, in an order that spreads them over the categories; the others are ordinary.
FATES = ("archived", "new", "never sold", "sold out", "sold out", "pre-order", "low", "low", "low", "no cost")
EVERY = 32


@dataclass(frozen=True)
class Size:
    """How large a sample company is. `odds` are the chances that an order has at most one, two and three lines; none has more than four."""

    lines: int
    customers: int
    products: int
    days: int = 730
    lines_per_order: float = 2.1
    odds: tuple[float, float, float] = (0.38, 0.69, 0.87)

    @property
    def months(self) -> int:
        """Calendar months that its days touch, at most."""
        return self.days * 12 // 365 + 1


BIG = {"days": 1095, "lines_per_order": 2.615, "odds": (0.22, 0.47, 0.745)}  # with its returns: 2.5 lines a document
SIZES = {
    "S": Size(5_000, 320, 64),
    "M": Size(500_000, 20_000, 640),
    "L": Size(10_000_000, 200_000, 5_000, **BIG),
    "XL": Size(100_000_000, 200_000, 5_000, **BIG),
}


def build(*, size: str, seed: int, now: datetime) -> None:
    """Make the sales side of the sample company in an empty database: orders of its days up to `now` (local, aware)."""
    scale, dice, today = SIZES[size], random.Random(seed), now.date()  # noqa: S311 - reproducible, not secret
    categories = make_categories()
    make_settings()
    products, launched, ended = make_products(scale, categories, dice, today)
    slots = len(products) * 8
    values = {
        "seed": seed,
        "now": now,
        "today": today,
        "first_day": today - timedelta(days=scale.days - 1),
        "days": scale.days,
        "odds": list(scale.odds),
        "zone": settings.TIME_ZONE,
        "customers": scale.customers,
        "slots": slots,
        "first_names": list(words.FIRST_NAMES),
        "last_names": list(words.LAST_NAMES),
        "countries": [country for country, _ in words.PLACES],
        "cities": [city for _, city in words.PLACES],
        "home": words.HOME_COUNTRY,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(FUNCTIONS, {"seed": seed})
        cursor.execute(TABLES)
        copy(cursor, "demo_month", ["product_id", "month", "price", "cost", "weight"], months(products, launched, ended, scale, today))
        copy(cursor, "demo_day", ["day", "month", "first", "orders"], days(scale, dice, today))
        with bare(cursor, "sales_order", "sales_orderline"):
            for statement in STATEMENTS:
                cursor.execute(statement, values)


@contextmanager
def bare(cursor, *tables: str) -> Iterator[None]:
    """Take foreign keys and plain indexes off tables and put them back when everything is in: kept up row by row they cost ten times as much."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute(
        """
        SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
            format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY(%(tables)s)
        UNION ALL
        SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
        FROM pg_index WHERE NOT indisunique AND indrelid::regclass::text = ANY(%(tables)s)
        """,
        {"tables": list(tables)},
    )
    taken = cursor.fetchall()
    for off, _ in taken:
        cursor.execute(off)
    yield
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for _, back in reversed(taken):
        cursor.execute(back)


def copy(cursor, table: str, columns: list[str], rows) -> None:
    """Stream rows into a temporary table."""
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as stream:
        for row in rows:
            stream.write_row(row)


def make_categories() -> dict[str, Category]:
    """The tree of categories, parents first."""
    made = {}
    for group in words.CATEGORIES:
        parent = made.get(group.parent)
        made[group.key] = Category.objects.create(key=group.key, name=group.name, parent=parent, default_price=group.default_price)
    return made


def make_settings() -> None:
    """Tiers, channels and salespeople."""
    Tier.objects.bulk_create(Tier(name=name, min_spend=spend, discount=discount) for name, spend, discount in words.TIERS)
    Channel.objects.bulk_create(Channel(name=name) for name in words.CHANNELS)
    Salesperson.objects.bulk_create(Salesperson(name=name) for name in words.SALESPEOPLE)


def make_products(scale: Size, categories: dict, dice: random.Random, today: date) -> tuple[list, dict, dict]:
    """Products with today's prices and stock; and from and until which month each was sold (0 is the first), where not always."""
    prefixes = {group.key: group.prefix for group in words.CATEGORIES}
    numbers, products, launched, ended = defaultdict(lambda: 100), [], {}, {}
    for index in range(scale.products):
        item, variant = words.ITEMS[index % len(words.ITEMS)], index // len(words.ITEMS)
        numbers[item.category] += 1
        product = Product(
            sku=f"{prefixes[item.category]}-{numbers[item.category]}",
            name=item.name + (f", {variant_name(variant - 1)}" if variant else ""),
            category=categories[item.category],
            price=item.price and (Decimal(item.price) * (100 + 2 * (variant % 5)) / 100).quantize(CENT, ROUND_HALF_UP),
        )
        price = product.price if product.price is not None else Decimal(categories[item.category].default_price)
        product.cost = (price * Decimal(str(item.cost_share))).quantize(CENT, ROUND_HALF_UP)
        digits = f"29{index:010d}"
        product.gtin = f"{digits}{gtin_check_digit(digits)}"
        product.reorder_point = max(2, round(40 / float(price) ** 0.5) + dice.randint(0, 4))
        product.weight = item.weight / (1 + variant) ** 0.5
        give_fate(product, index, scale.months, launched, ended, dice, today)
        products.append(product)
    return Product.objects.bulk_create(products, batch_size=1000), launched, ended


def variant_name(number: int) -> str:
    """«moss L»: each number gives another pair of colour and size."""
    return f"{words.COLOURS[number % len(words.COLOURS)]} {words.FINISHES[number % len(words.FINISHES)]}"


def give_fate(product: Product, index: int, months: int, launched: dict, ended: dict, dice: random.Random, today: date) -> None:
    """Stock on the shelf, and the few products that are archived, new, never sold, sold out, on pre-order or without a cost."""
    product.stock = round(product.reorder_point * dice.uniform(1.4, 6))
    place = (index * 7 + 11) % EVERY
    match FATES[place] if place < len(FATES) else "ordinary":
        case "archived":
            ended[product.sku], product.active, product.stock = months - 5, False, dice.randint(0, 3)
        case "new":
            launched[product.sku] = months - 5
        case "never sold":
            launched[product.sku] = months
        case "sold out":
            product.stock = 0
        case "pre-order":
            product.stock, product.preorder_from = 0, today + timedelta(days=dice.randint(10, 60))
        case "low":
            product.stock = dice.randint(1, product.reorder_point)
        case "no cost":
            product.cost = None


def months(products: list, launched: dict, ended: dict, scale: Size, today: date):
    """What each product cost in each month and how much it was asked for; zero before its launch, after its end, and while it was out of stock."""
    seasons = {group.key: words.SEASONS[group.season] for group in words.CATEGORIES}
    first = month_of(today - timedelta(days=scale.days - 1))
    for number, product in enumerate(products, 1):
        price = product.price if product.price is not None else product.category.default_price
        rise = 5 + number % 7
        empty = {number % 23, (number * 5) % 23} if number % 9 == 0 else ()
        for month in range(scale.months):
            rises_since = (scale.months - 1 + rise) // 12 - (month + rise) // 12
            then = (Decimal(price) / Decimal("1.035") ** rises_since).quantize(CENT, ROUND_HALF_UP)
            cost = product.cost and (product.cost / Decimal("1.03") ** rises_since).quantize(CENT, ROUND_HALF_UP)
            on_sale = launched.get(product.sku, 0) <= month <= ended.get(product.sku, scale.months) and month not in empty
            season = seasons[product.category.key][(first + month) % 12]
            yield product.pk, month, then, cost, product.weight * season if on_sale else 0


def month_of(day: date) -> int:
    """Months since year 0; January is a multiple of twelve."""
    return day.year * 12 + day.month - 1


def days(scale: Size, dice: random.Random, today: date):
    """How many orders each day had: growth, season, weekday and chance; the counts sum to the orders wanted exactly."""
    orders = round(scale.lines / scale.lines_per_order)
    first_day = today - timedelta(days=scale.days - 1)
    first = month_of(first_day)
    weights = []
    for number in range(scale.days):
        day = first_day + timedelta(days=number)
        season = (words.SEASONS["all"][day.month - 1] + words.SEASONS["summer"][day.month - 1]) / 2
        rush = 1.8 if (day.month, day.day) >= (11, 24) and (day.month, day.day) <= (12, 20) else 1
        weights.append((1 + 0.5 * number / scale.days) * season * WEEKDAYS[day.weekday()] * rush * dice.uniform(0.75, 1.25))
    total, running, before = sum(weights), 0.0, 0
    for number, weight in enumerate(weights):
        day = first_day + timedelta(days=number)
        running += weight
        until = round(orders * running / total)
        yield day, month_of(day) - first, before, until - before
        before = until
