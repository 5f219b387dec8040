"""What every test may ask for: the cluster, people of each role with their clients, htmx requests, a browser, the shared data."""

import os
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client

from dashboard import postgres

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # a browser test's own database queries run beside Playwright's loop
BASE = Path(__file__).resolve().parent.parent
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
CHROMIUM_ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
# The browser reports these refusals as errors although the page answers them: they are not mistakes of the page.
ANSWERED = ("status of 409", "status of 422", "status of 429")


def pytest_configure(config):
    postgres.hold()
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Run the tests on real transactions last, each from what the migrations left: every one of them empties all tables.

    pytest groups the tests of a browser and puts them first; the others would find the tables empty.
    """
    emptying = {item for item in items if on_real_transactions(item)}
    for item in emptying:
        item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=True), append=False)
    items.sort(key=lambda item: item in emptying)


def on_real_transactions(item) -> bool:
    """Whether a test commits, by its mark or because a live server reads what it wrote."""
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or bool({"transactional_db", "live_server"} & set(item.fixturenames))


# --- People ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def person(db):
    """Make a user: person("alice", "Managers")."""

    def make(username: str, *roles: str, **fields) -> User:
        user = User.objects.create_user(username, f"{username}@company.test", "correct horse battery", **fields)
        user.groups.set(Group.objects.get_or_create(name=role)[0] for role in roles)
        return user

    return make


@pytest.fixture
def manager(person):
    return person("manager", "Managers")


@pytest.fixture
def viewer(person):
    return person("viewer", "Viewers")


@pytest.fixture
def recruiter(person):
    return person("recruiter", "Recruiters")


@pytest.fixture
def outsider(person):
    return person("outsider")


@pytest.fixture
def admin(person):
    return person("admin", is_staff=True, is_superuser=True)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="dashboard.sessions.Backend")
    return client


@pytest.fixture
def manager_client(manager):
    return signed_in(manager)


@pytest.fixture
def viewer_client(viewer):
    return signed_in(viewer)


@pytest.fixture
def recruiter_client(recruiter):
    return signed_in(recruiter)


@pytest.fixture
def outsider_client(outsider):
    return signed_in(outsider)


@pytest.fixture
def admin_client(admin):
    return signed_in(admin)


# --- htmx ------------------------------------------------------------------------------------------------------------
class Hx:
    """A client whose requests look like htmx's: hx(manager_client).get(url, target="results")."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, url: str, data=None, *, target: str = "results", **options):
        return self.client.get(url, data, headers=self.headers(target), **options)

    def post(self, url: str, data=None, *, target: str = "results", **options):
        return self.client.post(url, data, headers=self.headers(target), **options)

    @staticmethod
    def headers(target: str) -> dict[str, str]:
        return {"HX-Request": "true", "HX-Target": target}


@pytest.fixture
def hx():
    return Hx


# --- Browser ---------------------------------------------------------------------------------------------------------
def chromium() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    program = chromium()
    if program is None:
        reason = "no Chromium on this machine: install one, or name its program in CHROMIUM"
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip)(reason)
    return {**browser_type_launch_args, "executable_path": program, "args": list(CHROMIUM_ARGUMENTS)}


@pytest.fixture
def page(page):
    """Playwright's page; any error on its console, a breach of the content policy among them, fails the test."""
    problems = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    assert [problem for problem in problems if not any(status in problem for status in ANSWERED)] == []


@pytest.fixture
def site(live_server):
    """The running site for browsers."""
    return live_server


@pytest.fixture
def sign_in(site, context):
    """Sign a browser in as a user: sign_in(manager)."""

    def sign(user: User) -> None:
        cookie = signed_in(user).cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site.url}])

    return sign


# --- Real data -------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets, kept beside the repository and never in it."""
    folder = Path(os.environ.get("TALLYBOARD_DATA", BASE.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no data sets in {folder}; TALLYBOARD_DATA names their folder")
    return folder
