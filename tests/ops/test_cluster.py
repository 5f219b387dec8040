"""The embedded cluster: shared, stopped by the last, and not to be confused by what killed processes leave behind."""

import os
import shutil
import stat
import subprocess
import time

import psutil
import psycopg
import pytest

from dashboard import postgres

from .conftest import own_folder


@pytest.fixture(scope="module")
def made():
    """A stopped cluster to copy: making one takes seconds of writing to the disk."""
    with own_folder() as folder:
        user = postgres.Cluster(folder)
        user.hold()
        user.release()
        yield folder


@pytest.fixture
def data_dir(made):
    with own_folder() as folder:
        subprocess.run(["cp", "-a", made, folder / "data"], check=True)
        yield folder / "data"
        left = postgres.Cluster(folder / "data")
        if left._status():
            left._run("pg_ctl", "-D", left.home, "-m", "immediate", "stop")


@pytest.fixture
def cluster(data_dir):
    """A user of the cluster; others are made with the same folder."""
    user = postgres.Cluster(data_dir)
    user.hold()
    return user


def ask(cluster: postgres.Cluster, question: str, **options: str):
    with psycopg.connect(host=str(cluster.socket_dir), dbname="tallyboard", user="tallyboard", **options) as connection:
        return connection.execute(question).fetchone()


def kill(cluster: postgres.Cluster) -> int:
    """Kill the server as a power cut would; returns its number."""
    victim = int(cluster._pid_file.read_text().split()[0])
    psutil.Process(victim).kill()
    while cluster._status():
        time.sleep(0.05)
    return victim


def test_it_is_a_database_to_rely_on(cluster):
    settings = "server_encoding", "fsync", "full_page_writes", "synchronous_commit", "data_checksums", "listen_addresses"
    values = ask(cluster, "SELECT " + ", ".join(f"current_setting('{name}')" for name in settings))
    assert dict(zip(settings, values, strict=True)) == {
        "server_encoding": "UTF8",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "listen_addresses": "",
    }
    assert ask(cluster, "SELECT usesuper, lower('ÉCLAIR') FROM pg_user WHERE usename = current_user") == (False, "éclair")


def test_the_last_user_stops_it(cluster, data_dir):
    other = postgres.Cluster(data_dir)
    other.hold()
    cluster.release()
    assert ask(other, "SELECT 1") == (1,)
    other.release()
    assert other._status() is None


def test_a_forked_child_neither_stops_it_nor_keeps_it(cluster):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(write)
        cluster.release()
        os.read(read, 1)  # stay until the parent is done
        os._exit(0)
    assert ask(cluster, "SELECT 1") == (1,)
    cluster.release()
    assert cluster._status() is None
    os.close(write)
    os.close(read)
    os.waitpid(child, 0)


@pytest.mark.parametrize("impostor", ["nobody", "stranger"])
def test_it_starts_after_a_kill_whoever_has_its_number_now(cluster, data_dir, impostor):
    ask(cluster, "SELECT 1")
    kill(cluster)
    if impostor == "stranger":
        lines = cluster._pid_file.read_text().split("\n", 1)
        cluster._pid_file.write_text(f"{os.getpid()}\n{lines[1]}")
    again = postgres.Cluster(data_dir)
    again.hold()
    assert ask(again, "SELECT 1") == (1,)


def test_a_lost_server_is_brought_back(cluster):
    killed = kill(cluster)
    cluster.keep_up()
    assert ask(cluster, "SELECT 1") == (1,)
    assert int(cluster._pid_file.read_text().split()[0]) != killed


def test_a_half_made_cluster_is_made_anew(data_dir):
    shutil.rmtree(data_dir / "postgres")
    (data_dir / "postgres.new" / "base").mkdir(parents=True)
    user = postgres.Cluster(data_dir)
    user.hold()
    assert ask(user, "SELECT 1") == (1,)
    assert not (data_dir / "postgres.new").exists()


def test_a_long_path_gets_a_short_private_socket(data_dir):
    folder = data_dir.parent / ("a" * 60) / ("b" * 60)
    folder.parent.mkdir()
    data_dir.rename(folder)
    user = postgres.Cluster(folder)
    user.hold()
    assert ask(user, "SELECT 1") == (1,)
    assert user.socket_dir != user.home
    assert stat.S_IMODE(user.socket_dir.stat().st_mode) == 0o700
    user.release()
    assert not user.socket_dir.exists()


def test_another_major_version_is_refused_in_one_sentence(cluster, data_dir):
    cluster.release()
    (data_dir / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(SystemExit, match="made by PostgreSQL 12 and this release brings 18"):
        postgres.Cluster(data_dir).hold()


def limits(monkeypatch, *, embedded: bool = True, **changes: str) -> dict:
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    database = {}
    postgres.set_limits(database, embedded=embedded)
    return database


def test_a_web_query_that_runs_away_is_cancelled(cluster, monkeypatch):
    options = limits(monkeypatch, STATEMENT_TIMEOUT="1")["OPTIONS"]["options"]
    with pytest.raises(psycopg.errors.QueryCanceled):
        ask(cluster, "SELECT pg_sleep(30)", options=options)
    assert ask(cluster, "SELECT current_setting('lock_timeout'), current_setting('transaction_timeout')", options=options) == ("2s", "30s")


def test_commands_have_no_limit_and_older_servers_get_no_unknown_word(monkeypatch):
    assert limits(monkeypatch) == {"OPTIONS": {"connect_timeout": 3}}
    assert "transaction_timeout" not in limits(monkeypatch, embedded=False, STATEMENT_TIMEOUT="5")["OPTIONS"]["options"]


def test_behind_a_pooler_nothing_depends_on_the_session(monkeypatch):
    database = limits(monkeypatch, DATABASE_POOLED="1", STATEMENT_TIMEOUT="5")
    assert database == {"OPTIONS": {"connect_timeout": 3}, "DISABLE_SERVER_SIDE_CURSORS": True}
