"""The same order lines in DuckDB: one wide table, exported once and kept beside the cluster; a columnar engine's best case."""

from contextlib import suppress
from pathlib import Path

import duckdb
from django.conf import settings
from django.db import connection

from dashboard.periods import Period

from .answers import FACT_KEYS, FACTS, LEFT_OUT, limit

EXPORT = """
COPY (
    SELECT o.id AS order_id, o.placed_on, o.status, o.customer_id, o.channel_id, o.tier_id, p.category_id,
        l.product_id, l.kind, l.quantity, l.unit_price, l.discount_amount, l.coupon_share, l.unit_cost, l.net, l.cost
    FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id JOIN sales_product p ON p.id = l.product_id
    ORDER BY o.placed_on
) TO STDOUT (FORMAT csv, HEADER)
"""
TYPES = {
    **dict.fromkeys(("order_id", "customer_id", "channel_id", "tier_id", "category_id", "product_id"), "BIGINT"),
    **dict.fromkeys(("unit_price", "discount_amount", "coupon_share", "unit_cost", "net", "cost"), "DECIMAL(18,4)"),
    "placed_on": "DATE",
    "status": "VARCHAR",
    "kind": "VARCHAR",
    "quantity": "INTEGER",
}


def opened(name: str, lines: int) -> duckdb.DuckDBPyConnection:
    """The lines of the database in use, in a file that is made anew when their number has changed."""
    folder = settings.DATA_DIR / "benchmarks"
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.duckdb"
    if file.exists():
        there = _connected(file)
        with suppress(duckdb.CatalogException):  # an export that was ended on its way leaves a file without the table
            if there.execute("SELECT count(*) FROM facts").fetchone()[0] == lines:
                return there
        there.close()
        file.unlink()
    return _loaded(file)


def _loaded(file: Path) -> duckdb.DuckDBPyConnection:
    print("Exporting the order lines to DuckDB …", flush=True)
    text = file.with_suffix(".csv")
    with text.open("wb") as stream, connection.cursor() as cursor, cursor.copy(EXPORT) as export:
        for part in export:
            stream.write(part)
    there = _connected(file)
    there.execute(f"CREATE TABLE facts AS SELECT * FROM read_csv('{text}', header = true, types = {TYPES})")
    there.execute("CHECKPOINT")
    text.unlink()
    return there


def _connected(file: Path) -> duckdb.DuckDBPyConnection:
    there = duckdb.connect(file)
    there.execute("SET enable_progress_bar = false")
    return there


def sql(by: str, period: Period, columns: tuple[str, ...]) -> str:
    """The question of answers.on_facts, without its joins."""
    listed = ", ".join(f"{_plain(FACTS[column])} AS {column}" for column in columns)
    return f"""
        SELECT {_plain(FACT_KEYS[by])} AS key, {listed} FROM facts
        WHERE placed_on >= DATE '{period.start}' AND placed_on < DATE '{period.end}' AND status NOT IN {LEFT_OUT}
        GROUP BY 1 ORDER BY {columns.index("net") + 2} DESC, 1 LIMIT {limit(by)}
    """


def _plain(text: str) -> str:
    return text.replace("o.id", "order_id").replace("o.", "").replace("l.", "").replace("p.", "")
