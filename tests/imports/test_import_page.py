"""Imports as a page: upload, columns, check, mend, import, undo; and what an upload may not be."""

import gzip
import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from dashboard import import_files, import_tasks
from dashboard.import_tasks import apply_import
from dashboard.models import ChangeSet, Import, ImportMap, ImportState
from dashboard.progress import Progress
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


def words_of(**words):
    return {"column-0": "sku", "column-1": "name", "column-2": "cost", **words}


@pytest.mark.django_db(transaction=True)
class TestColumns:
    DATES = b"sku;name;preorder_from;price\nA1;Bell;04/07/1996;1.234,50\nA2;Lamp;31/07/1996;12,00\nA3;Lock;1996-07-30;7\n"

    def uploaded(self, client, content=DATES):
        upload(client, content)
        record = Import.objects.latest("pk")
        client.post(f"/imports/{record.pk}/check/", {"delimiter": ";"})
        record.refresh_from_db()
        return record

    def preview(self, client, record, **words):
        columns = {"column-0": "sku", "column-1": "name", "column-2": "preorder_from", "column-3": "price"}
        return client.get(f"/imports/{record.pk}/columns/", {**columns, **words}, headers={"HX-Request": "true", "HX-Target": "columns-table"})

    def test_each_delimiter_says_how_many_columns_it_makes(self, manager_client):
        upload(manager_client, self.DATES)
        page = manager_client.get(Import.objects.get().get_absolute_url()).content.decode()
        assert "semicolon: 4 columns" in page
        assert "comma: 1 column<" in page

    def test_other_delimiter_is_read_before_anything_is_checked(self, manager_client):
        record = self.uploaded(manager_client)
        assert (record.state, record.header) == (ImportState.DRAFT, ["sku", "name", "preorder_from", "price"])

    def test_each_format_says_how_many_rows_it_reads(self, manager_client):
        page = self.preview(manager_client, self.uploaded(manager_client)).content.decode()
        assert "day/month/year: 3 rows" in page
        assert "month/day/year: 2 rows" in page
        assert "year-month-day: 1 row<" in page
        assert "1.234,56: 3 rows" in page

    def test_preview_follows_the_choices_and_keeps_nothing(self, manager_client):
        record = self.uploaded(manager_client)
        before = self.preview(manager_client, record).content.decode()
        assert "1 of 3" in before
        after = self.preview(manager_client, record, **{"format-preorder_from": "%d/%m/%Y", "format-price": "1.234,56"}).content.decode()
        assert "→ <b>1996-07-04</b>" in after
        assert "→ <b>1234.50</b>" in after
        assert "1 of 3" not in after
        record.refresh_from_db()
        assert "formats" not in record.words

    def test_preview_without_script_is_the_whole_page(self, manager_client):
        record = self.uploaded(manager_client)
        page = manager_client.get(f"/imports/{record.pk}/columns/", {"column-0": "name"}).content.decode()
        assert "<html" in page
        assert "No column for sku" in page

    def test_chosen_formats_are_those_that_are_imported(self, manager_client):
        record = self.uploaded(manager_client)
        words = {"format-preorder_from": "%d/%m/%Y", "format-price": "1.234,56", "delimiter": ";"}
        columns = {"column-0": "sku", "column-1": "name", "column-2": "preorder_from", "column-3": "price"}
        manager_client.post(f"/imports/{record.pk}/check/", {**columns, **words})
        manager_client.post(f"/imports/{record.pk}/apply/")
        assert list(Product.objects.order_by("sku").values_list("price", "preorder_from")) == [
            (Decimal("1234.5"), date(1996, 7, 4)),
            (Decimal(12), date(1996, 7, 31)),
            (Decimal(7), date(1996, 7, 30)),
        ]

    @pytest.mark.parametrize("nonsense", [{"column-0": "password"}, {"format-price": "x" * 99}, {"delimiter": "x"}, {"encoding": "klingon"}])
    def test_answer_that_the_page_does_not_offer_is_refused(self, manager_client, nonsense):
        record = self.uploaded(manager_client)
        assert manager_client.post(f"/imports/{record.pk}/check/", {"column-1": "name", **nonsense}).status_code == 422


