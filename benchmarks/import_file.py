"""Makes a flat sales file of any size to import: invented, the same for the same seed, in constant memory."""

import csv
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

ROWS = 1_000_000
PRODUCTS, CUSTOMERS, DAYS = 5_000, 50_000, 3 * 365
FIRST_DAY = datetime(2023, 1, 1)  # noqa: DTZ001 - a file holds the company's own time
HEADER = (
    *("order_number", "order_date", "customer_id", "customer_name", "country", "channel"),
    *("sku", "product_name", "category", "quantity", "unit_price", "unit_cost"),
)
COUNTRIES = ("Netherlands", "Germany", "Belgium", "France", "Denmark", "Spain", "Austria", "Italy")
CHANNELS = ("Web shop", "Store", "Phone", "Marketplace")
MOST_LINES = 5  # of an order; the mean is 3


def rows(count: int, seed: int = 1) -> Iterator[tuple]:
    """Order lines, the lines of an order together and orders in the course of time."""
    chance = random.Random(seed)
    prices = [chance.randrange(100, 50_000) for _ in range(PRODUCTS)]
    made, number = 0, 0
    while made < count:
        number += 1
        moment = FIRST_DAY + timedelta(minutes=made * DAYS * 1440 // count)
        customer = chance.randrange(CUSTOMERS)
        whose = (f"N{number:07}", f"{moment:%Y-%m-%d %H:%M}", f"C{customer:05}", f"Customer {customer:05}", COUNTRIES[customer % 8])
        channel = CHANNELS[chance.randrange(4)]
        for _ in range(min(chance.randint(1, MOST_LINES), count - made)):
            product = int(chance.random() ** 2 * PRODUCTS)  # a few sell a lot
            price = prices[product]
            what = (f"P{product:04}", f"Product {product:04}", f"Category {product % 40:02}", chance.randint(1, 9))
            yield *whose, channel, *what, f"{price / 100:.2f}", f"{price * 0.6 / 100:.2f}"
            made += 1


def make_file(path: Path, count: int = ROWS, seed: int = 1) -> Path:
    """Write a file of `count` order lines; returns its path."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows(count, seed))
    return path
