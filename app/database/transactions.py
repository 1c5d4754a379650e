"""The database: its connections, transactions, and what is done when it is away.

Statements are sent on driver connections of one pool, since an ORM session takes three times the
round trips; each service opens one transaction and closes it.
"""

import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from typing import TypeVar, cast

import psycopg2
import sqlalchemy.exc
from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from psycopg2.extensions import cursor

from app.database.models import Base
from app.database.statements import TimedCursor, timed
from app.database.watchdog import watched
from app.domain.errors import Unavailable
from app.limits.patience import begun_at
from app.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)
db = SQLAlchemy(model_class=Base)

T = TypeVar("T")

# What the store takes: a cursor inside of a transaction.
Cursor = cursor

RETRY_SECONDS_MAX = 20.0
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 1.0
_SEND_AGAIN = "Nothing of this request was acknowledged; sending it again is safe."

# A statement that meets one of these may run whole again on a fresh connection: the connection or
# the server went away (08, 57P, 58030, XX000: unknown whether it took effect), lost a lock race
# (40001, 40P01, 55P03), lacked resources (53) or was a stand-in that only reads (25006).
_PASSING = (
    "08",
    "53",
    "40001",
    "40P01",
    "55P03",
    "57P01",
    "57P02",
    "57P03",
    "58030",
    "XX000",
    "25006",
)
_STATEMENT_TIMEOUT = "57014"
_REFUSED = ("22", "23")

_SESSION = {
    "timezone": "UTC",
    # The write of calls and the fence around tariffs hold only where each statement sees what was
    # committed before it.
    "default_transaction_isolation": r"read\ committed",
    "synchronous_commit": "on",
    "statement_timeout": "10s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "30s",
    # Every statement here finds its rows by an index; where statistics make reading a whole table
    # look cheaper, they are wrong about the next moment of a growing one.
    "enable_seqscan": "off",
    # What is prepared finds a few rows by their keys: one plan is right for all values.
    "plan_cache_mode": "force_generic_plan",
}


