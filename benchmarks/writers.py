"""Single orders of three lines by one and by eight writers, with our triggers, without them, and with the refresh that the worker does beside."""

import itertools
import random
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime

import psycopg
from django.db import connection, connections

from sales import rollups
from sales.models import Customer, Product

from .data import Setting, use
from .results import Findings
from .timing import Samples, percentile

TITLE = "Orders written"
SECONDS = 3
TABLES = ("sales_order", "sales_orderline")
ORDER = """
INSERT INTO sales_order (number, placed_at, customer_id, channel_id, salesperson_id, tier_id, status, country, shipping, coupon)
VALUES (%s, %s, %s, %s, NULL, NULL, 'placed', 'Germany', 4.95, 0) RETURNING id
"""
LINE = """
INSERT INTO sales_orderline (order_id, position, product_id, quantity, unit_price, discount_amount, coupon_share, unit_cost, return_of_id) VALUES
"""
VALUES = "(%s, %s, %s, %s, 19.95, 0, 0, 12.50, NULL)"
MODES = ("without triggers", "with triggers", "with triggers and refresh")
# (writers, whether the three lines are one statement): as bulk_create writes them, and as three times save() does.
FORMS = {"1 writer": (1, True), "8 writers": (8, True), "8 writers, a statement a line": (8, False)}
_numbers = itertools.count()


def run(setting: Setting) -> Findings:
    """Rounds of all modes in random order, then the proof that the summaries are right."""
    findings, database = Findings(), setting.scratch()
    use(database)
    world = World(database)
    rounds = [(form, mode) for form in FORMS for mode in MODES]
    taken = {pair: [] for pair in rounds}
    dice, before = random.Random(5), deadlocks(database)
    for number in range(setting.rounds + 1):
        for form, mode in dice.sample(rounds, len(rounds)):
            batch = world.write(*FORMS[form], mode, 1 if setting.quick else SECONDS)
            if number:  # the first round warms up
                taken[form, mode].append(batch)
    world.write(*FORMS["8 writers"], MODES[2], SECONDS, keep=True)  # for the proof
    report(findings, taken)
    findings.at_most("deadlocks", 0, sum(batch.deadlocks for batches in taken.values() for batch in batches) + deadlocks(database) - before)
    findings.at_most("rows wrong afterwards", 0, len(rollups.broken()))
    findings.notes.append(
        f"{len(world.customers):,} customers and {len(world.products):,} products, drawn at random; orders placed now. The writers are threads of "
        "this process, on the cores of the server: what they cost themselves is the same with and without triggers and lessens their share. Without "
        "triggers means ALTER TABLE … DISABLE TRIGGER USER on both tables; foreign keys stay. The orders of each round are taken out again."
    )
    return findings


def report(findings: Findings, taken: dict) -> None:
    """Throughput of the modes, and what an order took."""
    rows = []
    for form in FORMS:
        rate = {mode: Samples(batch.rate for batch in taken[form, mode]).median for mode in MODES}
        for mode in MODES:
            every = [ms for batch in taken[form, mode] for ms in batch.milliseconds]
            rows.append([form, mode, rate[mode], percentile(every, 0.5), percentile(every, 0.99), rate[mode] / rate[MODES[0]]])
        if form.startswith("8"):
            for mode in MODES[1:]:
                findings.at_least(f"orders of 3 lines, {form}: throughput {mode} against without", 0.85, rate[mode] / rate[MODES[0]])
    findings.table("Throughput and time of an order", ["writers", "mode", "orders a second", "p50, ms", "p99, ms", "against without"], rows)


class Batch:
    """What some writers did in one round."""

    def __init__(self):
        self.milliseconds, self.ids, self.deadlocks, self.rate = [], [], 0, 0.0


class World:
    """What writers draw from, and their rounds."""

    def __init__(self, database: str):
        self.database = database
        self.customers = list(Customer.objects.values_list("pk", flat=True))
        self.products = list(Product.objects.values_list("pk", flat=True))
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM sales_channel")
            self.channels = [pk for (pk,) in cursor.fetchall()]

    def write(self, writers: int, together: bool, mode: str, seconds: float, *, keep: bool = False) -> Batch:
        """One round of one mode. Its orders are taken out again, past the triggers where they were off, so that today stays as long as a day."""
        batch = Batch()
        if mode == MODES[0]:
            with triggers_off():
                self._round(batch, writers, together, seconds)
                take_out(batch)
            return batch
        with beside(rollups.refresh) if mode == MODES[2] else nullcontext():
            self._round(batch, writers, together, seconds)
        rollups.refresh()
        if not keep:
            take_out(batch)
            rollups.refresh()
        return batch

    def _round(self, batch: Batch, writers: int, together: bool, seconds: float) -> None:
        end = time.monotonic() + seconds
        threads = [threading.Thread(target=self._writer, args=[batch, together, end, number]) for number in range(writers)]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        batch.rate = len(batch.ids) / (time.monotonic() - started)

    def _writer(self, batch: Batch, together: bool, end: float, number: int) -> None:
        dice = random.Random(next(_numbers))
        with connected(self.database) as database:
            while time.monotonic() < end:
                started = time.perf_counter()
                try:
                    with database.transaction():
                        pk = self._order(database, dice, together)
                except psycopg.errors.DeadlockDetected:
                    batch.deadlocks += 1
                    continue
                batch.milliseconds.append((time.perf_counter() - started) * 1000)
                batch.ids.append(pk)

    def _order(self, database, dice: random.Random, together: bool) -> int:
        words = [f"BENCH{time.time_ns()}-{next(_numbers)}", datetime.now(UTC), dice.choice(self.customers), dice.choice(self.channels)]
        pk = database.execute(ORDER, words).fetchone()[0]
        lines = [[pk, position, dice.choice(self.products), dice.randint(1, 5)] for position in (1, 2, 3)]
        if together:
            database.execute(LINE + ", ".join([VALUES] * 3), [value for line in lines for value in line])
        else:
            for line in lines:
                database.execute(LINE + VALUES, line)
        return pk


def take_out(batch: Batch) -> None:
    """Delete what a round wrote."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sales_orderline WHERE order_id = ANY(%s)", [batch.ids])
        cursor.execute("DELETE FROM sales_order WHERE id = ANY(%s)", [batch.ids])


def connected(database: str) -> psycopg.Connection:
    """A connection of its own."""
    settings = connections.settings["default"]
    return psycopg.connect(host=settings["HOST"], port=settings["PORT"], user=settings["USER"], dbname=database, autocommit=True)


@contextmanager
def triggers_off():
    """Our triggers out of work; foreign keys and constraints stay."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        try:
            yield
        finally:
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@contextmanager
def beside(chore: Callable):
    """Do a chore every second in a thread, as the worker does."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(1):
            chore()
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def deadlocks(database: str) -> int:
    """Deadlocks that the server has counted in a database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = %s", [database])
        return cursor.fetchone()[0]
