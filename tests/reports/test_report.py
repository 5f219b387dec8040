"""The report page: page, fragment and export of one truth; every figure leads to its rows; every grouping adds up."""

import csv
import io
import json
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import transaction
from django.http import QueryDict
from django.utils.html import escape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sales import questions, reports, rollups
from sales.known import Known
from sales.measures import DIMENSIONS, MEASURES
from sales.models import OrderStatus, Product
from sales.report_filters import SalesFilter
from sales.report_tables import ReportTable
from sales.scope import Scope
from sales.sources import SOURCES
from tests.reports.company import COMPANIES, Company
from tests.sales.factories import make_category, make_customer, make_line, make_order, make_product, sell

pytestmark = pytest.mark.django_db
ALL = "period=all"
EVERY_MEASURE = ",".join(MEASURES)
SUMMED = ("net_sales", "gross_sales", "discounts", "returns", "units", "cost")
DECEMBER = datetime(2025, 12, 10, 12, tzinfo=UTC)


def january(day, hour=12):
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def ask(client, query: str) -> dict:
    response = client.get(f"/sales/?{query}&export=json")
    assert response.status_code == 200
    return json.loads(response.getvalue())


def a_month_of_sales():
    """Two products in two categories, a return, a cancelled, a test and a nameless order, in December and January."""
    bikes, bags = make_category("Bikes", key="bikes"), make_category("Bags", key="bags")
    bike, bag = make_product("Bike", sku="BK 1", category=bikes), make_product("Bag & strap", sku="BG/1", category=bags)
    una, bo = make_customer("Una", key="una"), make_customer("Bo", key="bo")
    order = make_order(una, placed_at=january(5), country="France")
    make_line(order, bike, 2, "100.00", discount_amount="10", unit_cost="60")
    make_line(order, bag, 1, "30.005", unit_cost="12")
    make_line(make_order(bo, placed_at=january(7)), bag, 4, "30.00")
    make_line(make_order(una, placed_at=january(9), country="France"), bike, -1, "100.00", unit_cost="60")
    make_line(make_order(placed_at=january(9)), make_product("Cap", sku="CP1"), 3, "0")
    make_line(make_order(una, placed_at=january(11), status=OrderStatus.CANCELLED), bike, 9, "100.00")
    make_line(make_order(una, placed_at=january(12), status=OrderStatus.TEST), bike, 9, "100.00")
    make_line(make_order(una, placed_at=DECEMBER), bike, 1, "80.00", unit_cost="60")


def test_report_by_category_shows_the_definitions(viewer_client):
    a_month_of_sales()
    answer = ask(viewer_client, f"from=2026-01-01&to=2026-01-31&measures={EVERY_MEASURE}")
    assert answer["view"] == "Net sales by category, 1–31 Jan 2026"
    rows = {row["label"]: row for row in answer["rows"]}
    assert rows["Bikes"] | {} == rows["Bikes"] | {
        "key": "bikes",
        "net_sales": "90.00",
        "gross_sales": "200.00",
        "discounts": "10.00",
        "returns": "100.00",
        "units": 1,
        "orders": 1,
        "customers": 1,
        "average_order_value": "190.00",
        "units_per_order": "2.00",
        "cost": "60.00",
        "gross_profit": "30.00",
        "margin": "0.333333",
        "return_rate": "0.500000",
    }
    assert (rows["Bags"]["net_sales"], rows["Bags"]["gross_profit"], rows["Bags"]["orders"]) == ("150.01", "18.01", 2)
    assert (rows["(none)"]["key"], rows["(none)"]["orders"], rows["(none)"]["margin"]) == ("none", 1, None)
    assert answer["totals"] | {} == answer["totals"] | {
        "net_sales": "240.01",
        "orders": 3,
        "customers": 2,
        "units": 9,
        "average_order_value": "113.34",
    }
    assert answer["row_count"] == 3
    assert [(item["reason"], item["count"]) for item in answer["left_out"]] == [("cancelled order", 1), ("test order", 1), ("lines without cost", 2)]


