"""How files are read: encodings, quotes, line numbers, packed files and sheets. Nothing is dropped, shifted or guessed."""

import datetime as dt
import gzip

import pytest
import xlsxwriter

from dashboard.importing.files import Source
from dashboard.imports import ImportFailedError
from sales.models import Customer, Product

from .small import outcome


def test_row_with_too_many_or_too_few_fields_is_refused_with_its_line_even_after_quoted_newlines(desk):
    text = 'key,name,city\r\nA,"two\r\nlines",Rome\r\n\r\nB,one,Oslo, Norway\r\nC,one\r\nD,last,Bonn\r\n'
    report = desk.bring("customers", text, accept_refused=True)
    assert outcome(report) == (2, 0, 0, 2)
    assert desk.refusals() == [
        (5, "", "B | one | Oslo |  Norway", "The row has 4 fields, the header 3."),
        (6, "", "C | one", "The row has 2 fields, the header 3."),
    ]
    assert list(Customer.objects.order_by("key").values_list("key", "name", "city")) == [("A", "two\r\nlines", "Rome"), ("D", "last", "Bonn")]


def test_utf8_with_a_byte_order_mark_is_read_like_utf8_without(desk):
    desk.bring("customers", "\ufeffkey,name\nA,Müller\n".encode())
    assert Customer.objects.get().name == "Müller"


def test_cp1252_is_read_when_asked_for_and_named_by_line_when_not(desk):
    content = "key,name\nA,plain\nB,Müller €\n".encode("cp1252")
    with pytest.raises(ImportFailedError, match=r"file.csv is not utf-8 in line 3, byte 4 \(0xfc\)"):
        desk.bring("customers", content)
    assert Customer.objects.count() == 0
    desk.bring("customers", content, '[file]\nencoding = "cp1252"\n')
    assert Customer.objects.get(key="B").name == "Müller €"


def test_unknown_encoding_is_a_sentence(desk):
    with pytest.raises(ImportFailedError, match="klingon is not an encoding"):
        desk.bring("customers", "key,name\n", '[file]\nencoding = "klingon"\n')


def test_file_with_a_header_alone_is_accepted_and_an_empty_one_is_not(desk):
    assert outcome(desk.bring("customers", "key,name\n")) == (0, 0, 0, 0)
    with pytest.raises(ImportFailedError, match="has no header, it is empty"):
        desk.bring("customers", "")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('B,"half "quoted"\n', "cannot be read"),
        ('B,"never closed\nC,swallowed\n', "which runs to line 4"),
    ],
)
def test_row_with_broken_quotes_is_refused_with_its_line(desk, row, reason):
    report = desk.bring("customers", f"key,name\nA,good\n{row}", accept_refused=True)
    assert (report.counts.created, report.refused) == (1, 1)
    [(line, field, value, said)] = desk.refusals()
    assert (line, field, value) == (3, "", "")
    assert reason in said


def test_nul_character_is_refused(desk):
    report = desk.bring("customers", "key,name\nA,a\0b\n")
    assert (report.applied, report.refused) == (False, 1)
    assert desk.refusals() == [(2, "name", "a\ufffdb", "holds a NUL character")]


def test_packed_file_is_read_and_a_cut_one_changes_nothing(desk):
    packed = gzip.compress(b"key,name\n" + b"".join(b"K%d,name %d\n" % (number, number) for number in range(5000)))
    assert outcome(desk.bring("customers", desk.write(packed, "all.csv.gz"))) == (5000, 0, 0, 0)
    Customer.objects.all().delete()
    with pytest.raises(ImportFailedError, match=r"cut.csv.gz is damaged or incomplete"):
        desk.bring("customers", desk.write(packed[:-2000], "cut.csv.gz"))
    assert Customer.objects.count() == 0


def test_sheet_is_read_with_its_numbers_and_dates_as_text_and_its_own_row_numbers(desk, tmp_path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Notes").write(0, 0, "nothing here")
        sheet = book.add_worksheet("Products")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for column, name in enumerate(("sku", "name", "price", "stock", "preorder_from", "active")):
            sheet.write(2, column, name)
        for row, values in ((3, (4711, "Lamp", 12.5, 3)), (5, ("B", "Chair", 0.1, "many"))):
            for column, value in enumerate(values):
                sheet.write(row, column, value)
            sheet.write_datetime(row, 4, dt.datetime(2026, 3, 1), day)  # noqa: DTZ001 - a sheet has no zones
            sheet.write(row, 5, "no")
    report = desk.bring("products", path, '[file]\nsheet = "Products"\n', accept_refused=True)
    assert outcome(report) == (1, 0, 0, 1)
    assert desk.refusals() == [(6, "stock", "many", "is not a number")]
    product = Product.objects.get()
    assert (product.sku, str(product.price), product.stock, product.preorder_from, product.active) == (
        "4711",
        "12.5000",
        3,
        dt.date(2026, 3, 1),
        False,
    )
    with pytest.raises(ImportFailedError, match="has no sheet 'Lines'; it has Notes, Products"):
        desk.bring("products", path, '[file]\nsheet = "Lines"\n')


@pytest.mark.parametrize("name", ["file.pdf", "file.xlsx"])
def test_file_of_another_kind_is_a_sentence(desk, name):
    with pytest.raises(ImportFailedError, match=r"neither CSV, CSV\.gz nor XLSX|cannot be read as XLSX"):
        desk.bring("customers", desk.write("key,name\n", name))


def test_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(ImportFailedError, match="is not a file"):
        Source(tmp_path / "nowhere.csv").rows()


def test_another_delimiter_is_said_in_the_map_never_guessed(desk):
    text = "key;name\nA;one, two\n"
    with pytest.raises(ImportFailedError, match="No column for key"):
        desk.bring("customers", text)
    desk.bring("customers", text, '[file]\ndelimiter = ";"\n')
    assert Customer.objects.get().name == "one, two"


def test_outer_blanks_are_taken_off_and_counted(desk):
    report = desk.bring("customers", "key,name\n A ,  one \nB,two  three\n")
    assert report.reading.trimmed == {"key": 1, "name": 1}
    assert set(Customer.objects.values_list("key", "name")) == {("A", "one"), ("B", "two  three")}
