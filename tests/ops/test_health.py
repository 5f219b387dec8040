"""Alive without a database, ready only with one that has every migration; neither tells anything else."""

import pytest
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder

from dashboard import health


def test_live_asks_nothing_of_the_database(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/health/live").content == b"alive\n"


def test_ready_costs_little(client, db, django_assert_max_num_queries):
    client.get("/health/ready")
    with django_assert_max_num_queries(2):
        response = client.get("/health/ready")
    assert (response.status_code, response.content) == (200, b"ready\n")
    assert "no-store" in response["Cache-Control"]


def test_ready_waits_for_migrations(client, db, monkeypatch):
    monkeypatch.setattr(health, "known_migrations", lambda: frozenset({("sales", "9999_next")}))
    assert client.get("/health/ready").status_code == 503


def test_ready_says_when_the_database_is_away(client, db, monkeypatch):
    def fail(self):
        raise OperationalError("connection to server at 10.0.0.1 failed")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", fail)
    response = client.get("/health/ready")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert b"10.0.0.1" not in response.content


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_probes_are_not_redirected_to_https(client, db, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(path).status_code == 200
