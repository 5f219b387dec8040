"""One-time links: once, within a day, for people who may sign in; and only one first administrator, ever."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from dashboard import signin
from dashboard.models import SignInLink

ADA = {"full_name": "Ada King", "email": "Ada@example.test", "password": "difference engine no. 2"}


def test_looking_at_a_link_uses_nothing_up_and_posting_signs_in_once(client, manager):
    url = signin.make_link(manager)
    assert [client.get(url).status_code for _ in range(3)] == [200] * 3
    assert client.post(url).url == reverse("home")
    assert client.session["_auth_user_id"] == str(manager.pk)
    assert client.get(url).status_code == 404
    assert client.post(url).status_code == 404


def test_a_link_ends_after_a_day_and_with_its_person(client, manager):
    url = signin.make_link(manager)
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.post(url).status_code == 404
    url = signin.make_link(manager)
    User.objects.update(is_active=False)
    assert client.post(url).status_code == 404


def test_the_database_keeps_no_secret(manager):
    token = signin.make_link(manager).split("/")[-2]
    assert token not in str(SignInLink.objects.values())


def test_the_first_administrator_has_every_role(client, db):
    url = signin.make_link(None)
    assert client.post(url, ADA).url == reverse("home")
    ada = User.objects.get()
    assert (ada.username, ada.first_name, ada.last_name, ada.is_staff, ada.is_superuser) == ("ada@example.test", "Ada", "King", True, True)
    assert set(ada.groups.values_list("name", flat=True)) == {"Managers", "Viewers", "Recruiters"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "ada@example.test"}, "password"),
        ({"email": "nobody"}, "email"),
        ({"full_name": ""}, "full_name"),
    ],
)
def test_a_wrong_form_is_shown_again_and_uses_nothing_up(client, db, changes, field):
    url = signin.make_link(None)
    response = client.post(url, {**ADA, **changes})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert client.post(url, ADA).status_code == 302


def test_the_first_link_is_dead_once_anybody_exists(client, db, person):
    url = signin.make_link(None)
    person("somebody")
    assert client.get(url).status_code == 404
    assert client.post(url, ADA).status_code == 404
    assert User.objects.count() == 1


def test_one_kind_of_link_does_not_open_the_other_page(client, manager):
    token = signin.make_link(manager).split("/")[-2]
    assert client.get(reverse("accounts:first", args=[token])).status_code == 404
    SignInLink.objects.update(user=None)
    assert client.get(reverse("accounts:link", args=[token])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_many_uses_in_the_same_instant_make_one_administrator():
    tokens = [signin.make_link(None).split("/")[-2] for _ in range(4)] * 2

    def go(token: str):
        try:
            return signin.create_first_administrator(token, **ADA)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(go, tokens))
    assert len([user for user in made if user]) == 1
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_uses_of_a_link_in_the_same_instant_sign_in_one(person):
    token = signin.make_link(person("somebody")).split("/")[-2]

    def go(_: int):
        try:
            return signin.redeem(token)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len([link for link in pool.map(go, range(8)) if link]) == 1


def test_the_command_prints_a_link_for_one_active_person(manager, capsys):
    call_command("signin_link", "MANAGER@company.test")
    assert "/accounts/link/" in capsys.readouterr().out
    with pytest.raises(CommandError, match="No active user"):
        call_command("signin_link", "nobody@company.test")


def test_old_links_are_cleared_away(manager):
    signin.make_link(manager)
    signin.make_link(None)
    SignInLink.objects.filter(user=None).update(expires_at=timezone.now() - timedelta(hours=1))
    assert signin.tidy() == 1
