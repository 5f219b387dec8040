"""A session ends when it was idle too long, lasted too long, or its person is barred."""

import time

import pytest
from django.urls import reverse

HOUR = 3600


@pytest.fixture
def pass_time(monkeypatch):
    """Move the clock of the session limits."""
    present = time.time()

    def move(seconds: float) -> None:
        monkeypatch.setattr("dashboard.sessions.time.time", lambda: present + seconds)

    return move


def page_status(client, url: str | None = None) -> int:
    return client.get(url or reverse("accounts:account")).status_code


def test_a_session_in_use_lives_and_an_idle_one_ends(manager_client, pass_time):
    for minutes in (0, 25, 50, 75):
        pass_time(minutes * 60)
        assert page_status(manager_client) == 200
    pass_time((75 + 31) * 60)
    assert page_status(manager_client) == 302


def test_a_session_ends_after_twelve_hours_however_busy(manager_client, pass_time):
    for minutes in range(0, 12 * 60, 20):
        pass_time(minutes * 60)
        assert page_status(manager_client) == 200
    pass_time(12 * HOUR + 60)
    assert page_status(manager_client) == 302


def test_the_admin_ends_sooner(admin_client, pass_time):
    for minutes in range(0, 4 * 60, 20):
        pass_time(minutes * 60)
        assert page_status(admin_client, "/admin/") == 200
    pass_time(4 * HOUR + 60)
    assert page_status(admin_client, "/admin/") == 302


def test_a_barred_person_is_out_at_the_next_request(manager, manager_client):
    assert page_status(manager_client) == 200
    type(manager).objects.filter(pk=manager.pk).update(is_active=False)
    assert page_status(manager_client) == 302


def test_a_request_within_the_minute_writes_nothing(manager_client, pass_time, django_assert_max_num_queries):
    page_status(manager_client)
    with django_assert_max_num_queries(9) as captured:
        page_status(manager_client)
    assert [query["sql"] for query in captured.captured_queries if not query["sql"].startswith("SELECT")] == []
