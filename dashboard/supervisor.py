"""Runs everything an installation is: cluster, preparation, web server and worker; stops all of it when any of it ends."""

import argparse
import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

from dashboard import environment, lifeline, postgres

MANAGE = (sys.executable, str(postgres.BASE_DIR / "manage.py"))
WEB = (sys.executable, "-m", "gunicorn", "--config", "python:dashboard.gunicorn", "--bind")
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PORT_PATIENCE = 3  # seconds; a server whose supervisor was killed needs a moment to notice
STOP_PATIENCE = 8
ROUND = 0.25
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask when listening everywhere


class Stop(Exception):  # noqa: N818 - a request, not an error
    """Somebody asked the supervisor to stop."""


def main() -> int:
    """Serve until told to stop."""
    options = arguments()
    for number in STOPPING:
        signal.signal(number, request_stop)
    supervisor = Supervisor()
    try:
        supervisor.serve(options)
    except Stop:
        return 0
    finally:
        for number in STOPPING:
            signal.signal(number, lambda *_: None)
        supervisor.stop()
    return 1


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="run.py", description="Serve Tallyboard until Ctrl-C.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")
    parser.add_argument("--empty", action="store_true", help="do not load the sample company into an empty database")
    return parser.parse_args()


def request_stop(*_: object) -> None:
    """Turn a signal into an exception, wherever the supervisor is."""
    raise Stop


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else: early visitors wait for the server, and a second instance learns at once."""
    deadline = time.monotonic() + PORT_PATIENCE
    while True:
        try:
            return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048)
        except OverflowError:
            environment.refuse(f"Port {port} does not exist; --port takes a number up to 65535.")
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                environment.refuse(f"Port {port} on {host} cannot be opened: {error.strerror}.")
            if time.monotonic() > deadline:
                environment.refuse(f"Port {port} on {host} is in use, perhaps by Tallyboard itself: choose another with --port.")
            time.sleep(ROUND)


def answers(host: str, port: int) -> bool:
    """Tell whether the web server answers a request."""
    connection = http.client.HTTPConnection(EVERYWHERE.get(host, host), port, timeout=5)
    with suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/health/live", headers={"Host": "localhost"})
        return connection.getresponse().status == http.HTTPStatus.OK
    return False


def address(host: str, port: int) -> str:
    """The address a person opens: the site's own name where it has one, behind its proxy, else what we listen on."""
    names = [name for name in environment.allowed_hosts() if not environment.is_loopback(name) and not name.startswith(".")]
    if names and environment.flag("SECURE", default=True):
        return f"https://{names[0]}"
    name = EVERYWHERE.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


class Supervisor:
    """The processes of one running installation."""

    def __init__(self) -> None:
        self.children: dict[str, subprocess.Popen] = {}
        self.cluster = None

    def serve(self, options: argparse.Namespace) -> None:
        """Bring everything up, say where it is, and stay until a part ends."""
        listener = listen(options.host, options.port)
        # The web server's imports take as long as the preparation does: they happen beside it.
        web = self.start("web server", *WEB, f"fd://{listener.fileno()}", pass_fds=[listener.fileno()])
        listener.close()
        if not environment.text("DATABASE_URL"):
            self.cluster = postgres.Cluster(environment.data_dir())
            self.cluster.hold()
        path = self.prepare(empty=options.empty)
        with suppress(BrokenPipeError):  # it has ended already, as we are about to notice
            web.stdin.write(b"1")
            web.stdin.flush()
        self.start("worker", *MANAGE, "worker")
        while not answers(options.host, options.port):
            self.look_after()
        home = address(options.host, options.port)
        # For commands that make links and cannot know where the site is served.
        (environment.data_dir() / "address").write_text(home)
        print(f"Address: {home}/\nSign in: {home}{path}", flush=True)
        while True:
            self.look_after()

    def start(self, name: str, *command: str, **options: object) -> subprocess.Popen:
        """Start a child in a group of its own, so that Ctrl-C reaches us alone and we decide the order."""
        surroundings = {**os.environ, lifeline.MARK: "1", "PYTHONPATH": str(postgres.BASE_DIR)}
        self.children[name] = subprocess.Popen(command, stdin=subprocess.PIPE, env=surroundings, start_new_session=True, **options)
        return self.children[name]

    def prepare(self, *, empty: bool) -> str:
        """Bring database and static files up to date; returns the path of a sign-in link."""
        command = [*MANAGE, "prepare", "--link", *(["--empty"] if empty else [])]
        child = self.start("preparation", *command, stdout=subprocess.PIPE)
        path = child.stdout.read().decode().strip()
        if child.wait():
            raise SystemExit(child.returncode)  # it has said why
        del self.children["preparation"]
        return path

    def look_after(self) -> None:
        """Wait a little; stop when a child has ended, and bring a lost cluster back."""
        time.sleep(ROUND)
        for name, child in self.children.items():
            if child.poll() is not None:
                environment.refuse(f"The {name} ended unexpectedly (exit code {child.returncode}); everything is stopped.")
        if self.cluster:
            self.cluster.keep_up()

    def stop(self) -> None:
        """End the children, politely first, then the cluster unless somebody else still uses it."""
        for child in self.children.values():
            child.terminate()
        deadline = time.monotonic() + STOP_PATIENCE
        for child in self.children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(deadline - time.monotonic(), 0))
            with suppress(ProcessLookupError):  # whatever is left of its group
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        if self.cluster:
            self.cluster.release()


if __name__ == "__main__":
    raise SystemExit(main())
