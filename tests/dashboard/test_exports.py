"""What exports hold: typed cells, no formulas, the totals of the screen."""

import csv
import io
import json
from datetime import date
from decimal import Decimal

import pytest
from django.test import RequestFactory
from python_calamine import CalamineWorkbook

from dashboard import exports
from dashboard.listing import About
from dashboard.tables import BaseTable, CountColumn, DateColumn, MoneyColumn, PercentColumn, TextColumn

PAYLOADS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1"]


class FigureTable(BaseTable):
    name = TextColumn("Name")
    net = MoneyColumn("Net sales")
    orders = CountColumn("Orders")
    margin = PercentColumn("Margin")
    day = DateColumn("Day")

    def row_key(self, record):
        return record["key"]


ROWS = [
    {"key": "1", "name": "Beverages", "net": Decimal("37515.725"), "orders": 7, "margin": Decimal("0.25"), "day": date(2026, 11, 1)},
    {"key": "2", "name": "=cmd()", "net": Decimal(-5), "orders": 0, "margin": None, "day": None},
]


def body(fmt, rows=ROWS, query="", **about):
    request = RequestFactory().get(f"/?export={fmt}{query}")
    table = FigureTable(rows, totals={"net": Decimal("37510.725"), "orders": 7}, totals_label="All 2 rows")
    response = exports.respond(request, table, About(title="Net sales by category", **about))
    return b"".join(response.streaming_content), response


def sheet(content, name):
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name).to_python()


def test_csv_rounds_half_up_and_ends_with_the_totals():
    content, response = body("csv")
    lines = list(csv.reader(io.StringIO(content.decode())))
    assert lines == [
        ["Name", "Net sales", "Orders", "Margin", "Day"],
        ["Beverages", "37515.73", "7", "0.250000", "2026-11-01"],
        ["'=cmd()", "-5.00", "0", "", ""],
        ["All 2 rows", "37510.73", "7", "", ""],
    ]
    assert response["Content-Disposition"] == 'attachment; filename="net-sales-by-category.csv"'


def test_csv_preamble_only_on_request():
    content, _ = body("csv", query="&header=1", parameters={"by": "category"})
    lines = content.decode().splitlines()
    assert lines[0] == "# View,Net sales by category"
    assert "# by,category" in lines


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
def test_text_never_becomes_a_formula(fmt, payload):
    content, _ = body(fmt, rows=[ROWS[0] | {"name": payload}])
    if fmt == "csv":
        assert list(csv.reader(io.StringIO(content.decode())))[1][0].startswith("'")
    else:
        assert sheet(content, "Rows")[1][0] == payload


def test_xlsx_has_numbers_as_numbers_and_a_sheet_about_the_view():
    content, _ = body("xlsx", left_out=[{"reason": "cancelled orders", "count": 3, "url": "/"}])
    rows = sheet(content, "Rows")
    assert rows[1][:3] == ["Beverages", 37515.73, 7]
    assert rows[3][:2] == ["All 2 rows", 37510.73]
    about = dict(sheet(content, "About"))
    assert about["View"] == "Net sales by category"
    assert about["Left out"] == "3 cancelled orders"


def test_json_has_the_shape_of_the_contract():
    content, _ = body("json", parameters={"by": "category"}, left_out=[{"reason": "cancelled orders", "count": 3, "url": "/sales/lines/"}])
    answer = json.loads(content)
    assert set(answer) == {"view", "parameters", "currency", "time_zone", "as_of", "columns", "rows", "totals", "row_count", "left_out"}
    assert answer["columns"][0] == {"name": "net", "label": "Net sales", "unit": "money"}
    assert answer["rows"][0] == {"key": "1", "label": "Beverages", "net": "37515.73", "orders": 7, "margin": "0.250000", "day": "2026-11-01"}
    assert answer["rows"][1]["margin"] is None
    assert (answer["totals"], answer["row_count"]) == ({"net": "37510.73", "orders": 7}, 2)
