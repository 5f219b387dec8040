"""The product's settings, with what tests need otherwise: a data folder of their own and passwords that cost nothing."""

import os
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
# Set DATA_DIR to run several suites at once: each folder has its own cluster.
os.environ.setdefault("DATA_DIR", str(BASE / "var" / "tests"))

from dashboard.settings import *  # noqa: E402, F403
from dashboard.settings import DATABASES, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = True  # no collected files to scan
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
# Tests empty their tables with TRUNCATE, which the change log refuses everywhere else.
OPTIONS = DATABASES["default"]["OPTIONS"]
OPTIONS["options"] = f"{OPTIONS.get('options', '')} -c tallyboard.truncate=allowed".strip()
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}  # no worker runs beside the tests
