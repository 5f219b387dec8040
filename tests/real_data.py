"""Loads the real data sets through the importer, as a user would: load_northwind(shared_data) and its like, inside a test's database."""

from pathlib import Path

from dashboard.importing.files import Source
from dashboard.importing.maps import Map, read_map
from dashboard.imports import Report, entities, run

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


def load_online_retail(data_dir: Path, name: str = "online_retail.csv.gz") -> Report:
    """Online Retail, 541,909 rows in about a minute; `name` may be one of the day files, 2010-12-01.csv or 2011-12-09.csv."""
    return load("sales", data_dir / "online_retail" / name, "online_retail")


def load_job_postings(data_dir: Path, name: str = "data_jobs_salary_all.csv.gz") -> Report:
    """32,672 job postings with their skills; `name` may be data_jobs_2023-01.csv, 3,102 of them."""
    return load("jobs", data_dir / "jobs" / name, "job_postings")


def load_applications(data_dir: Path) -> Report:
    """9,996 of 10,000 applications on a pipeline of their own, for 671 jobs made along with them; 4 rows name no job."""
    return load("applications", data_dir / "applicants" / "application_assignment.csv", "applications", accept_refused=True)
