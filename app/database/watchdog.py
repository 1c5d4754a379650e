"""Cuts a database connection whose server has gone silent.

A server that is frozen, or behind a network that swallows everything, runs no timeout of its own,
and the driver waits for it without end. Cutting the socket makes the wait fail like any lost
connection, so that the sender gets an answer in time.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import connection

from app.limits.patience import ANSWER_SECONDS_MAX, begun_at

SILENT_SECONDS_MAX = 15.0
_LOOK_SECONDS = 0.5

_deadlines: dict[connection, float] = {}
_lock = threading.Lock()
_watchers: dict[int, threading.Thread] = {}


@contextmanager
def watched(opened: connection, seconds_max: float | None = None) -> Iterator[None]:
    """Cut `opened` if what is done with it inside takes longer than `seconds_max`.

    That is `SILENT_SECONDS_MAX` where nothing else is said, and in any case what is left until the
    request must be answered.
    """
    if os.getpid() not in _watchers:
        _start_watching()
    _deadlines[opened] = min(
        time.monotonic() + (seconds_max or SILENT_SECONDS_MAX), begun_at() + ANSWER_SECONDS_MAX
    )
    try:
        yield
    finally:
        _deadlines.pop(opened, None)


def _start_watching() -> None:
    with _lock:
        if os.getpid() not in _watchers:  # A thread does not live on in a forked process.
            watcher = threading.Thread(target=_watch, name="watchdog", daemon=True)
            _watchers[os.getpid()] = watcher
            watcher.start()


def _watch() -> None:
    while True:
        time.sleep(_LOOK_SECONDS)
        now = time.monotonic()
        for opened, deadline in list(_deadlines.items()):
            if now > deadline and _deadlines.pop(opened, None) is not None:
                _cut(opened)


def _cut(opened: connection) -> None:
    try:
        with socket.socket(fileno=os.dup(opened.fileno())) as link:
            link.shutdown(socket.SHUT_RDWR)
    except (OSError, psycopg2.InterfaceError):
        return  # It is closed already.