class RefusedByDatabase(Exception):
    """PostgreSQL would not take a value (SQLSTATE class 22 or 23) that validation let through."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


# What a use case may raise where the database, or the way to it, is at fault.
FAILURES = (Unavailable, RefusedByDatabase, psycopg2.Error, sqlalchemy.exc.SQLAlchemyError)


def connect_app(app: Flask, database_url: str, *, threads: int, metrics: Metrics) -> None:
    """Give `app` its pool: a connection for each of the worker's `threads`, and no more.

    `metrics` are told of retries.
    """
    options = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": threads,
        "max_overflow": 0,
        "pool_timeout": 1,  # A health check may hold one that a thread wants.
        "connect_args": {
            "connect_timeout": 4,  # With `RETRY_SECONDS_MAX`, within what patience allows.
            "application_name": "pulso",
            "cursor_factory": TimedCursor,
            "options": options,
        },
    }
    db.init_app(app)
    app.extensions["pulso_metrics"] = metrics


@contextmanager
def transaction(
    *, read_only: bool = False, is_long: bool = False, seconds_max: float | None = None
) -> Iterator[Cursor]:
    """Give a cursor whose statements are committed together at the end, or not at all.

    It may take as long as the watchdog allows, or `seconds_max`; one that `is_long` as long as it
    takes its reader to read.
    """
    with (
        _connection() as connection,
        closing(connection.cursor()) as statements,
        nullcontext() if is_long else watched(connection, seconds_max),
    ):
        if read_only:
            statements.execute("SET TRANSACTION READ ONLY")
        yield statements
        with timed():
            connection.commit()


@contextmanager
def single_statements() -> Iterator[Cursor]:
    """Give a cursor each statement of which is committed by itself, in one round trip."""
    with _connection() as connection, closing(connection.cursor()) as statements:
        connection.autocommit = True
        try:
            with watched(connection):
                yield statements
        finally:
            if not connection.closed:
                connection.autocommit = False


class KeptConnection:
    """A connection beside the pool, for one thread at a time, that stays open while all goes well.

    To take one from the pool and give it back takes a twentieth of a single record's time.
    """

    def __init__(self, *, lock_seconds_max: float) -> None:
        """Have no statement wait for a locked row longer than `lock_seconds_max`."""
        self._set_limit = f"SET lock_timeout = {round(1000 * lock_seconds_max)}"
        self._connection: psycopg2.extensions.connection | None = None

    @contextmanager
    def single_statements(self) -> Iterator[Cursor]:
        """Give a cursor as `single_statements` does."""
        is_new = self._connection is None
        connection = self._connection = self._connection or _connection_beside_pool()
        try:
            with closing(connection.cursor()) as statements, watched(connection):
                if is_new:
                    statements.execute(self._set_limit)
                yield statements
        except BaseException:
            # Nobody else would notice a session that is open and of no use any more.
            self._connection = None
            connection.close()
            raise


def _connection_beside_pool() -> psycopg2.extensions.connection:
    pooled = db.engine.raw_connection()
    connection = cast(psycopg2.extensions.connection, pooled.dbapi_connection)
    pooled.detach()
    connection.autocommit = True
    return connection


@contextmanager
def _connection() -> Iterator[psycopg2.extensions.connection]:
    pooled = db.engine.raw_connection()
    connection = cast(psycopg2.extensions.connection, pooled.dbapi_connection)
    try:
        yield connection
    except BaseException:
        if connection.closed:
            pooled.invalidate()
        raise
    finally:
        # Going back to the pool rolls back whatever was not committed.
        pooled.close()


def retrying(work: Callable[[], T], *, seconds_max: float | None = None) -> T:
    """Run `work`, which opens its own transaction, again until the database lets it through.

    Raises RefusedByDatabase for a value that PostgreSQL does not take, and Unavailable once
    `seconds_max`, or else `RETRY_SECONDS_MAX`, are over. A request's time begins when it is here,
    not when a thread is free for it: one whose time is over by then is not begun.
    """
    deadline = begun_at() + (RETRY_SECONDS_MAX if seconds_max is None else seconds_max)
    if time.monotonic() > begun_at() + RETRY_SECONDS_MAX:
        raise Unavailable(f"Too much is waiting for the database at the moment. {_SEND_AGAIN}")
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return work()
        except (psycopg2.Error, sqlalchemy.exc.TimeoutError) as error:
            wait = pause * random.uniform(0.5, 1.5)
            sqlstate = getattr(error, "pgcode", None)
            if sqlstate and sqlstate.startswith(_REFUSED):
                raise RefusedByDatabase(sqlstate) from error
            if not _is_passing(error, sqlstate):
                raise
            logger.warning("database: %s (%s)", type(error).__name__, sqlstate or "no connection")
            if sqlstate == _STATEMENT_TIMEOUT or time.monotonic() + wait > deadline:
                raise Unavailable(
                    f"The database cannot be reached at the moment. {_SEND_AGAIN}"
                ) from error
            count_retry(error)
            time.sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def count_retry(failure: Exception) -> None:
    """Count that what ended in `failure` is done again; work of no app is counted nowhere."""
    if current_app:
        sqlstate = getattr(failure, "pgcode", None)
        metrics: Metrics = current_app.extensions["pulso_metrics"]
        metrics.database_retries.labels(sqlstate[:2] if sqlstate else "none").inc()


def reason_of(failure: BaseException) -> str:
    """Give the first line of what the database, or the driver, said when `failure` came of it."""
    first = failure.__cause__ or failure
    said = str(getattr(first, "orig", first)).strip()
    return said.partition("\n")[0] or type(first).__name__


def _is_passing(error: Exception, sqlstate: str | None) -> bool:
    if sqlstate is not None:
        return sqlstate == _STATEMENT_TIMEOUT or sqlstate.startswith(_PASSING)
    # Without a code it was the connection: none to be had, or lost. Lost in the middle of an
    # answer, it is told by the driver's most general error itself.
    return type(error) is psycopg2.DatabaseError or isinstance(
        error,
        (psycopg2.OperationalError, psycopg2.InterfaceError, sqlalchemy.exc.TimeoutError),
    )
