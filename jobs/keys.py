"""The keys and addresses of jobs, candidates and applications."""

import hashlib
import secrets

from django.utils.text import slugify


def new_key() -> str:
    """A key for a row made by hand; imported rows bring their own."""
    return secrets.token_hex(6)


def job_slug(title: str, key: str) -> str:
    """The address of a job: its title in plain letters and its key, which makes it unique whatever the script of the title.

    A key that does not survive in plain letters lends a digest of itself as well, so that two keys never share an address.
    """
    tail = slugify(key)
    if tail != key:
        tail = f"{tail[:60]}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
    return f"{slugify(title)[:70] or 'job'}-{tail}".strip("-")
