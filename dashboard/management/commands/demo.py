"""Makes the sample company in an empty database: sales and hiring, deterministic for a seed and a day."""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from dashboard.changes import change_set
from jobs import demo as jobs_demo
from jobs.models import Job
from sales import demo as sales_demo
from sales import rollups
from sales.models import Customer, Order, OrderLine, Product


class Command(BaseCommand):
    """`manage.py demo [--size S|M|L|XL] [--seed N] [--if-empty]`."""

    help = "Load the sample company: invented products, people, orders, jobs and candidates. Refuses to mix with real data."

    def add_arguments(self, parser):
        """Size, seed, and silence when there is data already."""
        parser.add_argument("--size", choices=sales_demo.SIZES, default="S", help="S: 5,000 order lines, M: 500,000, L: 10,000,000, XL: 100,000,000.")
        parser.add_argument("--seed", type=int, default=1, help="Another seed makes another company.")
        parser.add_argument("--if-empty", action="store_true", help="Do nothing, successfully, when there is data.")

    def handle(self, *, size, seed, if_empty, **options):
        """Build both sides in one transaction, then bring the summaries up to date."""
        if any(model.objects.exists() for model in (Product, Customer, Order, Job)):
            if if_empty:
                return
            raise CommandError("There are products, customers, orders or jobs already; the sample company is only loaded into an empty database.")
        now = timezone.localtime()
        with change_set(None, "demo.loaded", f"loaded the sample company, size {size}") as change:
            sales_demo.build(size=size, seed=seed, now=now)
            jobs_demo.build(size=size, seed=seed, now=now)
            lines = OrderLine.objects.count()
            change.count = lines
        rollups.rebuild()
        if not connection.in_atomic_block:
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")  # counts of long lists read indexes alone once all rows are known to be visible
        self.stdout.write(f"Loaded the sample company: {lines:,} order lines, {Product.objects.count():,} products, {Job.objects.count():,} jobs.")