@pytest.mark.django_db(transaction=True)
class TestMappings:
    def saved(self, client, name="Webshop"):
        upload(client)
        record = Import.objects.latest("pk")
        client.post(f"/imports/{record.pk}/mapping/save/", words_of(name=name))
        return record

    def test_file_with_the_header_of_a_mapping_gets_it(self, manager_client):
        self.saved(manager_client)
        upload(manager_client, b"ARTICLE,title,Cost\nB1,Rim,1\n")
        record = Import.objects.latest("pk")
        assert (record.map_name, record.words["columns"]["sku"]) == ("Webshop", "Article")
        page = manager_client.get(record.get_absolute_url()).content.decode()
        assert "Read by the mapping “Webshop”" in page
        assert '<option value="sku" selected>' in page

    def test_mapping_is_chosen_for_another_file_as_far_as_it_fits(self, manager_client):
        self.saved(manager_client)
        upload(manager_client, b"Article,Title,Weight\nB1,Rim,1\n")
        record = Import.objects.latest("pk")
        assert record.map_name == ""
        response = manager_client.post(f"/imports/{record.pk}/mapping/use/", {"map": ImportMap.objects.get().pk}, follow=True)
        record.refresh_from_db()
        assert (record.map_name, record.words["columns"]["sku"], record.words["columns"]["cost"]) == ("Webshop", "Article", "")
        assert "this file has no column Cost" in response.content.decode()

    def test_saving_under_the_same_name_replaces(self, manager_client):
        first = self.saved(manager_client)
        manager_client.post(f"/imports/{first.pk}/mapping/save/", {"column-0": "sku", "column-1": "name", "name": "webshop"})
        assert ImportMap.objects.get().words["columns"]["cost"] == ""

    def test_mapping_needs_a_name_and_usable_columns(self, manager_client):
        record = self.saved(manager_client)
        for words in ({"name": ""}, {"name": "x" * 81}, {"name": "B", "column-0": "-"}):
            assert manager_client.post(f"/imports/{record.pk}/mapping/save/", words_of(**words)).status_code == 422
        assert ImportMap.objects.count() == 1

    def test_mapping_is_renamed_but_not_to_the_name_of_another(self, manager_client):
        self.saved(manager_client, "One")
        self.saved(manager_client, "Two")
        one, two = ImportMap.objects.order_by("name")
        manager_client.post(f"/imports/mappings/{one.pk}/rename/", {"name": "TWO"})
        manager_client.post(f"/imports/mappings/{two.pk}/rename/", {"name": "Three"})
        assert sorted(ImportMap.objects.values_list("name", flat=True)) == ["One", "Three"]
        assert "Three" in manager_client.get("/imports/mappings/").content.decode()

    def test_mapping_is_deleted_by_its_side_only(self, manager_client, recruiter_client):
        self.saved(manager_client)
        address = f"/imports/mappings/{ImportMap.objects.get().pk}/delete/"
        assert recruiter_client.post(address).status_code == 404
        assert recruiter_client.get("/imports/mappings/").content.decode().count("Webshop") == 0
        manager_client.post(address)
        assert not ImportMap.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestStopping:
    def test_stop_leaves_nothing_and_the_file_can_be_imported_after(self, manager_client, monkeypatch):
        record = checked(manager_client)

        def stopping(self, **values):
            if values.get("step") == "writing":
                with self.teller.cursor() as cursor:  # somebody else, whose wish is committed
                    cursor.execute("UPDATE dashboard_import SET stop_asked = true WHERE id = %s", [record.pk])
            tell(self, **values)

        tell = Progress.tell
        monkeypatch.setattr(Progress, "tell", stopping)
        manager_client.post(f"/imports/{record.pk}/apply/", {"accept": "refused"})
        record.refresh_from_db()
        assert (record.state, record.error, Product.objects.count()) == (ImportState.CHECKED, "Stopped. Nothing was changed.", 0)
        monkeypatch.undo()
        manager_client.post(f"/imports/{record.pk}/apply/", {"accept": "refused"})
        assert Product.objects.count() == 2

    def test_stop_is_asked_for_on_the_page_of_what_runs(self, manager_client):
        record = checked(manager_client)
        Import.objects.filter(pk=record.pk).update(state=ImportState.IMPORTING, started_at=timezone.now())
        page = manager_client.get(record.get_absolute_url()).content.decode()
        assert f'action="/imports/{record.pk}/stop/"' in page
        manager_client.post(f"/imports/{record.pk}/stop/")
        record.refresh_from_db()
        assert record.stop_asked

    def test_progress_tells_rows_of_rows_and_then_the_step(self, manager_client):
        record = checked(manager_client)
        Import.objects.filter(pk=record.pk).update(state=ImportState.IMPORTING, started_at=timezone.now(), rows_read=1, step="reading")
        assert "1 of 3 rows read" in manager_client.get(record.get_absolute_url()).content.decode()
        Import.objects.filter(pk=record.pk).update(step="writing")
        assert "now writing them" in manager_client.get(record.get_absolute_url()).content.decode()
        Import.objects.filter(pk=record.pk).update(step="adding")
        assert "now adding them up" in manager_client.get(record.get_absolute_url()).content.decode()

    def test_interrupted_import_can_be_checked_again(self, manager_client):
        record = checked(manager_client)
        Import.objects.filter(pk=record.pk).update(state=ImportState.IMPORTING, started_at=record.created_at.replace(year=2020))
        manager_client.post(f"/imports/{record.pk}/check/", words_of())
        record.refresh_from_db()
        assert (record.state, record.result["created"]) == (ImportState.CHECKED, 2)


@pytest.mark.django_db(transaction=True)
def test_refused_cells_are_paged_and_all_of_them_downloaded(manager_client, monkeypatch):
    monkeypatch.setattr(import_tasks, "MOST_PROBLEMS", 30)
    rows = "".join(f"A{number},Bell,cheap\n" for number in range(40))
    upload(manager_client, f"Article,Title,Cost\n{rows}".encode())
    record = Import.objects.get()
    manager_client.post(f"/imports/{record.pk}/check/", words_of())
    page = manager_client.get(record.get_absolute_url(), {"page": 2}).content.decode()
    assert page.count('value="cheap"') == 5
    download = b"".join(manager_client.get(f"/imports/{record.pk}/refused/").streaming_content).decode()
    assert (len(download.splitlines()), download.splitlines()[40]) == (41, "41,cost,cheap,is not a number")
    problem = record.problems.order_by("line")[27]
    response = manager_client.post(f"/imports/{record.pk}/correct/", {"problem": problem.pk, "value": "3", "page": 2})
    assert response["Location"] == f"/imports/{record.pk}/?page=2#problems"


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
