"""One command brings everything up and takes everything down again, however it ends."""

import signal
import socket
import time

import pytest

from .conftest import Browser, eventually


def test_addresses_are_printed_and_answer(served):
    assert served.said("Address") == f"http://127.0.0.1:{served.port}/"
    assert served.status("/health/live") == 200
    assert served.status("/health/ready") == 200


def test_a_second_command_uses_the_same_cluster_and_leaves_it_running(served):
    before = served.postmaster()
    done = served.run("shell", "-c", "from django.db import connection; connection.ensure_connection(); print('connected')")
    assert (done.returncode, done.stdout.split()[-1]) == (0, "connected"), done.stderr
    assert served.postmaster() == before
    assert served.status("/health/ready") == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything_and_a_restart_works_at_once(installation, number):
    for _ in range(2):
        installation.start("--empty")
        assert installation.stop(number) == 0, installation.log.read_text()
        assert installation.processes() == []
        with socket.create_server(("127.0.0.1", installation.port)):
            pass


def test_a_killed_supervisor_leaves_nothing_behind(installation):
    installation.start("--empty")
    installation.stop(signal.SIGKILL)
    installation.assert_nothing_left()
    installation.start("--empty")
    assert installation.stop() == 0


def test_a_restart_right_after_a_kill_works(installation):
    installation.start("--empty")
    installation.stop(signal.SIGKILL)
    installation.start("--empty")
    assert installation.status("/health/ready") == 200
    assert installation.stop() == 0


def test_a_killed_cluster_comes_back_by_itself(served):
    victim = next(process for process in served.processes() if process.pid == served.postmaster())
    victim.kill()
    eventually(lambda: served.postmaster() not in {None, victim.pid} and served.status("/health/ready") == 200)
    time.sleep(3)
    assert served.server.poll() is None, "web server and worker outlive a lost database"


@pytest.mark.parametrize("name", ["gunicorn", "worker"])
def test_a_killed_child_takes_the_rest_with_it(installation, name):
    installation.start("--empty")
    children = [child for child in installation.processes() if child.ppid() == installation.server.pid]
    next(child for child in children if name in " ".join(child.cmdline())).kill()
    assert installation.server.wait(60) == 1
    assert "ended unexpectedly" in installation.log.read_text()
    installation.assert_nothing_left()


def test_a_second_instance_on_the_same_port_is_refused_in_one_sentence(served):
    done = served.run("--port", str(served.port), DATA_DIR=f"{served.data_dir}-second")
    assert done.returncode == 1
    assert done.stderr == f"Port {served.port} on 127.0.0.1 is in use, perhaps by Tallyboard itself: choose another with --port.\n"


def test_the_first_link_makes_one_administrator_and_the_next_link_signs_in_once(installation):
    installation.start("--empty")
    link, browser = installation.said("Sign in"), Browser()
    person = {"full_name": "Ada King", "email": "Ada@example.test", "password": "difference engine no. 2"}
    assert "/accounts/first/" in link
    for _ in range(2):
        assert browser.get(link)[0] == 200
    assert browser.submit(link, **{**person, "password": "short"})[0] == 422
    status, _, ended = browser.submit(link, **person)
    assert (status, ended) == (200, f"http://127.0.0.1:{installation.port}/")
    assert Browser().get(link)[0] == 404
    installation.stop()

    installation.start("--empty")
    link, browser = installation.said("Sign in"), Browser()
    assert "/accounts/link/" in link
    for _ in range(2):
        assert browser.get(link)[0] == 200
    assert browser.submit(link)[0] == 200
    assert browser.get(f"http://127.0.0.1:{installation.port}/accounts/")[2].endswith("/accounts/")
    assert Browser().get(link)[0] == 404
    done = installation.run("signin_link", "ada@example.test")
    assert done.returncode == 0
    assert done.stdout.startswith(f"http://127.0.0.1:{installation.port}/accounts/link/")
    assert browser.submit(done.stdout.strip())[2].endswith(f":{installation.port}/")
    assert installation.run("signin_link", "nobody@example.test").returncode == 1
    installation.stop()
