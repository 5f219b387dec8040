"""The production web server beside the benchmark: gunicorn as the product configures it, on a port of its own, asked over kept connections."""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.utils.encoding import iri_to_uri

from dashboard.supervisor import MANAGE, WEB, answers

from .timing import FRAGMENT

PATIENCE = 60  # seconds


@contextmanager
def served(database: str, *, worker: bool = False) -> Iterator[tuple[int, list[subprocess.Popen]]]:
    """The port of a running server for a data set, and its processes; with `worker`, the background process too."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    port = listener.getsockname()[1]
    surroundings = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "BENCHMARK_DATABASE": database,
        "PYTHONPATH": str(settings.BASE_DIR),
    }
    children = [subprocess.Popen([*WEB, f"fd://{listener.fileno()}"], pass_fds=[listener.fileno()], env=surroundings, start_new_session=True)]
    listener.close()
    if worker:
        children.append(subprocess.Popen([*MANAGE, "worker"], env=surroundings, start_new_session=True))
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers("127.0.0.1", port):
            if children[0].poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the web server did not start")
            time.sleep(0.2)
        yield port, children
    finally:
        for child in children:
            child.terminate()
        for child in children:
            with suppress(subprocess.TimeoutExpired):
                child.wait(10)
            child.kill()
            child.wait()


class Browser:
    """One kept connection, signed in with the cookie of a test client."""

    def __init__(self, port: int, client=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"} if client else {}

    def get(self, path: str, *, fragment: bool = True, more: dict | None = None) -> float:
        """Milliseconds from asking to the last byte. A refusal is an error."""
        headers = {**self.cookie, **(FRAGMENT if fragment else {}), **(more or {})}
        started = time.perf_counter()
        self.connection.request("GET", iri_to_uri(path), headers=headers)
        response = self.connection.getresponse()
        response.read()
        took = (time.perf_counter() - started) * 1000
        if response.status not in (200, 304):
            raise AssertionError(f"{path}: {response.status}")
        return took
