"""Online Retail, 541,909 real and dirty rows: imported whole on the page, shown as its reference figures say, and unchanged by a second import."""

from decimal import Decimal

import pytest
from django.db.models import Count, Q, Sum

from sales import rollups
from sales.models import Customer, Order, OrderLine, Product
from tests.real_data import check_online_retail

from .test_reference_figures import EVERYTHING, Question, check, month_rows, questions

pytestmark = pytest.mark.django_db
CLEAN = "period=all&kind=sale&known=yes"
ONLINE_RETAIL = [
    (r"turnover_all_rows", lambda m: Question(EVERYTHING, "", "net_sales")),
    (r"sales_clean", lambda m: Question(CLEAN, "", "net_sales")),
    (r"invoices_clean", lambda m: Question(CLEAN, "", "orders")),
    (r"units_clean", lambda m: Question(CLEAN, "", "units")),
    (r"aov_clean", lambda m: Question(CLEAN, "", "average_order_value")),
    (r"customers_clean", lambda m: Question(f"{CLEAN}&measures=customers", "", "customers")),
    (r"turnover_all_rows_by_month\[(.+)\]", lambda m: Question(f"by=month&{EVERYTHING}", month_rows(m), "net_sales")),
    (r"sales_clean_by_month\[(.+)\]", lambda m: Question(f"by=month&{CLEAN}", month_rows(m), "net_sales")),
    (r"invoices_clean_by_month\[(.+)\]", lambda m: Question(f"by=month&{CLEAN}", month_rows(m), "orders")),
    (r"top_country_clean\[\d+\] (.+)", lambda m: Question(f"by=country&{CLEAN}", m[1], "net_sales")),
    (r"uk_turnover_all_rows", lambda m: Question(f"by=country&{EVERYTHING}", "United Kingdom", "net_sales")),
    (r"top_customer_clean\[\d+\] (.+)", lambda m: Question(f"by=customer&{CLEAN}&measures=net_sales,orders", m[1], "net_sales")),
    (r"top_customer_clean_invoices\[\d+\] (.+)", lambda m: Question(f"by=customer&{CLEAN}&measures=net_sales,orders", m[1], "orders")),
    (r"top_stock_code_by_net_units\[\d+\] (.+)", lambda m: Question(f"by=product&{EVERYTHING}", m[1], "units")),
    (r"top_product_by_sales_clean\[\d+\] (.+)", lambda m: Question(f"by=product&{CLEAN}&measures=net_sales", m[1], "net_sales")),
    (r"turnover_1_9_dec_2010", lambda m: Question("from=2010-12-01&to=2010-12-09", "", "net_sales")),
    (r"turnover_1_9_dec_2011", lambda m: Question("from=2011-12-01&to=2011-12-09&compare=year", "", "net_sales")),
    (r"change_1_9_dec_2011_vs_2010_pct", lambda m: Question("from=2011-12-01&to=2011-12-09&compare=year", "", "net_sales_change", percent=True)),
]


@pytest.mark.parametrize(("value", "question"), questions("online_retail", ONLINE_RETAIL))
def test_online_retail_figure(online_retail, value, question):
    check(online_retail, value, question)


def test_enough_figures_are_asked_for(shared_data):
    assert len(questions("online_retail", ONLINE_RETAIL)) >= 90


def outcome(record):
    return [record.result[word] for word in ("rows", "created", "updated", "unchanged", "refused")]


def test_online_retail_comes_in_whole(online_retail_import):
    _, (_, record) = online_retail_import
    assert (record.state, outcome(record)) == ("done", [541_909, 541_909, 0, 0, 0])
    assert "product_name: outer blanks taken off 113,452 cells" in record.result["remarks"]
    assert (record.change.user.username, record.change.verb) == ("importer", "import.applied")
    lines = OrderLine.objects.all()
    assert lines.aggregate(Sum("net"), Count("pk")) == {"net__sum": Decimal("9747747.934"), "pk__count": 541_909}
    assert [Order.objects.count(), Customer.objects.count(), Product.objects.count()] == [25_900, 4_372, 4_070]
    clean = lines.filter(quantity__gt=0, unit_price__gt=0, order__customer__isnull=False)
    assert clean.aggregate(
        net=Sum("net"), rows=Count("pk"), orders=Count("order", distinct=True), people=Count("order__customer", distinct=True)
    ) == {
        "net": Decimal("8911407.904"),
        "rows": 397_884,
        "orders": 18_532,
        "people": 4_338,
    }
    assert Order.objects.values("country").distinct().count() == 38
    assert lines.filter(order__customer__isnull=True).count() == 135_080
    assert lines.filter(unit_price__lt=0, kind="adjustment").count() == 2
    assert Customer.objects.filter(Q(key__contains=".") | Q(name="")).count() == 0
    assert rollups.marked_days() == 0


def test_online_retail_a_second_time_changes_nothing(online_retail_import, shared_data):
    _, (client, _) = online_retail_import
    again = check_online_retail(client, shared_data)
    assert outcome(again) == [541_909, 0, 0, 541_909, 0]
    assert not [remark for remark in again.result["remarks"] if "created" in remark or "updated" in remark or "named" in remark]
