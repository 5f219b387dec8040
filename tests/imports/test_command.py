"""The command: what it prints, how it ends, and that a killed import leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from sales.models import Customer, Order, OrderLine, Product
from tests.conftest import BASE


@pytest.mark.django_db
def test_command_prints_what_became_of_every_row(tmp_path, capsys):
    path = tmp_path / "customers.csv"
    path.write_text("key,name,fax\nA, Ada ,1\nB,Bo,2\n")
    call_command("import_data", "customers", str(path))
    assert capsys.readouterr().out.splitlines() == [
        "created 2, updated 0, unchanged 0, refused 0",
        "name: outer blanks taken off 1 cells",
        "columns not used: fax",
    ]
    call_command("import_data", "customers", str(path), dry_run=True)
    assert capsys.readouterr().out.splitlines()[0] == "created 0, updated 0, unchanged 2, refused 0"
    assert not (tmp_path / "customers.csv.refused.csv").exists()


@pytest.mark.django_db
def test_command_with_refused_rows_changes_nothing_and_says_how_to_go_on(tmp_path, capsys):
    path = tmp_path / "customers.csv"
    path.write_text("key,name\nA,Ada\nB\n")
    with pytest.raises(CommandError, match=r"Nothing was changed\. Correct the file, or say --accept-refused to import the other 1 rows\."):
        call_command("import_data", "customers", str(path))
    assert capsys.readouterr().out.splitlines() == [
        "created 0, updated 0, unchanged 0, refused 1 of 2",
        f"refused rows with line, field, value and reason: {path}.refused.csv",
    ]
    assert Customer.objects.count() == 0
    call_command("import_data", "customers", str(path), accept_refused=True, refused=tmp_path / "other.csv")
    assert (tmp_path / "other.csv").read_text() == 'line,field,value,reason\n3,,B,"The row has 1 fields, the header 2."\n'
    assert Customer.objects.get().name == "Ada"


@pytest.mark.django_db
def test_command_says_in_a_sentence_what_is_wrong_with_the_file_or_the_map(tmp_path):
    with pytest.raises(CommandError, match=r"nowhere.csv is not a file"):
        call_command("import_data", "customers", str(tmp_path / "nowhere.csv"))
    path = tmp_path / "customers.csv"
    path.write_bytes("key,name\nA,Müller\n".encode("cp1252"))
    with pytest.raises(CommandError, match="is not utf-8 in line 2"):
        call_command("import_data", "customers", str(path))
    call_command("import_data", "customers", str(path), encoding="cp1252")
    assert Customer.objects.get().name == "Müller"
    with pytest.raises(CommandError, match=r"The map .* cannot be read"):
        call_command("import_data", "customers", str(path), map=tmp_path / "none.toml")


def running_import() -> str | None:
    """The statement another process of ours runs in this database now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT query FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE %s
            """,
            ["%INSERT INTO sales_orderline%FROM import_lines%"],
        )
        return (cursor.fetchone() or [None])[0]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_import_that_is_killed_after_it_began_to_write_leaves_no_row(tmp_path):
    path = tmp_path / "sales.csv"
    rows = (
        f"{number // 4},2026-01-{number // 4 % 28 + 1:02},{number // 4 % 500},P{number % 300},{number % 9 + 1},9.99\n" for number in range(60_000)
    )
    path.write_text("number,placed_at,customer,sku,quantity,unit_price\n" + "".join(rows))
    database = connection.settings_dict
    host = quote(database["HOST"], safe="")
    address = f"postgresql://{database['USER']}:{quote(database['PASSWORD'] or '', safe='')}@{host}:{database['PORT']}/{database['NAME']}"
    environment = {**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "dashboard.settings", "DATA_DIR": str(settings.DATA_DIR)}
    process = subprocess.Popen([sys.executable, "manage.py", "import_data", "sales", str(path)], cwd=BASE, env=environment)
    deadline = time.monotonic() + 60
    while not running_import():
        assert process.poll() is None, "the import ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    while running_import():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert [model.objects.count() for model in (Order, OrderLine, Product, Customer)] == [0, 0, 0, 0]
    call_command("import_data", "sales", str(path))
    assert [model.objects.count() for model in (Order, OrderLine, Product, Customer)] == [15_000, 60_000, 300, 500]