def test_comparison_columns_and_words(viewer_client):
    a_month_of_sales()
    query = "from=2026-01-01&to=2026-01-31&by=product&measures=net_sales,orders&compare=month_to_date"
    answer = ask(viewer_client, query)
    assert [column["name"] for column in answer["columns"]] == [
        "net_sales",
        "share",
        "net_sales_previous",
        "net_sales_change",
        "orders",
        "orders_previous",
        "orders_change",
    ]
    bike = next(row for row in answer["rows"] if row["key"] == "BK 1")
    assert (bike["net_sales"], bike["net_sales_previous"], bike["net_sales_change"]) == ("90.00", "80.00", "0.125000")
    bag = next(row for row in answer["rows"] if row["key"] == "BG/1")
    assert (bag["net_sales_previous"], bag["net_sales_change"], bag["orders_previous"]) == ("0.00", None, 0)
    page = viewer_client.get(f"/sales/?{query}").content.decode()
    assert "+12.5 %" in page
    assert ">new<" in page
    assert "against 1–31 Dec 2025, the month before" in page


def test_comparison_before_the_first_record_is_no_data(viewer_client):
    a_month_of_sales()
    answer = ask(viewer_client, "from=2025-12-01&to=2025-12-31&compare=year")
    assert (answer["totals"]["net_sales_previous"], answer["totals"]["net_sales_change"]) == (None, None)
    assert "no data" in viewer_client.get("/sales/?from=2025-12-01&to=2025-12-31&compare=year").content.decode()


@pytest.mark.parametrize("by", DIMENSIONS)
@pytest.mark.parametrize(
    "conditions", ["", "&kind=sale", "&category=bikes&known=yes", "&status=cancelled&status=test", "&q=b", "&weekday=1&weekday=3"]
)
def test_every_grouping_adds_up_to_the_same_totals(viewer_client, by, conditions):
    a_month_of_sales()
    answer = ask(viewer_client, f"{ALL}&by={by}&measures={','.join(SUMMED)}{conditions}")
    lead = ask(viewer_client, f"{ALL}&by=channel&measures={','.join(SUMMED)}{conditions}")
    assert answer["totals"] == lead["totals"]
    for measure in SUMMED:
        shown = sum(Decimal(row[measure]) for row in answer["rows"])
        assert abs(shown - Decimal(answer["totals"][measure])) <= Decimal("0.005") * len(answer["rows"])


def cells(client, query):
    """(figure, address) of every linked figure of a report, totals included."""
    response = client.get(f"/sales/?{query}&per_page=100")
    table = response.context["table"]
    for row in table.rows:
        for column in table.columns:
            links = getattr(column.column, "links", None)
            if links:
                yield row.record.values[column.name], links(row.record)
    report = response.context["report"]
    for measure in report.scope.measures:
        yield report.totals.value(measure), report.scope.lines_url(measure)


@pytest.mark.parametrize(
    "query",
    [
        f"{ALL}&by=category&measures={EVERY_MEASURE}",
        "from=2026-01-01&to=2026-01-31&by=product&compare=month_to_date&measures=net_sales,orders,returns",
        f"{ALL}&by=customer&measures=net_sales,customers,average_order_value",
        "from=2026-01-03&to=2026-01-20&by=week&compare=previous&measures=units,orders",
        f"{ALL}&by=month&country=France&kind=sale&measures=gross_sales,margin",
        f"{ALL}&by=country&known=yes&measures=net_sales",
        f"{ALL}&by=weekday&measures=orders,net_sales",
        f"{ALL}&by=hour&status=cancelled&measures=units",
        f"{ALL}&by=tier&q=ba&measures=units_per_order,return_rate",
    ],
)
def test_every_figure_leads_to_lines_with_the_same_sum(viewer_client, query):
    a_month_of_sales()
    found = list(cells(viewer_client, query))
    assert found
    for figure, url in found:
        if url is None:
            continue
        proof = viewer_client.get(url).context["proof"]
        assert proof.equal, url
        assert proof.figure == figure, url


