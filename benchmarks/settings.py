"""The product's settings for measuring: a data set of the benchmark's own, and one more address that says hello."""

import os
from pathlib import Path

os.environ.setdefault("DATA_DIR", str(Path(__file__).resolve().parent.parent / "var" / "benchmarks"))

from dashboard.settings import *  # noqa: F403
from dashboard.settings import ALLOWED_HOSTS, DATABASES, LOGGING

ROOT_URLCONF = "benchmarks.hello"
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]
# Child processes are told their data set; the suite itself moves between several (data.py).
DATABASES["default"]["NAME"] = os.environ.get("BENCHMARK_DATABASE", DATABASES["default"]["NAME"])
LOGGING = LOGGING | {"root": LOGGING["root"] | {"level": "WARNING"}}  # every sign-in is a line otherwise
