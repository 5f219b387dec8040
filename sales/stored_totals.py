"""One stored row a customer with what they ordered, so that a list of any length sorts and filters by it through an index.

A row is right for the business day in `sales_total_day`, except for the customers that `sales_touched_customers()` names: those with an order
that is marked, and those with an order on a day that the last 365 days lost or gained since. `sales_customer_figures` (see figures.py) reads
the stored rows of all others and computes these few, in one statement and one snapshot, so it is exact at every instant. Whoever refreshes
the summaries (rollups.py) refreshes these rows in the same transaction.
"""
# ruff: noqa: S608 - names of columns alone; values travel as parameters

from django.db import models
from django.db.models import F
from django.db.models.functions import NullIf

BULK = 20_000  # from so many customers on, all are computed together: that costs a few seconds whatever their number
VALUES = ("orders", "spend", "sold", "spend_year", "latest_order_at")
STORED, FRESH = (", ".join(f"{side}.{value}" for value in VALUES) for side in ("stored", "fresh"))
SOME = "sales_fresh_customer_totals(%(customers)s)"
ALL = f"""(
    SELECT id AS customer_id, {", ".join(VALUES)} FROM sales_customer LEFT JOIN sales_fresh_customer_total AS totals ON totals.customer_id = id
)"""
BRING_UP_TO_DATE = f"""
UPDATE sales_customertotal AS stored SET ({", ".join(VALUES)}) = ROW({FRESH}) FROM {{}} AS fresh
WHERE stored.customer_id = fresh.customer_id AND ({STORED}) IS DISTINCT FROM ({FRESH})
"""
# For the business day that the rows are right for, whichever it is: moving to another one is the refresh's.
ADD = """
UPDATE sales_customertotal AS stored SET
    orders = coalesce(stored.orders, 0) + made.orders,
    spend = coalesce(stored.spend, 0) + made.spend,
    sold = coalesce(stored.sold, 0) + made.sold,
    spend_year = coalesce(stored.spend_year, 0) + made.spend_year,
    latest_order_at = greatest(stored.latest_order_at, made.latest_order_at)
FROM (
    SELECT
        o.customer_id,
        sum(l.orders)::bigint AS orders,
        sum(l.net) / 10000.0 AS spend,
        sum(l.gross - l.discounts) / 10000.0 AS sold,
        coalesce(sum(l.net) FILTER (WHERE o.placed_on > day - 365 AND o.placed_on <= day), 0) / 10000.0 AS spend_year,
        max(o.placed_at) FILTER (WHERE l.kind IN ('sale', 'free')) AS latest_order_at
    FROM sales_total_day CROSS JOIN {orders} l JOIN sales_order o ON o.id = l.order_id
    WHERE o.customer_id IS NOT NULL AND o.status NOT IN ('cancelled', 'test')
    GROUP BY o.customer_id
) made
WHERE stored.customer_id = made.customer_id
"""
WRONG = f"""
SELECT customer.key, {STORED}, {FRESH}
FROM sales_customer AS customer
LEFT JOIN sales_customertotal AS stored ON stored.customer_id = customer.id
LEFT JOIN sales_fresh_customer_total AS fresh ON fresh.customer_id = customer.id
WHERE (stored.customer_id IS NULL OR ({STORED}) IS DISTINCT FROM ({FRESH}))
    AND customer.id <> ALL ((SELECT sales_touched_customers())::bigint[])
ORDER BY customer.key
"""


def amount(**kwargs) -> models.DecimalField:
    """Exact money; empty for customers who never ordered."""
    return models.DecimalField(max_digits=24, decimal_places=4, null=True, **kwargs)


def sorted_both_ways(value: str) -> list[models.Index]:
    """The two orders of a list, empty values last in both."""
    return [
        models.Index(F(value).asc(), F("customer").asc(), name=f"customer_{value}_up"),
        models.Index(F(value).desc(nulls_last=True), F("customer").asc(), name=f"customer_{value}_down"),
    ]


class CustomerTotal(models.Model):
    """What a customer ordered, as CustomerFigures explains it; empty without a counted line. The database adds the row with the customer.

    Read CustomerFigures instead: a row here may be behind the facts.
    """

    customer = models.OneToOneField("sales.Customer", models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+")
    orders = models.BigIntegerField(null=True)
    spend = amount()
    sold = amount()
    spend_year = amount()
    average_order = models.GeneratedField(expression=F("sold") / NullIf("orders", 0), output_field=models.DecimalField(null=True), db_persist=True)
    latest_order_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            *sorted_both_ways("orders"),
            *sorted_both_ways("spend"),
            *sorted_both_ways("spend_year"),
            *sorted_both_ways("average_order"),
            *sorted_both_ways("latest_order_at"),
        ]

    def __str__(self):
        return f"{self.orders} orders"


def refresh(cursor, customers: set[int]) -> None:
    """Bring the rows of `customers` up to date, and of all whose last 365 days moved since. The caller holds the lock of the summaries."""
    cursor.execute("SELECT business_date(now()) <> day FROM sales_total_day")
    if cursor.fetchone()[0]:
        cursor.execute("SELECT sales_touched_customers()")
        customers = customers.union(cursor.fetchone()[0])
        cursor.execute("UPDATE sales_total_day SET day = business_date(now())")
    if len(customers) >= BULK:
        cursor.execute(BRING_UP_TO_DATE.format(ALL))
    elif customers:
        cursor.execute(BRING_UP_TO_DATE.format(SOME), {"customers": sorted(customers)})


def add(cursor, orders: str) -> None:
    """Add what new orders come to, from a relation of their lines grouped by order (see whole.py). The caller holds the lock of the summaries."""
    cursor.execute(ADD.format(orders=orders))


def rebuild(cursor) -> None:
    """Compute every row anew. The caller holds the lock of the summaries."""
    cursor.execute("INSERT INTO sales_customertotal (customer_id) SELECT id FROM sales_customer ON CONFLICT DO NOTHING")
    cursor.execute("UPDATE sales_total_day SET day = business_date(now())")
    cursor.execute(BRING_UP_TO_DATE.format(ALL))
    cursor.execute("ANALYZE sales_customertotal")


def broken(cursor) -> list[str]:
    """Every stored row that is not what the facts say, except those marked for a refresh."""
    cursor.execute(WRONG)
    sentences = []
    for key, *values in cursor.fetchall():
        stored, fresh = values[: len(VALUES)], values[len(VALUES) :]
        apart = [f"{name} {a} instead of {b}" for name, a, b in zip(VALUES, stored, fresh, strict=True) if a != b]
        sentences.append(f"totals of customer {key}: {', '.join(apart) or 'no row'}")
    return sentences