def test_lines_name_order_customer_product_and_kind(viewer_client):
    a_month_of_sales()
    page = viewer_client.get("/sales/lines/?from=2026-01-09&to=2026-01-09&kind=return").content.decode()
    for word in ("Order", "Customer", "Product", "Kind", "Una", "Bike", "Return", "−1", "−100.00"):
        assert word in page
    exported = json.loads(viewer_client.get("/sales/lines/?from=2026-01-09&to=2026-01-09&kind=return&export=json").getvalue())
    assert (exported["rows"][0]["net"], exported["rows"][0]["kind"], exported["row_count"]) == ("-100.00", "Return", 1)


def test_sub_category_belongs_to_its_parent_and_to_itself(viewer_client):
    parent = make_category("Bikes", key="bikes")
    child = make_category("E-bikes", key="ebikes", parent=parent)
    sell(make_product(category=parent), 1, "10")
    sell(make_product(category=child), 1, "5")
    assert ask(viewer_client, f"{ALL}&category=bikes")["totals"]["net_sales"] == "15.00"
    assert ask(viewer_client, f"{ALL}&category=bikes&subcategories=no")["totals"]["net_sales"] == "10.00"
    assert {row["key"]: row["net_sales"] for row in ask(viewer_client, ALL)["rows"]} == {"bikes": "10.00", "ebikes": "5.00"}
    for figure, url in cells(viewer_client, f"{ALL}&category=bikes"):
        proof = viewer_client.get(url).context["proof"]
        assert (proof.equal, proof.figure) == (True, figure)


def test_customers_are_counted_once_over_rows(viewer_client):
    una = make_customer()
    for name in ("One", "Two", "Three"):
        sell(make_product(name), customer=una)
    answer = ask(viewer_client, f"{ALL}&by=product&measures=customers")
    assert [row["customers"] for row in answer["rows"]] == [1, 1, 1]
    assert answer["totals"]["customers"] == 1


# A country is a choice once an order has it.
PERUVIAN = (1, 1, 1, 1, 1, "Peru", "paid", [(0, 1, Decimal(1), Decimal(0), None)])
PATIENT = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
CONDITIONS = st.sampled_from(
    [
        "",
        "kind=sale",
        "kind=free",
        "kind=return&kind=adjustment",
        "known=yes",
        "category=a",
        "category=a&subcategories=no",
        "category=none",
        "product=P1",
        "product=P1&product=P2",
        "customer=c1",
        "channel=Shop&tier=Gold",
        "channel=none",
        "country=none&country=Peru",
        "salesperson=Ada&kind=sale&kind=free",
        "status=cancelled&status=paid",
        "q=product 1",
        "weekday=2&weekday=7",
        "costed=yes",
    ]
)


@PATIENT
@given(
    orders=COMPANIES, conditions=CONDITIONS, drained=st.booleans(), period=st.sampled_from([ALL, "from=2024-12-24&to=2025-01-15&compare=previous"])
)
def test_every_source_agrees_with_the_facts(db, orders, conditions, drained, period):
    with transaction.atomic():
        company = Company()
        for order in [*orders, PERUVIAN]:
            company.place(order)
        if drained:
            rollups.refresh()
        for by in DIMENSIONS:
            for measures in (EVERY_MEASURE, "net_sales,orders,margin"):
                query = f"{period}&by={by}&measures={measures}&{conditions}"
                chosen = figures(query)
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(questions, "source_for", lambda *question: SOURCES[-1])
                    assert chosen == figures(query), query
        transaction.set_rollback(True)


def figures(query):
    """Rows, totals and left out of a view, without a page around them."""
    form = SalesFilter(QueryDict(query), "/sales/", Known.read())
    assert form.is_valid(), form.errors
    report = reports.Report(Scope.read(form, today=date(2026, 1, 1)))
    rows = [(row.key, row.label, report.values(row.figures)) for row in report.rows().rows]
    return sorted(rows, key=lambda row: row[0] or ""), report.values(report.totals), report.left_out


