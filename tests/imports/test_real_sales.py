"""The real data sets of sales, through the importer: their known figures come out, broken rows are named, a second run changes nothing."""

import csv
from decimal import Decimal

import pytest
from django.db.models import Sum

from sales import rollups
from sales.models import Category, Customer, Order, OrderLine, Product, Salesperson
from tests.real_data import load, load_northwind

pytestmark = pytest.mark.django_db


def outcome(report):
    return report.counts.created, report.counts.updated, report.unchanged, report.refused


def test_northwind_gives_its_published_figures_and_a_second_run_changes_nothing(shared_data):
    reports = load_northwind(shared_data)
    assert [outcome(report) for report in reports] == [(8, 0, 0, 0), (77, 0, 0, 0), (91, 0, 0, 0), (830, 0, 0, 0), (2155, 0, 0, 0)]
    assert OrderLine.objects.aggregate(net=Sum("net"), units=Sum("quantity")) == {"net": Decimal("1265793.0395"), "units": 51317}
    assert Order.objects.aggregate(Sum("shipping"))["shipping__sum"] == Decimal("64942.69")
    assert [model.objects.count() for model in (Category, Product, Customer, Order, OrderLine, Salesperson)] == [8, 77, 91, 830, 2155, 9]
    assert Product.objects.filter(active=False).count() == 10
    peacock = OrderLine.objects.filter(order__salesperson__name="Margaret Peacock").aggregate(Sum("net"))["net__sum"]
    assert round(peacock, 2) == Decimal("232890.85")
    assert (rollups.marked_days(), rollups.broken()) == (0, [])

    again = load_northwind(shared_data)
    assert [outcome(report) for report in again] == [(0, 0, 8, 0), (0, 0, 77, 0), (0, 0, 91, 0), (0, 0, 830, 0), (0, 0, 2155, 0)]


def wide_lines(path, width):
    """Line numbers of the rows with another number of fields than the header; no row of these files runs over several lines."""
    with path.open(encoding="utf-8", newline="") as stream:
        return [number for number, row in enumerate(csv.reader(stream), start=1) if len(row) != width]


@pytest.mark.parametrize(
    ("entity", "name", "the_map", "rows", "refused"),
    [
        ("orders", "orders", "northwind_orders", 830, 176),
        ("customers", "customers", "northwind_nulls", 91, 24),
        ("customers", "suppliers", "northwind_suppliers_as_customers", 29, 9),
    ],
)
def test_malformed_northwind_refuses_the_broken_rows_by_line_and_shifts_nothing(shared_data, tmp_path, entity, name, the_map, rows, refused):
    load("customers", shared_data / "northwind" / "customers.csv")
    Customer.objects.update(city="", country="")
    path = shared_data / "northwind_malformed" / f"{name}.csv"
    refusals = tmp_path / "refused.csv"
    width = len(path.read_text(encoding="utf-8").splitlines()[0].split(","))

    blocked = load(entity, path, the_map, refused_file=refusals)
    assert (blocked.applied, blocked.refused, Order.objects.count()) == (False, refused, 0)
    with refusals.open(encoding="utf-8", newline="") as stream:
        named = list(csv.DictReader(stream))
    assert [int(row["line"]) for row in named] == wide_lines(path, width)
    assert {row["reason"] for row in named} == {f"The row has {width + 1} fields, the header {width}."}

    report = load(entity, path, the_map, refused_file=refusals, accept_refused=True)
    assert (report.applied, report.good, report.refused) == (True, rows - refused, refused)
    if entity == "orders":
        shipped = {row["order_id"]: row for row in csv.DictReader((shared_data / "northwind" / "orders.csv").open(encoding="utf-8", newline=""))}
        stored = Order.objects.values_list("number", "customer__key", "country", "shipping", "placed_on")
        assert len(stored) == rows - refused
        for number, customer, country, shipping, placed_on in stored:
            known = shipped[number]
            assert (customer, country, shipping, placed_on.isoformat()) == (
                known["customer_id"],
                known["ship_country"],
                Decimal(known["freight"]),
                known["order_date"],
            )
    else:
        original = {row[0]: row for row in csv.reader((shared_data / "northwind" / f"{name}.csv").open(encoding="utf-8", newline=""))}
        for key, city, country in Customer.objects.exclude(city="").values_list("key", "city", "country"):
            assert (city, country) == (original[key][5], original[key][8])


@pytest.mark.parametrize("name", ["customer_customer_demo", "customer_demographics"])
def test_file_with_a_header_alone_is_accepted(shared_data, tmp_path, name):
    the_map = tmp_path / "map.toml"
    header = (shared_data / "northwind" / f"{name}.csv").read_text().strip().split(",")
    the_map.write_text(f'[columns]\nkey = "{header[0]}"\nname = "{header[1]}"\n')
    report = load("customers", shared_data / "northwind" / f"{name}.csv", str(the_map.with_suffix("")))
    assert (report.applied, outcome(report)) == (True, (0, 0, 0, 0))
