"""What the driver does besides: it times statements, prepares some, and reads instants quickly."""

import threading
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from weakref import WeakSet

from psycopg2.extensions import connection, cursor, new_type, register_type
from sqlalchemy import Connection


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


def driver_cursor(connection: Connection) -> cursor:
    """Return a cursor of the driver within the transaction of `connection`."""
    return cast(cursor, connection.connection.cursor())


class TimedCursor(cursor):
    """A cursor whose statements are timed; what a cursor of the server's fetches later is not."""

    def execute(self, statement: Any, values: Any = None) -> None:
        """Send a statement, and wait for what it gives."""
        with timed():
            super().execute(statement, values)

    def copy_expert(self, *statement: Any) -> None:
        """Copy, and wait until it is done."""
        with timed():
            super().copy_expert(*statement)


class PreparedStatement:
    """A statement that PostgreSQL parses and plans once a connection, not each time it is sent."""

    def __init__(self, name: str, statement: str) -> None:
        """Take a `statement` in which each value is a `%s`."""
        first, *others = statement.split("%s")
        numbered = (f"${number}{each}" for number, each in enumerate(others, 1))
        self._prepare = f"PREPARE {name} AS {first}{''.join(numbered)}"
        self._execute = f"EXECUTE {name} ({', '.join(['%s'] * len(others))})"
        self._prepared_on: WeakSet[connection] = WeakSet()

    def execute(self, cursor: cursor, values: Sequence[Any]) -> None:
        """Send it with `values`; what it gives is read from `cursor`."""
        if cursor.connection not in self._prepared_on:
            cursor.execute(self._prepare)
            self._prepared_on.add(cursor.connection)
        cursor.execute(self._execute, values)


def _read_instant(text: Any, _: cursor) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


# Python reads an instant in half the driver's time, and a line of a bill has three.
_TIMESTAMPTZ = 1184
register_type(new_type((_TIMESTAMPTZ,), "INSTANT", _read_instant))
