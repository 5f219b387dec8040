"""Reads the configuration from the environment: every value is checked here, and a wrong one stops the start with one sentence."""

import ipaddress
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import NoReturn
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import dj_database_url

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
# Words of the keys that manuals print; a random key holds one with a chance of less than one in a million.
SAMPLE_KEYS = ("insecure", "changeme", "change-me", "change_me", "secret", "your-", "example", "thisisnot", "test_key")
SHORTEST_KEY = 50
FEWEST_CHARACTERS = 10
CONNECTION_AGE = 60  # seconds; kept connections with a health check lost no request over a restart of the server


def refuse(sentence: str) -> NoReturn:
    """Stop the start; SystemExit prints the sentence alone, without a traceback, and exits 1."""
    raise SystemExit(sentence)


def text(name: str, default: str = "") -> str:
    """Return the variable without blanks around it; an empty one counts as absent."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool = False) -> bool:
    """Return a yes-or-no variable."""
    value = text(name).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    if value:
        refuse(f"{name} is {value!r}; it takes 1 or 0.")
    return default


def number(name: str, default: int, *, least: int = 0, most: int = 1_000_000) -> int:
    """Return a whole-number variable within its bounds."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        refuse(f"{name} is {value!r}; it takes a whole number from {least} to {most}.")
    return int(value)


def data_dir() -> Path:
    """Return the folder of everything this installation keeps; made when absent."""
    folder = Path(text("DATA_DIR", str(Path(__file__).resolve().parent.parent / "var"))).expanduser().resolve()
    try:
        # Passable but not readable for others: as root, the database server runs under an account of its own.
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    except OSError as error:
        refuse(f"DATA_DIR {folder} cannot be used: {error.strerror}.")
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        refuse(f"DATA_DIR {folder} is not a folder that this user can write to.")
    return folder


def secret_key(folder: Path) -> str:
    """Return SECRET_KEY, or the key kept in DATA_DIR, made on first use."""
    given = text("SECRET_KEY")
    key = given or kept_key(folder / "secret_key")
    source = "SECRET_KEY" if given else f"The key in {folder / 'secret_key'}"
    if len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS:
        refuse(f"{source} is too weak: it needs at least {SHORTEST_KEY} random characters.")
    if any(sample in key.lower() for sample in SAMPLE_KEYS):
        refuse(f"{source} looks like a sample from a manual: make a random one of at least {SHORTEST_KEY} characters.")
    return key


def kept_key(file: Path) -> str:
    """Return the key in the file, made when absent; two first starts at once agree on one, because the finished file is linked."""
    if not file.exists():
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64), encoding="ascii")
        with suppress(FileExistsError):
            file.hardlink_to(draft)
        draft.unlink()
    return file.read_text(encoding="ascii").strip()


def allowed_hosts() -> list[str]:
    """Return the names this site answers to, in Django's spelling; the machine's own are always among them."""
    names = [name.strip().lower() for name in text("ALLOWED_HOSTS").split(",") if name.strip()]
    for name in names:
        if not re.fullmatch(r"\.?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]", name):
            refuse(f"ALLOWED_HOSTS has {name!r}; it takes names or addresses with commas between, without scheme, port or '*'.")
    return [*names, *(name for name in LOOPBACK if name not in names)]


def is_loopback(name: str) -> bool:
    """Tell whether a host name can only mean this machine."""
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def time_zone() -> str:
    """Return the company's time zone, which decides where a day begins."""
    name = text("TIME_ZONE", "UTC")
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        refuse(f"TIME_ZONE {name!r} is not a time zone; it takes a name such as Europe/Berlin.")
    return name


def currency() -> str:
    """Return the ISO 4217 code of the company's currency."""
    code = text("CURRENCY", "USD")
    if not re.fullmatch("[A-Z]{3}", code):
        refuse(f"CURRENCY is {code!r}; it takes a code of three capital letters such as EUR.")
    return code


def database(name: str) -> dict:
    """Return Django's settings for the PostgreSQL that the variable names."""
    try:
        parsed = dj_database_url.parse(text(name), conn_max_age=CONNECTION_AGE, conn_health_checks=True)
    except (ValueError, KeyError):
        parsed = {}
    if parsed.get("ENGINE") != "django.db.backends.postgresql" or not parsed.get("NAME"):
        refuse(f"{name} is not a PostgreSQL address; it takes postgresql://USER:PASSWORD@HOST/NAME, special characters as %XX.")
    return parsed


def mailer() -> dict:
    """Return Django's mailer for EMAIL_URL; without one, mail is printed, so that nothing is lost silently."""
    url = urlsplit(text("EMAIL_URL", "console://"))
    if url.scheme == "console":
        return {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if url.scheme not in {"smtp", "smtps"} or not url.hostname:
        refuse("EMAIL_URL is not a mail server; it takes smtp://USER:PASSWORD@HOST:587?tls=1, smtps://… or console://.")
    words = parse_qs(url.query)
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": url.hostname,
            "port": url.port or (465 if url.scheme == "smtps" else 587),
            "username": unquote(url.username or ""),
            "password": unquote(url.password or ""),
            "use_ssl": url.scheme == "smtps",
            "use_tls": words.get("tls", ["0"])[0] == "1",
            "timeout": 10,
        },
    }
