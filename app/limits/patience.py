"""How long the request that a thread works on is here already, its wait for the thread included.

While the database is away requests wait for threads as well as for the database. A sender waits
for both, and is to have an answer in time.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

# What is waited for is given up after this; the rest of 25 seconds is for the answer.
ANSWER_SECONDS_MAX = 24.0


class _Request(threading.local):
    here_since: float | None = None


_request = _Request()


@contextmanager
def patience_since(instant: float) -> Iterator[None]:
    """Count what this thread waits for inside from `instant` on, by `time.monotonic`."""
    _request.here_since = instant
    try:
        yield
    finally:
        _request.here_since = None


def begun_at() -> float:
    """Give when this thread's request was here, by `time.monotonic`; now, if it has none."""
    now = time.monotonic()
    return now if _request.here_since is None else _request.here_since


def seconds_left(seconds_max: float) -> float:
    """Give what is left of `seconds_max` since this thread's request was here; 0 if nothing is."""
    return max(0.0, begun_at() + seconds_max - time.monotonic())
