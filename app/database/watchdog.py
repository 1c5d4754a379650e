"""Cuts a database connection whose server has gone silent.

A server that is frozen, or cut off by a network that drops every packet, runs no timeout of its
own, and the driver waits for it forever. Shutting the socket down makes the wait fail like any lost
connection, so that the client gets an answer in time.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import connection

from app.limits import times
from app.limits.deadline import Deadline

_deadlines: dict[connection, Deadline] = {}
_lock = threading.Lock()
_watchers: dict[int, threading.Thread] = {}


@contextmanager
def watched(driver: connection, deadline: Deadline) -> Iterator[None]:
    """Cut `driver` if it is in use for longer than `SILENT_SECONDS_MAX`, or past `deadline`."""
    if os.getpid() not in _watchers:
        _start_watching()
    _deadlines[driver] = deadline.within(times.SILENT_SECONDS_MAX)
    try:
        yield
    finally:
        _deadlines.pop(driver, None)


def _start_watching() -> None:
    with _lock:
        if os.getpid() not in _watchers:  # A thread does not survive a fork.
            watcher = threading.Thread(target=_watch, name="watchdog", daemon=True)
            _watchers[os.getpid()] = watcher
            watcher.start()


def _watch() -> None:
    while True:
        time.sleep(times.WATCH_SECONDS)
        for driver, deadline in list(_deadlines.items()):
            if not deadline.seconds_left() and _deadlines.pop(driver, None) is not None:
                _cut(driver)


def _cut(driver: connection) -> None:
    try:
        with socket.socket(fileno=os.dup(driver.fileno())) as link:
            link.shutdown(socket.SHUT_RDWR)
    except (OSError, psycopg2.InterfaceError):
        return  # It is closed already.
