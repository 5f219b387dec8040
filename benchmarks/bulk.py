"""Bulk edits of a hundred and of ten thousand products through their page, and edits of one cell: statements and milliseconds, in a copy."""

import itertools
import re
import statistics

from django.db import connection
from django.urls import reverse

from sales.models import Product

from .data import Setting
from .results import Findings
from .timing import Samples, answer

TITLE = "Edits: one cell, 100 rows, 10,000 rows"
MANY = 10_000
MAKE = """
INSERT INTO sales_product (sku, name, gtin, price, cost, stock, reorder_point, active, version, created_at)
SELECT 'BENCH-' || n, 'Benchmark product ' || n, '', 10 + n %% 90, 5, 100, 10, true, 0, now() FROM generate_series(1, %s) n
"""


def run(setting: Setting) -> Findings:
    """Edit products made for it."""
    findings = Findings()
    client = setting.client(setting.scratch())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sales_product WHERE sku LIKE 'BENCH-%%'")
        cursor.execute(MAKE, [MANY])
        cursor.execute("ANALYZE sales_product")
    made = list(Product.objects.filter(sku__startswith="BENCH-").order_by("pk").values_list("pk", flat=True))
    bulk, pricing, rows = reverse("sales:products_bulk"), reverse("sales:pricing_apply"), []
    actions = ((pricing, "reprice", {"how": "+1%"}), (bulk, "archive", {}), (bulk, "restore", {}))
    some = "&".join(f"ids={pk}" for pk in made[:100])
    for count, query in ((100, f"q=Benchmark+product&{some}"), (MANY, "q=Benchmark+product")):
        most, texts = 0, []
        for address, action, words in actions:
            which = {"ids": made[:100]} if count < MANY and address == bulk else {"all": "1", "query": query}
            asked = {"action": action, **which, **words}
            seen = re.search(r'name="seen" value="([^"]+)"', client.post(address, asked).content.decode())[1]
            took = answer(client, address, headers={}, data={**asked, "seen": seen}, status=302)
            rows.append([f"{action} {count:,} products", took.statements, took.milliseconds, took.sql])
            most, texts = max((most, texts), (took.statements, took.texts))
        findings.at_most(f"bulk edit of {count:,} rows: statements, the form to its redirect", 10, most)
    listed = [[f"{number}", f"`{' '.join(text.split())[:110]}`"] for number, text in enumerate(texts, 1)]
    findings.table("The statements of one of them", ["", "begins"], listed)
    findings.table("Bulk actions, once each", ["what", "statements", "ms", "its SQL, ms"], rows)
    cells(findings, client, made, setting.rounds)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sales_product WHERE sku LIKE 'BENCH-%%'")
    return findings


def cells(findings: Findings, client, made: list[int], rounds: int) -> None:
    """One cell at a time: the row comes back with the totals of the list."""
    stock = [answer(client, reverse("sales:product_stock", args=[pk]), data={"by": "1"}) for pk in itertools.islice(made, rounds + 1)][1:]
    price = [answer(client, reverse("sales:product_price", args=[pk]), data={"price": "+1%"}) for pk in itertools.islice(made, rounds + 1)][1:]
    for name, taken in (("stock", stock), ("price", price)):
        middle, sql = (Samples(getattr(one, part) for one in taken).median for part in ("milliseconds", "sql"))
        findings.say(
            f"edit of one {name} in its row, median",
            f"{middle:.1f} ms ({sql:.1f} ms SQL, {statistics.mode(one.statements for one in taken)} statements)",
        )
