"""Every list at its worst: filters, sorts, searches and deep pages, turn about with a view that does nothing; the longest also over HTTP."""

from datetime import timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from jobs.models import Application, Candidate
from sales.models import Customer, Order, OrderLine, OrderStatus, Product, Tier

from .data import Setting
from .hello import PATH as HELLO
from .results import Findings
from .serving import Browser, served
from .timing import Case, Samples, answer, interleaved, percentile

TITLE = "Lists"
LONG = 100_000  # rows; lists of at least as many are asked for over HTTP too


def cases() -> list[tuple[str, str]]:
    """(name, address) of every list in every way that costs something; values are taken from the data that is loaded."""
    return [*order_cases(), *customer_cases(), *product_cases(), *hiring_cases()]


def order_cases() -> list[tuple[str, str]]:
    """The list of orders: each filter alone, rare and frequent, combinations, searches and the deepest page that counts."""
    old = timezone.localdate() - timedelta(days=800)
    order = one_of(Order.objects.exclude(customer=None).select_related("customer", "channel").order_by("-pk"))
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
    customer = one_of(Customer.objects.order_by("pk"))
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


def one_of(rows):
    """A row that is neither the first nor the last."""
    return rows[min(1_000, rows.count() // 2)]


def named(kind: str, path: str, words: dict[str, str]) -> list[tuple[str, str]]:
    """The cases of one list."""
    return [(f"{kind}: {name}", f"{path}?{query}") for name, query in words.items()]


def over_http() -> list[tuple[str, str]]:
    """The five ways to look at a list of at least 100,000 rows, 50 a page."""
    order, customer = one_of(Order.objects.order_by("-pk")), one_of(Customer.objects.order_by("pk"))
    orders = {
        "first page": "per_page=50",
        "filtered": f"per_page=50&status={OrderStatus.CANCELLED}",
        "sorted": "per_page=50&sort=placed_at",
        "searched": f"per_page=50&q={order.number[-4:]}",
        "page 100": "per_page=50&page=100",
    }
    customers = {
        "first page": "per_page=50",
        "filtered": f"per_page=50&country={customer.country}",
        "sorted": "per_page=50&sort=-spend",
        "searched": f"per_page=50&q={customer.name[:5]}",
        "page 100": "per_page=50&page=100",
    }
    return [*named("orders", reverse("sales:orders"), orders), *named("customers", reverse("sales:customers"), customers)]


def run(setting: Setting) -> Findings:
    """All cases in process, and the longest lists over HTTP."""
    client, findings, kept = setting.client(), Findings(), {}

    def asked(name, path):
        def ask() -> float:
            took = answer(client, path)
            kept.setdefault(name, []).append(took)
            return took.milliseconds

        return ask

    taken = interleaved([Case(name, asked(name, path)) for name, path in [("hello", HELLO), *cases()]], setting.rounds)
    orders = {name: samples for name, samples in taken.items() if name.startswith("orders: ")}
    worst = max(orders, key=lambda name: orders[name].median)
    every = [sample for samples in orders.values() for sample in samples]
    findings.at_most(f"list of {Order.objects.count():,} orders, {len(orders)} filters and pages: p95", 40, percentile(every, 0.95), " ms")
    findings.say("list of orders: slowest case, by median", f"{orders[worst].median:.0f} ms ({worst})")
    long_lists(setting, client, findings)
    rows = [
        [name, samples.median, samples.p95, Samples(took.sql for took in kept[name]).median, kept[name][-1].statements]
        for name, samples in taken.items()
    ]
    findings.table("Fragments in process, ms", ["case", "median", "p95", "its SQL, median", "statements"], rows)
    return findings


def long_lists(setting: Setting, client, findings: Findings) -> None:
    """The fragment over HTTP from the production server, beside hello."""
    with served(setting.database) as (port, _):
        browser = Browser(port, client)
        taken = interleaved([Case(name, lambda path=path: browser.get(path)) for name, path in [("hello", HELLO), *over_http()]], setting.rounds)
    counts = {"orders": Order.objects.count(), "customers": Customer.objects.count()}
    for name, samples in taken.items():
        kind, _, case = name.partition(": ")
        if counts.get(kind, 0) >= LONG or (setting.quick and case):
            findings.at_most(f"{counts[kind]:,} {kind}, 50 a page, over HTTP: {case}", 30, samples.median, " ms")
    findings.table("Over HTTP, ms", ["case", "median", "p95"], [[name, samples.median, samples.p95] for name, samples in taken.items()])
