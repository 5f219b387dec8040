"""Every list at its worst: filters, sorts, searches and deep pages, timed turn about with a view that does nothing.

Run on a loaded database: `python manage.py shell -c "from benchmarks.lists import main; main()"`. Ratios travel between machines, times do not.
"""

import math
import statistics
import time
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse
from django.utils import timezone

from jobs.models import Application, Candidate
from sales.models import Customer, Order, OrderLine, OrderStatus, Product, Tier

ROUNDS = 7
FRAGMENT = {"HX-Request": "true", "HX-Target": "results"}
HELLO = ("hello world", "/health/live")


def cases() -> list[tuple[str, str]]:
    """(name, address) of every list in every way that costs something; values are taken from the data that is loaded."""
    return [*order_cases(), *customer_cases(), *product_cases(), *hiring_cases()]


def order_cases() -> list[tuple[str, str]]:
    """The list of orders: each filter alone, rare and frequent, combinations, searches and the deepest page that counts."""
    old = timezone.localdate() - timedelta(days=800)
    order = Order.objects.exclude(customer=None).select_related("customer", "channel").order_by("-pk")[1000]
    channels = list(Order.objects.values("channel__name").annotate(n=Count("pk")).order_by("n").values_list("channel__name", flat=True))
    person = Order.objects.exclude(salesperson=None).values_list("salesperson__name", flat=True).first()
    country = Order.objects.values_list("country", flat=True).first()
    frequent, rare = (OrderLine.objects.order_by("product_id" if up else "-product_id").values_list("product__sku", flat=True)[0] for up in (1, 0))
    words = {
        "first page": "",
        "page 100 of 50": "page=100&per_page=50",
        "last page that counts": "page=400",
        "oldest first, last page": "sort=placed_at&page=400",
        "rare status": f"status={OrderStatus.TEST}",
        "two statuses": f"status={OrderStatus.TEST}&status={OrderStatus.CANCELLED}",
        "rare channel": f"channel={channels[0]}",
        "status and channel": f"status={OrderStatus.CANCELLED}&channel={channels[0]}",
        "salesperson and status": f"salesperson={person}&status={OrderStatus.CANCELLED}",
        "salesperson and another channel": f"salesperson={person}&channel={channels[-1]}",
        "country": f"country={country}",
        "country, channel, status": f"country={country}&channel={channels[0]}&status={OrderStatus.CANCELLED}",
        "last month": "period=last_month",
        "a week long ago": f"from={old}&to={old + timedelta(days=6)}",
        "a week long ago, status, channel": f"from={old}&to={old + timedelta(days=6)}&status={OrderStatus.CANCELLED}&channel={channels[0]}",
        "one customer": f"customer={order.customer.key}",
        "number": f"q={order.number}",
        "part of numbers": f"q={order.number[-4:]}",
        "name": f"q={order.customer.name}",
        "frequent part of names": f"q={order.customer.name[:3]}",
        "nothing found": "q=zzzqqq",
        "frequent product": f"product={frequent}",
        "rare product": f"product={rare}",
        "with returns": "returns=yes",
        "without returns": "returns=no",
    }
    return named("orders", reverse("sales:orders"), words)


def customer_cases() -> list[tuple[str, str]]:
    """The list of customers: sorted by what is computed, filtered, searched."""
    customer = Customer.objects.order_by("pk")[1000]
    frequent, rare = (OrderLine.objects.order_by("product_id" if up else "-product_id").values_list("product__sku", flat=True)[0] for up in (1, 0))
    words = {
        "first page": "",
        "page 100 of 50": "page=100&per_page=50",
        **{f"by {name}": f"sort={name}" for name in ("-spend", "spend_year", "-orders", "-average_order", "-latest_order", "country")},
        "by spend, page 100 of 50": "sort=-spend&page=100&per_page=50",
        **{f"tier {tier.name}": f"tier={tier.name}" for tier in Tier.objects.all()},
        "tier and country by spend": f"tier={Tier.objects.last()}&country={customer.country}&sort=-spend",
        "country": f"country={customer.country}",
        "never ordered": "ordered=no",
        "ordered in 90 days": "ordered_days=90",
        "lost for 180 days": "ordered=yes&unordered_days=180",
        "bought a frequent product": f"bought={frequent}",
        "bought a rare product": f"bought={rare}",
        "never bought a frequent product": f"not_bought={frequent}",
        "name": f"q={customer.name}",
        "e-mail": f"q={customer.email[:12]}",
        "frequent part of names": f"q={customer.name[:3]}",
        "nothing found": "q=zzzqqq",
    }
    return named("customers", reverse("sales:customers"), words)


