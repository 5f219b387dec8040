"""A database of one's own instead of the embedded one: the same start, an honest page while it is away, and no restart when it is back."""

import http.client
from urllib.parse import quote

import pytest

from dashboard import postgres

from .conftest import Installation, eventually, own_folder


@pytest.fixture
def server():
    """A PostgreSQL that is not Tallyboard's to start or stop."""
    with own_folder() as folder:
        cluster = postgres.Cluster(folder)
        cluster.hold()
        yield cluster
        cluster.release()


def visit(port: int, path: str) -> http.client.HTTPResponse:
    """Ask with a cookie, so that the answer needs the session's row."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Cookie": "session=00000000000000000000000000000000"})
    response = connection.getresponse()
    response.text = response.read().decode()
    return response


def test_it_serves_says_when_the_database_is_away_and_recovers(server):
    with own_folder() as folder:
        place = Installation(folder / "data")
        url = f"postgresql://tallyboard@/tallyboard?host={quote(str(server.home), safe='')}"
        place.start("--empty", DATABASE_URL=url)
        assert not (place.data_dir / "postgres").exists()
        assert visit(place.port, "/").status == 302

        server._run("pg_ctl", "-D", server.home, "-m", "fast", "-w", "stop")
        away = visit(place.port, "/")
        assert (away.status, away.getheader("Retry-After")) == (503, "5")
        assert "Traceback" not in away.text
        assert "pg_ctl" not in away.text
        assert str(server.home) not in away.text
        assert (place.status("/health/live"), place.status("/health/ready")) == (200, 503)

        server.keep_up()
        eventually(lambda: place.status("/health/ready") == 200)
        assert visit(place.port, "/").status == 302
        assert place.server.poll() is None
        assert place.stop() == 0
        assert server._status() == "ready"
