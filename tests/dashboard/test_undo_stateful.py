"""Any sequence of edits, bulk edits, deletes, imports, stage moves, undo and redo by several people: logged whole, and undone whole."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from dashboard.importing.files import Source
from dashboard.imports import entities, run
from dashboard.models import ChangeSet
from dashboard.undo import AlreadyUndoneError, undo
from jobs import actions as hiring
from jobs import pipeline
from jobs.models import Application, RejectionReason, StageEvent
from jobs.refusal import Refused
from sales import actions
from sales.bulk import ARCHIVE, DELETE, PRODUCTS
from sales.forms import Edit
from sales.models import Category, Order, OrderLine, Product
from tests.bulk import do
from tests.jobs.factories import NOW, make_candidate, make_job, make_pipeline

from .logged import assert_log_tells, everything, newest_entry

PEOPLE = ("ann", "ben", "cem")
WHO, NUMBER = st.sampled_from(PEOPLE), st.integers(0, 11)
HISTORY = "jobs_stageevent"


class Company(RuleBasedStateMachine):
    """A small company on which three people work; each example is rolled back."""

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.people = {name: User.objects.create_user(name) for name in PEOPLE}
        category = Category.objects.create(key="start", name="start", default_price=7)
        Product.objects.bulk_create(Product(sku=f"S{n}", name=f"S{n}", category=category, stock=n, price=n) for n in range(4))
        order = Order.objects.create(number="S", placed_at=NOW)
        OrderLine.objects.create(order=order, product=Product.objects.get(sku="S0"), quantity=2, unit_price=5)
        self.make_applications()
        self.start, self.first = self.state(), ChangeSet.objects.latest("pk").pk

    def make_applications(self):
        job = make_job(pipeline=make_pipeline(), openings=2)
        for n in range(3):
            application = Application(job=job, candidate=make_candidate(), applied_at=NOW - timedelta(days=n))
            pipeline.enter(application, self.people["ann"])
        self.stages = list(job.pipeline.stages.order_by("position"))
        self.reason = RejectionReason.objects.first() or RejectionReason.objects.create(name="No")

    def state(self):
        """Every logged table; of the log of stages and its batches, which only grow, the entries that count."""
        state = everything(without=("version",))
        del state["jobs_batch"]
        effective = set(StageEvent.objects.effective().values_list("pk", flat=True))
        facts = ("application_id", "from_stage_id", "to_stage_id", "at")
        state[HISTORY] = sorted(str([row[name] for name in facts]) for key, row in state[HISTORY].items() if key in effective)
        return state

    def logged(self, act):
        """Do something; the log must tell all of it."""
        before, since = everything(), newest_entry()
        with suppress(Refused, AlreadyUndoneError), transaction.atomic():
            act()
        assert_log_tells(before, everything(), since)

    def products(self, number):
        return Product.objects.filter(pk__in=list(Product.objects.order_by("pk").values_list("pk", flat=True)[number % 5 :][:2]))

    def applications(self, number):
        return Application.objects.filter(pk__in=list(Application.objects.order_by("pk").values_list("pk", flat=True)[number % 3 :][:2]))

    @rule(who=WHO, number=NUMBER)
    def edit_a_cell(self, who, number):
        row = Product.objects.filter(pk__in=self.products(number).values("pk")[:1])
        self.logged(lambda: actions.restock(row, Edit(Decimal(number)), self.people[who]))

    @rule(who=WHO, number=NUMBER)
    def edit_many(self, who, number):
        self.logged(lambda: actions.reprice(Product.objects.all(), Edit(Decimal(number), relative=True, percent=True), self.people[who]))

    @rule(who=WHO, number=NUMBER)
    def archive(self, who, number):
        self.logged(lambda: do(PRODUCTS, ARCHIVE, self.products(number), self.people[who]))

    @rule(who=WHO, number=NUMBER)
    def delete(self, who, number):
        self.logged(lambda: do(PRODUCTS, DELETE, self.products(number), self.people[who]))

    @rule(who=WHO, number=NUMBER)
    def bring_in(self, who, number):
        lines = "".join(f"O{number},2026-01-02,S{n},{n + 1},{number}.50,Web {number}\n" for n in range(number % 4 + 1))
        self.logged(lambda: self.import_file("sales", f"number,placed_at,sku,quantity,unit_price,channel\n{lines}", who))

    @rule(who=WHO, number=NUMBER)
    def bring_in_products(self, who, number):
        self.logged(lambda: self.import_file("products", f"sku,name,stock\nS1,again {number},{number}\nN{number},new,1\n", who))

    def import_file(self, entity, text, who):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "file.csv"
            path.write_text(text)
            run(entities()[entity], Source(path), user=self.people[who], accept_refused=True)

    @rule(who=WHO, number=NUMBER)
    def move(self, who, number):
        stage = self.stages[number % len(self.stages)]
        self.logged(lambda: hiring.move(self.applications(number), stage, self.people[who], now=NOW + timedelta(hours=number)))

    @rule(who=WHO, number=NUMBER)
    def reject(self, who, number):
        self.logged(lambda: hiring.reject(self.applications(number), self.reason, self.people[who], now=NOW + timedelta(days=1)))

    @rule(who=WHO, number=NUMBER)
    def take_back_or_again(self, who, number):
        done = list(ChangeSet.objects.filter(pk__gt=self.first).order_by("-pk"))
        if done:
            self.logged(lambda: undo(done[number % len(done)], self.people[who]))

    def teardown(self):
        try:
            for change in ChangeSet.objects.filter(pk__gt=self.first).order_by("-pk"):
                with suppress(AlreadyUndoneError), transaction.atomic():
                    assert undo(change, self.people["ann"]).conflicts == []
            assert self.state() == self.start
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)


@pytest.mark.django_db
def test_everything_can_be_undone_whatever_was_done():
    few = settings(max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Company, settings=few)