def test_rows_keep_their_order_over_pages(viewer_client):
    category = make_category()
    for number in range(60):
        sell(make_product(f"Product {number:02}", category=category), number % 3 + 1, "10")
    for sort in ("-net_sales", "net_sales", "product", "-product", "margin", "-units", "-net_sales_change"):
        query = f"{ALL}&by=product&sort={sort}&compare=previous"
        whole = [row["key"] for row in ask(viewer_client, query)["rows"]]
        paged = [row.record.key for page in (1, 2, 3) for row in viewer_client.get(f"/sales/?{query}&page={page}").context["table"].rows]
        assert paged == whole
        assert Counter(whole).most_common(1)[0][1] == 1


def test_rows_sort_by_change_with_new_above_and_gone_below(viewer_client):
    for name, before, now in (("New", 0, 5), ("Up", 2, 4), ("Gone", 3, 0), ("Same", 2, 2)):
        product = make_product(name)
        for units, moment in ((before, DECEMBER), (now, january(5))):
            if units:
                make_line(make_order(placed_at=moment), product, units)
    query = "by=product&from=2026-01-01&to=2026-01-31&compare=month_to_date&measures=units"
    assert [row["label"] for row in ask(viewer_client, f"{query}&sort=-units_change")["rows"]] == ["New", "Up", "Same", "Gone"]
    assert [row["label"] for row in ask(viewer_client, f"{query}&sort=units_change")["rows"]] == ["Gone", "Same", "Up", "New"]
    assert next(row["label"] for row in ask(viewer_client, f"{query}&sort=nonsense")["rows"]) == "New"


@pytest.mark.parametrize("by", ["day", "week", "month", "weekday", "hour", "category", "country"])
@pytest.mark.parametrize("measure", ["units", "margin", "orders"])
def test_rows_sort_by_any_column_empty_last(viewer_client, by, measure):
    a_month_of_sales()
    for part in ("", "_previous", "_change"):
        for sign in ("", "-"):
            query = f"from=2026-01-01&to=2026-01-31&by={by}&measures={measure}&compare=month_to_date&sort={sign}{measure}{part}"
            values = [row.record.values[measure + part] for row in viewer_client.get(f"/sales/?{query}").context["table"].rows]
            known = [value for value in values if value is not None]
            if part != "_change":  # "new" has no value, and stands first
                assert values == known + [None] * (len(values) - len(known))
            assert known == sorted(known, reverse=sign == "-")


def test_empty_margins_stand_last_whichever_way(viewer_client):
    make_line(make_order(), make_product("Costed"), 1, "10", unit_cost="4")
    make_line(make_order(), make_product("Unknown"), 1, "10")
    for sort in ("margin", "-margin"):
        assert [row["label"] for row in ask(viewer_client, f"{ALL}&by=product&sort={sort}")["rows"]] == ["Costed", "Unknown"]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    "query",
    ["", "by=product&compare=year", "by=month&from=2026-01-01&to=2026-01-31", "by=customer&measures=customers&from=2026-01-01&to=2026-01-31"],
)
def test_statements_do_not_grow_with_rows(viewer_client, hx, django_assert_num_queries, rows, query):
    for number in range(rows):
        make_line(make_order(make_customer(), placed_at=january(5 + number)), make_product(category=make_category(f"C{number}")), 1)
    with django_assert_num_queries(3):  # who asks, what there is to choose from, the answer
        page = viewer_client.get(f"/sales/?{query}")
    with django_assert_num_queries(2):
        fragment = hx(viewer_client).get(f"/sales/?{query}")
    with django_assert_num_queries(1):
        again = hx(viewer_client).get(f"/sales/?{query}")
    assert again.content == fragment.content
    assert again.content.strip() in page.content
    make_line(make_order(make_customer(), placed_at=january(9)), make_product("Fresh"), 1)
    assert hx(viewer_client).get(f"/sales/?{query}").content != fragment.content


