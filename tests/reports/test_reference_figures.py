"""Every published and computed figure of Northwind that the report can express, asked through its JSON export."""

import calendar
import json
import os
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

pytestmark = pytest.mark.django_db
FOLDER = Path(os.environ.get("TALLYBOARD_DATA", Path(__file__).resolve().parent.parent.parent.parent / "shared" / "data"))
FIGURES = json.loads((FOLDER / "reference_figures.json").read_text()) if (FOLDER / "reference_figures.json").exists() else []
EVERYTHING = "period=all"


@dataclass(frozen=True)
class Question:
    """Where a figure stands in the report: the query, the row ("" for the totals) by label or key, and the column."""

    query: str
    row: str
    column: str
    percent: bool = False


def year(number: str) -> str:
    return f"from={number}-01-01&to={number}-12-31"


def month_rows(match) -> str:
    number, month = match.group(1).split("-")
    return f"{calendar.month_abbr[int(month)]} {number}"


NORTHWIND = [
    (r"net_sales_total", lambda m: Question(EVERYTHING, "", "net_sales")),
    (r"gross_sales_total", lambda m: Question(f"{EVERYTHING}&measures=gross_sales,discounts", "", "gross_sales")),
    (r"discount_total", lambda m: Question(f"{EVERYTHING}&measures=gross_sales,discounts", "", "discounts")),
    (r"order_count", lambda m: Question(EVERYTHING, "", "orders")),
    (r"units_total", lambda m: Question(EVERYTHING, "", "units")),
    (r"customers_with_orders", lambda m: Question(f"{EVERYTHING}&measures=customers", "", "customers")),
    (r"average_order_value", lambda m: Question(EVERYTHING, "", "average_order_value")),
    (r"net_sales_by_category\[(.+)\]", lambda m: Question(f"by=category&{EVERYTHING}", m[1], "net_sales")),
    (r"units_by_category\[(.+)\]", lambda m: Question(f"by=category&{EVERYTHING}", m[1], "units")),
    (r"orders_by_category\[(.+)\]", lambda m: Question(f"by=category&{EVERYTHING}", m[1], "orders")),
    (r"net_sales_by_year\[(.+)\]", lambda m: Question(f"by=year&{EVERYTHING}", m[1], "net_sales")),
    (r"orders_by_year\[(.+)\]", lambda m: Question(f"by=year&{EVERYTHING}", m[1], "orders")),
    (r"units_by_year\[(.+)\]", lambda m: Question(f"by=year&{EVERYTHING}", m[1], "units")),
    (r"average_order_value_by_year\[(.+)\]", lambda m: Question(f"by=year&{EVERYTHING}", m[1], "average_order_value")),
    (r"active_customers_by_year\[(.+)\]", lambda m: Question(f"by=year&{EVERYTHING}&measures=customers", m[1], "customers")),
    (r"net_sales_by_month\[(.+)\]", lambda m: Question(f"by=month&{EVERYTHING}", month_rows(m), "net_sales")),
    (r"orders_by_month\[(.+)\]", lambda m: Question(f"by=month&{EVERYTHING}", month_rows(m), "orders")),
    (
        r"change_1997_vs_1996_month\[(.+)\]_pct",
        lambda m: Question(f"by=month&{year('1997')}&compare=year", f"{calendar.month_abbr[int(m[1])]} 1997", "net_sales_change", percent=True),
    ),
    (r"h2_1996_net", lambda m: Question("from=1996-07-01&to=1996-12-31", "", "net_sales")),
    (r"h2_1997_net", lambda m: Question("from=1997-07-01&to=1997-12-31", "", "net_sales")),
    (r"h2_1997_vs_h2_1996_pct", lambda m: Question("from=1997-07-01&to=1997-12-31&compare=year", "", "net_sales_change", percent=True)),
    (r"jan_apr_1998_vs_1997_pct", lambda m: Question("from=1998-01-01&to=1998-04-30&compare=year", "", "net_sales_change", percent=True)),
    (r"jan_apr_1997_net", lambda m: Question("from=1998-01-01&to=1998-04-30&compare=year", "", "net_sales_previous")),
    (r"jan_apr_1998_net", lambda m: Question("from=1998-01-01&to=1998-04-30&compare=year", "", "net_sales")),
    (r"top_product_by_net\[\d+\] (.+)", lambda m: Question(f"by=product&{EVERYTHING}", m[1], "net_sales")),
    (r"(?:top|bottom)_product_by_units\[\d+\] (.+)", lambda m: Question(f"by=product&{EVERYTHING}", m[1], "units")),
    (r"top_customer_by_net\[\d+\] (.+)", lambda m: Question(f"by=customer&{EVERYTHING}", m[1], "net_sales")),
    (r"top_customer_orders\[\d+\] (.+)", lambda m: Question(f"by=customer&{EVERYTHING}", m[1], "orders")),
    (r"net_sales_by_employee\[(.+)\]", lambda m: Question(f"by=salesperson&{EVERYTHING}", m[1], "net_sales")),
    (r"orders_by_employee\[(.+)\]", lambda m: Question(f"by=salesperson&{EVERYTHING}", m[1], "orders")),
    (r"top_customer_country_by_net\[\d+\] (.+)", lambda m: Question(f"by=country&{EVERYTHING}", m[1], "net_sales")),
    (r"net_sales_1997_by_category\[(.+)\]", lambda m: Question(f"by=category&{year('1997')}", m[1], "net_sales")),
]


def questions(dataset, families):
    """(value, question) of every figure that some family can express."""
    found = []
    for figure in FIGURES:
        for pattern, make in families:
            match = figure["dataset"] == dataset and re.fullmatch(pattern, figure["figure"])
            if match:
                found.append(pytest.param(figure["value"], make(match), id=figure["figure"]))
    return found


def check(ask, value, question):
    answer = ask(question.query)
    if question.row:
        found = [row for row in answer["rows"] if question.row in (row["label"], row["key"])]
        assert len(found) == 1
        shown = found[0][question.column]
    else:
        shown = answer["totals"][question.column]
    if question.percent:
        shown = (Decimal(shown) * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert Decimal(shown) == Decimal(str(value))


@pytest.mark.parametrize(("value", "question"), questions("northwind", NORTHWIND))
def test_northwind_figure(northwind, value, question):
    check(northwind, value, question)


def test_enough_figures_are_asked_for(shared_data):
    assert len(questions("northwind", NORTHWIND)) >= 180


def test_changes_of_months_add_up_to_the_published_amounts(northwind):
    rows = {row["label"]: row for row in northwind(f"by=month&{year('1997')}&compare=year")["rows"]}
    for figure in FIGURES:
        match = re.fullmatch(r"change_1997_vs_1996_month\[(\d+)\]_amount", figure["figure"])
        if match and figure["dataset"] == "northwind":
            row = rows[f"{calendar.month_abbr[int(match[1])]} 1997"]
            assert abs(Decimal(row["net_sales"]) - Decimal(row["net_sales_previous"]) - Decimal(str(figure["value"]))) <= Decimal("0.01")
