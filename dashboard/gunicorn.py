"""How the web server runs: gunicorn with threads, loaded once and then forked. run.py uses it; so can any process manager."""

import gc
import os
import signal
from pathlib import Path

from dashboard import environment, lifeline

wsgi_app = "dashboard.wsgi:application"
worker_class = "gthread"
workers = environment.number("WEB_WORKERS", 2, least=1, most=64)
threads = environment.number("WEB_THREADS", 4, least=1, most=64)
preload_app = True  # one import for all workers, and a killed one is back at once
control_socket_disable = True
limit_request_line = 8190  # a view with many filters is one long address
timeout = 60
graceful_timeout = 4
accesslog = None  # the proxy's business; addresses of candidates' pages stay out of our logs
loglevel = "warning"
COLLECT_EVERY = 20_000  # objects; a page makes more than the interpreter's default of 2,000 and leaves next to no cycles
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - only a heartbeat, kept off the disk


def collect_less() -> None:
    """Spare requests the garbage collector's walks over everything that was imported and stays anyway."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY)


def post_worker_init(worker) -> None:
    """Under a supervisor, end with it: a worker may watch with a thread, the arbiter that forks must not."""
    collect_less()
    lifeline.watch(lambda: os.kill(worker.ppid, signal.SIGTERM))
