"""How columns find their fields, and what a map file may say; what it may not say is named with the nearest words."""

from decimal import Decimal

import pytest

from dashboard.imports import ImportFailedError
from sales.models import Customer, Order, Product

from .small import outcome


@pytest.mark.parametrize("header", ["key,name", "Customer_ID,Company Name", "customerid,CUSTOMER-NAME", "Id,fullName"])
def test_headers_map_themselves_without_regard_to_case_and_punctuation(desk, header):
    desk.bring("customers", f"{header}\nA,Ada\n")
    assert Customer.objects.get().name == "Ada"


def test_columns_that_nobody_uses_are_named(desk):
    assert desk.bring("customers", "key,name,fax,\nA,Ada,1,\n").unused == ("fax", "column 4")


def test_map_names_columns_constants_nulls_values_and_formats(desk):
    desk.bring("customers", "key,name\n17,Ada\n")
    the_map = """
        [columns]
        number = "Nr"
        placed_at = "When"
        customer = ["Buyer", "Payer"]
        status = "State"
        [constants]
        channel = "Fair"
        [formats]
        placed_at = ["%m/%d/%Y", "%m-%d-%y"]
        customer = "integer"
        shipping = "1.234,56"
        [nulls]
        words = ["NULL", "-"]
        [values.status]
        done = "completed"
        1 = "paid"
    """
    text = 'Nr,When,Buyer,Payer,State,freight,country\n1,12/31/2025,17.0,99.0,done,"1.000,5",NULL\n2,1-2-26,,17.0,1,-,-\n'
    report = desk.bring("orders", text, the_map)
    assert outcome(report) == (2, 0, 0, 0)
    first, second = Order.objects.order_by("number")
    assert (first.placed_on.isoformat(), first.customer.key, first.status, first.shipping, first.country) == (
        "2025-12-31",
        "17",
        "completed",
        Decimal("1000.5"),
        "",
    )
    assert (second.placed_on.isoformat(), second.customer.key, second.status, second.shipping) == ("2026-01-02", "17", "paid", 0)
    assert {first.channel.name, second.channel.name} == {"Fair"}


@pytest.mark.parametrize(
    ("the_map", "sentence"),
    [
        ("[colums]\nname = 'x'", "'colums', which customers do not know. Did you mean columns"),
        ("[columns]\nnmae = 'x'", "'nmae', which customers do not know there. Did you mean name"),
        ("[columns]\nname = 'Nmae'", "reads name from 'Nmae', which the file does not have. Did you mean name"),
        ("[columns]\nname = 3", "[columns] name is a header of the file"),
        ("[columns]\nname = 'name'\n[constants]\nname = 'x'", "gives name both a column and a constant"),
        ("[constants]\nemail = 'nobody'", "[constants] email: 'nobody' is not an email address"),
        ("[formats]\nname = 'upper'", "[formats] name: the format of a text"),
        ("[nulls]\nword = ['x']", "'word', which customers do not know there. Did you mean words"),
        ("[nulls]\nwords = 'NULL'", "[nulls] words are a list"),
        ("[values]\nname = 'x'", "[values.name] holds lines"),
        ("values = 3", "values is a section of its own"),
        ("pipeline = 3", "'pipeline', which customers do not know"),
        ("[columns", "cannot be read"),
    ],
)
def test_map_that_says_what_cannot_be_is_a_sentence(desk, the_map, sentence):
    with pytest.raises(ImportFailedError) as failed:
        desk.bring("customers", "key,name\nA,Ada\n", the_map)
    assert sentence in str(failed.value)
    assert Customer.objects.count() == 0


@pytest.mark.parametrize(
    ("entity", "header", "sentence"),
    [
        ("customers", "key,city", "No column for name. The file has 'key', 'city'."),
        ("customers", "customer_id,id,name", "Both 'customer_id' and 'id' could be key"),
        ("customers", "key,name,Name", "Both 'name' and 'Name' could be name"),
        ("order_lines", "order_id,sku,quantity", "No column for unit_price or net_amount"),
        ("order_lines", "order_id,sku,quantity,unit_price,net_amount", 'leave the other out with [columns] net_amount = ""'),
    ],
)
def test_header_that_leaves_a_field_open_is_a_sentence(desk, entity, header, sentence):
    with pytest.raises(ImportFailedError) as failed:
        desk.bring(entity, f"{header}\n")
    assert sentence in str(failed.value)


def test_column_can_be_left_out(desk):
    desk.bring("products", "sku,name,price\nA,Lamp,12\n", '[columns]\nprice = ""\n')
    assert Product.objects.get().price is None


def test_ambiguous_dates_are_refused_and_both_readings_counted(desk):
    report = desk.bring("orders", "number,placed_at\n1,04/07/1996\n2,25/07/1996\n3,1996-07-25\n4,07/31/1996\n")
    assert (report.applied, report.refused) == (False, 3)
    assert report.reading.readings == {("placed_at", "%d/%m/%Y"): 2, ("placed_at", "%m/%d/%Y"): 2}
    assert any("2 refused dates can be read as %d/%m/%Y" in remark for remark in report.remarks())
