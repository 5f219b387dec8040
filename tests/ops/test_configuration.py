"""A wrong value stops the start with one sentence and no traceback; a right one is accepted."""

import secrets

import pytest

from .conftest import Installation, own_folder

STRONG = secrets.token_urlsafe(60)


@pytest.fixture(scope="module")
def place():
    with own_folder() as folder:
        yield Installation(folder / "data")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET_KEY", "short", "at least 50"),
        ("SECRET_KEY", "a" * 60, "too weak"),
        ("SECRET_KEY", "django-insecure-" + STRONG, "sample"),
        ("SECRET_KEY", "changeme" + STRONG, "sample"),
        ("DATABASE_URL", "mysql://somebody@somewhere/something", "PostgreSQL"),
        ("DATABASE_URL", "postgresql://host:port/name", "PostgreSQL"),
        ("DATABASE_URL", "nonsense", "PostgreSQL"),
        ("REPLICA_URL", "sqlite:///x", "PostgreSQL"),
        ("ALLOWED_HOSTS", "https://example.test", "without scheme"),
        ("ALLOWED_HOSTS", "*", "without scheme"),
        ("TIME_ZONE", "Mars/Olympus", "time zone"),
        ("TIME_ZONE", "../../etc/passwd", "time zone"),
        ("CURRENCY", "dollars", "three capital letters"),
        ("EMAIL_URL", "mail.example.test", "mail server"),
        ("DATA_DIR", "/proc/nowhere", "DATA_DIR"),
        ("SECURE", "perhaps", "1 or 0"),
        ("STATEMENT_TIMEOUT", "-1", "whole number"),
    ],
)
def test_a_wrong_value_is_refused_in_one_sentence(place, name, value, words):
    done = place.run("diffsettings", **{name: value})
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().split("\n")) == 1, done.stderr
    assert name in done.stderr
    assert words in done.stderr
    assert value == "short" or not (name == "SECRET_KEY" and value in done.stderr)


def test_an_unreachable_database_is_said_in_one_sentence(place):
    done = place.run("prepare", DATABASE_URL="postgresql://tallyboard:hidden@127.0.0.1:1/tallyboard")
    assert done.returncode == 1
    assert done.stderr.startswith("The database failed: connection")
    assert "hidden" not in done.stderr
    assert len(done.stderr.strip().split("\n")) == 1


def test_the_key_is_made_once_and_is_private(place):
    first, second = (place.run("diffsettings", "--output", "unified").stdout for _ in range(2))
    keys = [line for line in (first + second).splitlines() if line.startswith("+ SECRET_KEY")]
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert (place.data_dir / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("changes", "secure"),
    [
        ({}, False),
        ({"ALLOWED_HOSTS": "localhost,shop.localhost"}, False),
        ({"ALLOWED_HOSTS": "board.example.test"}, True),
        ({"ALLOWED_HOSTS": "192.168.1.10", "SECURE": "0"}, False),
        ({"SECURE": "1"}, True),
    ],
)
def test_https_is_demanded_as_soon_as_others_can_reach_the_site(place, changes, secure):
    printed = place.run("diffsettings", "--all", **changes).stdout
    for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT"):
        assert f"{name} = {secure}" in printed


def test_the_documented_production_configuration_passes_the_deployment_check(place):
    done = place.run("check", "--deploy", "--fail-level", "WARNING", ALLOWED_HOSTS="board.example.test", EMAIL_URL="smtp://mail.example.test")
    assert done.returncode == 0, done.stderr
