"""Imports as a page: upload, columns, check, mend, import, undo; and what an upload may not be."""

import gzip
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dashboard import import_files
from dashboard.import_tasks import apply_import
from dashboard.models import ChangeSet, Import, ImportState
from sales.models import Product

PRODUCTS = b"Article,Title,Cost\nA1,Bell,2.50\nA2,Lamp,cheap\nA3,Lock,4\n"


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def upload(client, content=PRODUCTS, name="products.csv", entity="products"):
    return client.post("/imports/", {"entity": entity, "file": SimpleUploadedFile(name, content)})


def checked(client, **words):
    upload(client)
    record = Import.objects.latest("pk")
    client.post(f"/imports/{record.pk}/check/", {"column-0": "sku", "column-1": "name", "column-2": "cost", **words})
    record.refresh_from_db()
    return record


@pytest.mark.django_db(transaction=True)
class TestFlow:
    def test_columns_are_recognised_and_shown_with_their_first_cells(self, manager_client):
        response = upload(manager_client)
        page = manager_client.get(response["Location"]).content.decode()
        assert '<option value="cost" selected>' in page
        assert "Bell" in page
        assert not Product.objects.exists()

    def test_check_tells_what_would_happen_and_changes_nothing(self, manager_client):
        record = checked(manager_client)
        assert (record.state, record.result["created"], record.result["refused"]) == (ImportState.CHECKED, 2, 1)
        assert [(problem.line, problem.field, problem.value) for problem in record.problems.all()] == [(3, "cost", "cheap")]
        assert not Product.objects.exists()
        assert not ChangeSet.objects.filter(verb="import.applied").exists()

    def test_refused_rows_are_left_out_only_when_said(self, manager_client):
        record = checked(manager_client)
        manager_client.post(f"/imports/{record.pk}/apply/")
        assert not Product.objects.exists()
        manager_client.post(f"/imports/{record.pk}/apply/", {"accept": "refused"})
        assert set(Product.objects.values_list("sku", flat=True)) == {"A1", "A3"}

    def test_mended_cell_is_imported_and_the_file_stays(self, manager_client):
        record = checked(manager_client)
        manager_client.post(f"/imports/{record.pk}/correct/", {"problem": record.problems.get().pk, "value": "3.75"})
        manager_client.post(f"/imports/{record.pk}/check/", {"column-0": "sku", "column-1": "name", "column-2": "cost"})
        manager_client.post(f"/imports/{record.pk}/apply/")
        record.refresh_from_db()
        assert (record.state, record.result["refused"]) == (ImportState.DONE, 0)
        assert str(Product.objects.get(sku="A2").cost) == "3.7500"
        assert (import_files.folder() / record.stored_as).read_bytes() == PRODUCTS

    def test_import_is_a_change_set_of_its_user_and_can_be_undone(self, manager_client, manager):
        record = checked(manager_client)
        manager_client.post(f"/imports/{record.pk}/apply/", {"accept": "refused"})
        record.refresh_from_db()
        assert (record.change.user, record.change.sentence) == (manager, "imported products from products.csv: 2 created")
        manager_client.post(f"/changes/{record.change.pk}/undo/")
        assert not Product.objects.exists()
        assert "undone" in manager_client.get(record.get_absolute_url()).content.decode()

    def test_same_file_again_changes_nothing_and_remembers_the_columns(self, manager_client):
        first = checked(manager_client)
        manager_client.post(f"/imports/{first.pk}/apply/", {"accept": "refused"})
        upload(manager_client)
        again = Import.objects.latest("pk")
        first.refresh_from_db()
        assert again.words == first.words
        manager_client.post(f"/imports/{again.pk}/check/", {"column-0": "sku", "column-1": "name", "column-2": "cost"})
        again.refresh_from_db()
        assert (again.result["created"], again.result["updated"], again.result["unchanged"]) == (0, 0, 2)
        manager_client.post(f"/imports/{again.pk}/apply/", {"accept": "refused"})
        again.refresh_from_db()
        assert (again.state, again.change, Product.objects.count()) == (ImportState.DONE, None, 2)

    def test_task_that_comes_a_second_time_finds_its_work_done(self, manager_client):
        record = checked(manager_client)
        manager_client.post(f"/imports/{record.pk}/apply/", {"accept": "refused"})
        apply_import.func(record.pk, accept_refused=True)
        record.refresh_from_db()
        assert (record.state, record.result["created"]) == (ImportState.DONE, 2)
        assert record.change is not None

    def test_constant_fills_a_field_that_the_file_lacks(self, manager_client):
        record = checked(manager_client, **{"constant-stock": "7"})
        manager_client.post(f"/imports/{record.pk}/apply/", {"accept": "refused"})
        assert set(Product.objects.values_list("stock", flat=True)) == {7}

    def test_second_press_of_import_does_nothing_twice(self, manager_client):
        record = checked(manager_client)
        for _ in range(2):
            response = manager_client.post(f"/imports/{record.pk}/apply/", {"accept": "refused"}, follow=True)
        assert "already imported" in response.content.decode()
        assert ChangeSet.objects.filter(verb="import.applied").count() == 1

    def test_work_that_nobody_holds_any_more_is_told_as_interrupted(self, manager_client):
        record = checked(manager_client)
        Import.objects.filter(pk=record.pk).update(state=ImportState.IMPORTING, started_at=record.created_at.replace(year=2020))
        page = manager_client.get(record.get_absolute_url()).content.decode()
        assert "Nothing of it was imported" in page

    def test_file_that_cannot_be_read_says_why(self, manager_client):
        upload(manager_client, b"Article,Title\nA1,Fahrr\xe4der\n")
        record = Import.objects.latest("pk")
        assert record.state == ImportState.FAILED
        assert "cp1252" in manager_client.get(record.get_absolute_url()).content.decode()
        manager_client.post(f"/imports/{record.pk}/check/", {"encoding": "cp1252"})
        manager_client.post(f"/imports/{record.pk}/check/", {"column-0": "sku", "column-1": "name", "encoding": "cp1252"})
        record.refresh_from_db()
        assert (record.state, record.result["created"]) == (ImportState.CHECKED, 1)


def workbook(*names):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name in names:
            packed.writestr(name, "x")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("products.php", b"x", "Choose a CSV file"),
        ("products.svg", b"<svg/>", "Choose a CSV file"),
        ("products.csv", b"", "empty"),
        ("products.xlsx", b"sku,name", "not an Excel workbook"),
        ("products.xlsx", workbook("word/document.xml"), "not an Excel workbook"),
        ("products.csv.gz", b"sku,name", "not packed"),
        ("products.csv", workbook("xl/workbook.xml"), "not a text table"),
        ("products.csv", b"%PDF-1.7", "not a text table"),
    ],
)
def test_upload_that_is_no_table_is_refused_with_a_sentence(manager_client, name, content, sentence):
    response = upload(manager_client, content, name)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Import.objects.exists()


def test_upload_keeps_a_name_of_our_own_and_shows_a_harmless_one(manager_client):
    upload(manager_client, gzip.compress(PRODUCTS), "../../etc/<b>passwd.csv.gz")
    record = Import.objects.get()
    assert "/" not in record.stored_as
    assert "<" not in record.file_name
    assert (import_files.folder() / record.stored_as).stat().st_mode & 0o777 == 0o600


def test_each_side_imports_its_own_only(manager_client, recruiter_client, viewer_client):
    assert upload(recruiter_client, entity="products").status_code == 422
    upload(manager_client)
    record = Import.objects.get()
    assert recruiter_client.get(record.get_absolute_url()).status_code == 404
    assert viewer_client.get("/imports/").status_code == 403
