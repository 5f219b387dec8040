"""Work on a connection of its own, as another process would do it."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def in_thread(work):
    """What `work()` gives in a thread with its own database connection."""

    def apart():
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(apart).result()