def test_fragment_is_the_results_alone_and_pushes_a_clean_address(viewer_client, hx):
    a_month_of_sales()
    response = hx(viewer_client).get("/sales/?by=product&category=&from=&to=&page=1&period=all&q=")
    body = response.content.decode().strip()
    assert body.startswith('<div id="results"')
    assert "<html" not in body
    assert response["HX-Push-Url"] == "/sales/?by=product&period=all"
    whole = viewer_client.get("/sales/?by=product&period=all").content.decode()
    assert "<html" in whole
    assert body.count("<tr") == whole.count("<tr")


@pytest.mark.parametrize(
    "query",
    [
        "by=nothing",
        "from=2026-02-30",
        "from=2026-02-02&to=2026-01-01",
        "category=unknown",
        "measures=net_sales,tax",
        "period=custom",
        "from=0001-01-01",
        "hour=25",
    ],
)
def test_wrong_values_show_no_rows_and_say_why(viewer_client, query):
    a_month_of_sales()
    for path in ("/sales/", "/sales/lines/"):
        response = viewer_client.get(f"{path}?{query}")
        assert response.status_code == 200
        assert "This view cannot be shown as asked" in response.content.decode()
        assert "Bike" not in response.content.decode()


def test_unknown_words_are_ignored_and_pages_clamped(viewer_client):
    a_month_of_sales()
    plain = viewer_client.get(f"/sales/?{ALL}&by=product")
    odd = viewer_client.get(f"/sales/?{ALL}&by=product&colour=red&page=99&per_page=7")
    assert [row.record.key for row in odd.context["table"].rows] == [row.record.key for row in plain.context["table"].rows]
    assert (odd.context["paginator"].per_page, odd.context["page_obj"].number) == (25, 1)


def test_csv_is_the_screen(viewer_client):
    a_month_of_sales()
    query = f"{ALL}&by=product&measures=net_sales,orders"
    text = viewer_client.get(f"/sales/?{query}&export=csv").getvalue().decode()
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0] == ["Product", "Net sales", "Share", "Orders"]
    assert lines[1] == ["Bike", "170.00", "0.531242", "2"]
    assert lines[-1][0] == "All products"
    headed = viewer_client.get(f"/sales/?{query}&export=csv&header=1").getvalue().decode()
    assert "Net sales by product, 10 Dec 2025 – 12 Jan 2026" in headed
    assert viewer_client.get(f"/sales/?{query}&export=xlsx").getvalue()[:2] == b"PK"


def test_title_says_the_whole_view(viewer_client):
    a_month_of_sales()
    query = "by=month&measures=orders&from=2026-01-01&to=2026-01-31&compare=year_weekdays&product=BG/1&known=yes"
    assert ask(viewer_client, query)["view"] == (
        "Orders of Bag & strap, known customers by month, 1–31 Jan 2026, against the same weekdays last year"
    )
    page = viewer_client.get(f"/sales/?{query}").content.decode()
    assert escape("Bag & strap") in page


def test_default_period_reaches_back_to_old_data(viewer_client):
    make_line(make_order(placed_at=datetime(2019, 5, 5, tzinfo=UTC)), make_product(), 1)
    assert viewer_client.get("/sales/").context["scope"].preset == "all"
    sell(make_product(), days_ago=0)
    assert viewer_client.get("/sales/").context["scope"].preset == "last_365_days"


def test_empty_company_says_what_to_do(viewer_client):
    page = viewer_client.get("/sales/").content.decode()
    assert "No sales in this period" in page
    assert viewer_client.get("/sales/lines/").status_code == 200
    assert "No orders yet" in viewer_client.get("/").content.decode()


def test_filters_open_with_the_state_of_the_address(viewer_client):
    a_month_of_sales()
    response = viewer_client.get(f"/sales/?{ALL}&by=product&measures=units,returns&category=bikes&filters=open")
    form = response.context["filter_form"]
    assert (form["by"].value(), form["measures"].value(), form["category"].value()) == ("product", ["units", "returns"], ["bikes"])
    assert 'id="filters"' in response.content.decode()


def test_address_of_a_part_changes_only_that_part(viewer_client):
    a_month_of_sales()
    scope = viewer_client.get(f"/sales/?{ALL}&by=product&compare=year&page=2").context["scope"]
    assert dict(parse_qsl(urlsplit(scope.url(by="month")).query)) == {"period": "all", "by": "month", "compare": "year"}


