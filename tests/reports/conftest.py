"""Gives the tests of reports real companies, each loaded once a module inside a transaction that is rolled back after it."""

import json
from contextlib import contextmanager
from functools import cache

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.test import Client, override_settings

from tests.conftest import signed_in
from tests.real_data import import_online_retail, load_northwind


@contextmanager
def loaded(blocker, load, folder):
    with blocker.unblock(), transaction.atomic():
        report = load(folder)
        connection.check_constraints()  # once here, else every test would check all rows again
        user = User.objects.create_user("reader", "reader@company.test", "correct horse battery")
        user.groups.add(Group.objects.get_or_create(name="Viewers")[0])
        client = Client()
        client.force_login(user, backend="dashboard.sessions.Backend")
        yield client, report
        transaction.set_rollback(True)


def asker(client):
    """Ask the report page for its JSON export, each question once."""

    @cache
    def ask(query: str) -> dict:
        response = client.get(f"/sales/?{query}&export=json")
        assert response.status_code == 200
        return json.loads(response.getvalue())

    return ask


@pytest.fixture(scope="module")
def northwind(django_db_setup, django_db_blocker, shared_data):
    with loaded(django_db_blocker, load_northwind, shared_data) as (client, _):
        yield asker(client)


@pytest.fixture(scope="module")
def online_retail_import(django_db_setup, django_db_blocker, shared_data, tmp_path_factory):
    """A client of the company after the import, which was done on the page by a manager: (client, (manager's client, the import))."""

    def on_the_page(folder):
        manager = User.objects.create_user("importer")
        manager.groups.add(Group.objects.get_or_create(name="Managers")[0])
        client = signed_in(manager)
        return client, import_online_retail(client, folder)

    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("uploads")), loaded(django_db_blocker, on_the_page, shared_data) as imported:
        yield imported


@pytest.fixture(scope="module")
def online_retail(online_retail_import):
    return asker(online_retail_import[0])
