"""Ends a child process together with its supervisor, however that ends.

The supervisor holds the other end of a child's standard input and never writes: it ends when the supervisor does, killed
or not, which no signal would tell the child.
"""

import os
import threading
from collections.abc import Callable

MARK = "TALLYBOARD_SUPERVISED"


def watch(on_end: Callable[[], None]) -> None:
    """Call `on_end` when the supervisor is gone; without a supervisor, never."""
    if os.environ.get(MARK):
        threading.Thread(target=wait, args=[on_end], name="lifeline", daemon=True).start()


def wait(on_end: Callable[[], None]) -> None:
    """Wait for the end of standard input, then call."""
    os.read(0, 1)
    on_end()