def test_outsiders_and_strangers_are_refused(client, outsider_client, recruiter_client):
    for path in ("/sales/", "/sales/lines/", "/sales/?export=json"):
        assert outsider_client.get(path).status_code == 403
        assert recruiter_client.get(path).status_code == 403
        assert client.get(path).status_code == 302


def test_price_changed_now_is_in_the_next_answer(viewer_client):
    line = sell(make_product(), 1, "10", days_ago=1)
    rollups.refresh()
    type(line).objects.filter(pk=line.pk).update(unit_price="12.5")
    assert ask(viewer_client, ALL)["totals"]["net_sales"] == "12.50"
    Product.objects.update(category=make_category("Moved"))
    assert [row["label"] for row in ask(viewer_client, ALL)["rows"]] == ["Moved"]


def test_table_names_rows_by_public_keys(viewer_client):
    a_month_of_sales()
    table = viewer_client.get(f"/sales/?{ALL}&by=product").context["table"]
    assert isinstance(table, ReportTable)
    assert {table.row_key(row.record) for row in table.rows} == {"BK 1", "BG/1", "CP1"}


def test_what_is_recorded_while_a_report_is_made_is_not_mistaken_for_its_period(db):
    make_line(make_order(placed_at=january(5)), make_product("Old"), 1)
    form = SalesFilter(QueryDict("by=product&from=2026-01-01&to=2026-01-31"), "/sales/", Known.read())
    assert form.is_valid()
    early, late = (reports.Report(Scope.read(form, today=date(2026, 2, 1))) for _ in range(2))
    make_line(make_order(placed_at=datetime(2026, 2, 3, tzinfo=UTC)), make_product("Later"), 1)
    make_line(make_order(placed_at=datetime(2025, 12, 30, tzinfo=UTC)), make_product("Earlier"), 1)
    assert [row.label for row in early.rows(per_page=25).rows] == ["Old"]
    assert [row.label for row in late.rows().rows] == ["Old"]
    assert early.totals.now["units"] == 1


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("by=product", False),
        ("by=product&q=a&measures=net_sales", False),
        ("by=product&q=a&measures=net_sales,orders", True),  # an order with several such products counts once in the totals
        ("by=product&country=France", True),
    ],
)
def test_page_says_that_it_read_order_lines(viewer_client, query, said):
    a_month_of_sales()
    body = viewer_client.get(f"/sales/?from=2026-01-01&to=2026-01-31&{query}").content.decode()
    assert ("Read from order lines" in body) == said


def test_forms_of_one_state_of_the_data_share_their_fields_and_nothing_else():
    make_category("Bikes", key="bikes")
    known = Known.read()
    right, wrong = (SalesFilter(QueryDict(f"category={key}"), "/sales/", known) for key in ("bikes", "boats"))
    assert right.is_valid()
    assert set(wrong.errors) == {"category"}
    assert right.fields["category"] is wrong.fields["category"]
    del right.fields["category"]
    assert "category" in SalesFilter(QueryDict(), "/sales/", known).fields
    make_category("Boats", key="boats")
    assert SalesFilter(QueryDict("category=boats"), "/sales/", Known.read()).is_valid()


def test_orders_of_several_products_are_counted_on_lines_and_all_else_is_summed(admin_client):
    a_month_of_sales()
    query = "from=2026-01-01&to=2026-01-31&by=month&q=b&measures=net_sales,orders,units"
    form = SalesFilter(QueryDict(query), "/sales/", Known.read())
    assert form.is_valid()
    report = reports.Report(Scope.read(form, today=date(2026, 2, 1)))
    assert [(source.name, sorted(columns)) for source, columns in report._sums("month").parts] == [
        ("products", ["lines", "net", "units"]),
        ("order lines", ["orders"]),
    ]
    totals = report.totals.now
    assert (totals["orders"], totals["units"], totals["net"], totals["lines"]) == (2, 6, 2_400_050, 4)