def product_cases() -> list[tuple[str, str]]:
    """The list of products: sorted by what they sold lately, and the others of its filters."""
    words = {
        "first page": "",
        "by units of 90 days": "sort=-units",
        "by margin": "sort=-margin",
        "not sold for 30 days": "unsold_days=30",
        "never sold": "sold=no",
        "low stock": "availability=low",
        "search": f"q={Product.objects.first().name[:4]}",
    }
    return named("products", reverse("sales:products"), words)


def hiring_cases() -> list[tuple[str, str]]:
    """Applications, candidates and jobs."""
    application = Application.objects.select_related("candidate", "job").first()
    person = Candidate.objects.first()
    words = {
        "first page": "per_page=50",
        "filtered": "per_page=50&status=rejected",
        "sorted": "per_page=50&sort=waiting",
        "sorted by candidate": "per_page=50&sort=candidate",
        "sorted by skills met": "per_page=50&sort=-coverage",
        "searched": f"per_page=50&q={application.candidate.label[:6]}",
        "page 100": "per_page=50&page=100",
        "waiting too long": "per_page=50&waiting=too_long",
    }
    people = {"first page": "", "by latest application": "sort=-latest_applied_at", "searched": f"q={person.label[:5]}", "active": "active=yes"}
    jobs = {"first page": "", "by applications": "sort=-application_count", "stalled": "state=stalled", "none lately": "applications=quiet"}
    return [
        *named("applications", reverse("jobs:applications"), words),
        *named("candidates", reverse("jobs:candidates"), people),
        *named("jobs", reverse("jobs:jobs"), jobs),
    ]


def named(kind: str, path: str, words: dict[str, str]) -> list[tuple[str, str]]:
    """The cases of one list."""
    return [(f"{kind}: {name}", f"{path}?{query}") for name, query in words.items()]


class Stopwatch:
    """Counts the statements of a request, and the milliseconds they took."""

    def __init__(self):
        self.count, self.spent, self.slowest = 0, 0.0, (0.0, "")

    def __call__(self, execute, sql, params, many, context):
        """Run one statement."""
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.count += 1
            took = 1000 * (time.perf_counter() - started)
            self.spent += took
            self.slowest = max(self.slowest, (took, sql))


def ask(client: Client, path: str) -> tuple[float, float, int]:
    """One fragment: milliseconds in all, milliseconds of its SQL, statements."""
    stopwatch = Stopwatch()
    started = time.perf_counter()
    with connection.execute_wrapper(stopwatch):
        response = client.get(path, headers=FRAGMENT)
        b"".join(response)
    if response.status_code != 200:
        raise AssertionError(f"{path}: {response.status_code}")
    return 1000 * (time.perf_counter() - started), stopwatch.spent, stopwatch.count


def measure(client: Client, rounds: int = ROUNDS, only: str = "") -> list[tuple[str, float, float, float, int]]:
    """(case, median, worst, median of its SQL, statements) of every case, after one round that counts nothing, hello world between them."""
    chosen = [HELLO, *(case for case in cases() if only in case[0])]
    taken = {name: [] for name, _ in chosen}
    for number in range(rounds + 1):
        for name, path in chosen:
            answer = ask(client, path)
            if number:
                taken[name].append(answer)
    middle = statistics.median
    return [(name, middle(t for t, _, _ in a), max(t for t, _, _ in a), middle(s for _, s, _ in a), a[-1][2]) for name, a in taken.items()]


def main(rounds: int = ROUNDS, only: str = "") -> None:
    """Print one row a case, and the p95 of all of them."""
    client = Client()
    client.force_login(get_user_model().objects.filter(is_superuser=True).first() or get_user_model().objects.create_superuser("benchmark"))
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        rows = measure(client, rounds, only)
    print(f"{'median':>8} {'worst':>8} {'SQL':>8} {'stmts':>5}")
    for name, median, worst, spent, count in rows:
        print(f"{median:8.1f} {worst:8.1f} {spent:8.1f} {count:5} {name}")
    medians = sorted(median for _, median, _, _, _ in rows[1:])
    print(f"p95 of the medians: {medians[math.ceil(0.95 * len(medians)) - 1]:.1f} ms")
