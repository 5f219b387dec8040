"""Ties a child process to its supervisor through its standard input, which the supervisor alone holds open.

One byte on it says that the preparation is done; its end says that the supervisor is gone, killed or not, which no signal
would tell the child.
"""

import os
import sys
import threading
from collections.abc import Callable

MARK = "TALLYBOARD_SUPERVISED"


def wait_for_go() -> None:
    """Let a child do its imports early, but wait here until database and static files are ready for it."""
    if os.environ.get(MARK) and not os.read(0, 1):
        sys.exit(1)


def watch(on_end: Callable[[], None]) -> None:
    """Call `on_end` when the supervisor is gone; without a supervisor, never."""
    if os.environ.get(MARK):
        threading.Thread(target=wait_for_end, args=[on_end], name="lifeline", daemon=True).start()


def wait_for_end(on_end: Callable[[], None]) -> None:
    """Wait for the end of standard input, then call."""
    while os.read(0, 1):
        pass
    on_end()
