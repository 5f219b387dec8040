"""Loads the real data sets through the importer, as a user would: load_northwind(shared_data) and its like, inside a test's database."""

from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dashboard.importing.files import Source
from dashboard.importing.maps import Map, read_map
from dashboard.imports import Report, entities, run
from dashboard.models import Import

MAPS = Path(__file__).resolve().parent.parent / "docs" / "maps"


def load(entity: str, path: Path, the_map: str = "", **options) -> Report:
    """Import one file; `the_map` names a file of docs/maps."""
    kind = entities()[entity]
    words = read_map(MAPS / f"{the_map}.toml", kind) if the_map else Map()
    return run(kind, Source(path, **words.file), words, **options)


def load_northwind(data_dir: Path) -> list[Report]:
    """Northwind: 8 categories, 77 products, 91 customers, 830 orders, 2,155 lines; net 1,265,793.0395."""
    folder = data_dir / "northwind"
    return [
        load("categories", folder / "categories.csv"),
        load("products", folder / "products.csv", "northwind_products"),
        load("customers", folder / "customers.csv"),
        load("orders", folder / "orders.csv", "northwind_orders"),
        load("order_lines", folder / "order_details.csv"),
    ]


def check_online_retail(client: Client, data_dir: Path) -> Import:
    """Upload Online Retail, 541,909 rows, on the import page and have it checked by the worker's task."""
    path = data_dir / "online_retail" / "online_retail.csv.gz"
    client.post("/imports/", {"entity": "sales", "file": SimpleUploadedFile(path.name, path.read_bytes())})
    record = Import.objects.latest("pk")
    fields = ("number", "sku", "product_name", "quantity", "placed_at", "unit_price", "customer", "country")
    columns = {f"column-{index}": name for index, name in enumerate(fields)}
    client.post(f"/imports/{record.pk}/check/", {**columns, "format-customer": "integer", "constant-channel": "Web shop"})
    record.refresh_from_db()
    return record


def import_online_retail(client: Client, data_dir: Path) -> Import:
    """Bring it in as a manager does: upload, map, dry run, import."""
    record = check_online_retail(client, data_dir)
    client.post(f"/imports/{record.pk}/apply/")
    record.refresh_from_db()
    return record


def load_job_postings(data_dir: Path, name: str = "data_jobs_salary_all.csv.gz") -> Report:
    """32,672 job postings with their skills; `name` may be data_jobs_2023-01.csv, 3,102 of them."""
    return load("jobs", data_dir / "jobs" / name, "job_postings")


def load_applications(data_dir: Path) -> Report:
    """9,996 of 10,000 applications on a pipeline of their own, for 671 jobs made along with them; 4 rows name no job."""
    return load("applications", data_dir / "applicants" / "application_assignment.csv", "applications", accept_refused=True)
