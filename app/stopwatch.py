"""How long threads have waited for what they asked of the database."""

import threading
import time
from typing import Any

from psycopg2.extensions import cursor


class _Waited(threading.local):
    seconds = 0.0


_waited = _Waited()


def sql_seconds() -> float:
    """Give how long this thread has waited so far, in all; what counts is the difference."""
    return _waited.seconds


class timed:  # noqa: N801, used as a statement
    """Count the time inside as waited for the database."""

    __slots__ = ("_begin",)

    def __enter__(self) -> None:
        self._begin = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        _waited.seconds += time.perf_counter() - self._begin


class TimedCursor(cursor):
    """A cursor whose statements are timed; what a cursor of the server's fetches later is not."""

    def execute(self, *statement: Any) -> None:
        """Send a statement, and wait for what it gives."""
        with timed():
            super().execute(*statement)

    def copy_expert(self, *statement: Any) -> None:
        """Copy, and wait until it is done."""
        with timed():
            super().copy_expert(*statement)
