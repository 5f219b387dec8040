"""Wrong sign-ins are limited per account and per address, exactly, and strangers cannot lock anybody out."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client, RequestFactory

from dashboard import throttle

URL = "/accounts/login/"
PASSWORD = "correct horse battery"


def attempt(name: str, password: str, address: str = "192.0.2.1"):
    return Client(REMOTE_ADDR=address).post(URL, {"username": name, "password": password})


def test_the_eleventh_wrong_try_is_refused_with_the_time_to_wait(manager):
    statuses = [attempt("manager", "wrong").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    refused = attempt("manager", PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 15 * 60


def test_the_owner_gets_in_from_another_address(manager):
    for _ in range(12):
        attempt("manager", "wrong")
    assert attempt("manager", PASSWORD, "192.0.2.2").status_code == 302


def test_an_address_is_limited_over_all_names_and_leaves_no_rows_beyond(db):
    statuses = [attempt(f"somebody{number}", "wrong").status_code for number in range(35)]
    assert statuses == [200] * 30 + [429] * 5
    assert AccessAttempt.objects.count() == 31


def test_spellings_of_a_name_count_together(manager):
    for name in ("manager", " MANAGER ", "Manager"):
        for _ in range(4):
            last = attempt(name, "wrong")
    assert last.status_code == 429


def test_a_success_gives_the_tries_back(manager):
    for _ in range(2):
        for _ in range(9):
            attempt("manager", "wrong")
        assert attempt("manager", PASSWORD).status_code == 302
    assert list(AccessAttempt.objects.values_list("username", "failures_since_start")) == [("", 18)]


def test_the_window_ends(manager):
    for _ in range(11):
        attempt("manager", "wrong")
    AccessAttempt.objects.update(attempt_time="2001-01-01T00:00Z")
    assert attempt("manager", PASSWORD).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_forty_tries_at_once_check_the_password_ten_times(person, monkeypatch):
    person("victim")
    checked = []
    original = MD5PasswordHasher.verify
    monkeypatch.setattr(MD5PasswordHasher, "verify", lambda self, *args: checked.append(1) or original(self, *args))

    def go(_: int) -> int:
        try:
            return attempt("victim", "wrong", "192.0.2.9").status_code
        finally:
            connection.close()

    # Forty at one address would meet the address's limit of thirty as well: both must hold.
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(go, range(40)))
    assert len(checked) == 10
    assert sorted(statuses) == [200] * 10 + [429] * 30


@pytest.mark.parametrize(
    ("peer", "named", "expected"),
    [
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "'; DROP TABLE", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
    ],
)
def test_only_our_own_proxy_may_name_the_visitor(peer, named, expected):
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={"X-Forwarded-For": named})
    assert throttle.client_address(request) == expected


def test_the_log_names_nobody(manager, caplog):
    attempt("manager@company.test", "wrong")
    attempt("manager", PASSWORD)
    assert [record.levelname for record in caplog.records if record.name == "dashboard.security"] == ["WARNING", "INFO"]
    assert "manager" not in caplog.text
