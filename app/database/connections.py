"""Connections to the database: the engine with its pool, session settings, the kept connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import psycopg2.extensions
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from app.database.models import Base
from app.database.statements import TimedCursor
from app.database.watchdog import watched
from app.limits import times
from app.limits.deadline import Deadline
from app.telemetry.metrics import Metrics

db = SQLAlchemy(model_class=Base)

# Of every session; `faults/` weakens one to show that the checker notices.
SESSION = {
    "timezone": "UTC",
    # The write of calls and the lock of tariffs are correct only if each statement sees everything
    # committed before it.
    "default_transaction_isolation": r"read\ committed",
    "synchronous_commit": "on",
    "statement_timeout": f"{times.STATEMENT_SECONDS_MAX}s",
    "lock_timeout": f"{times.LOCK_SECONDS_MAX}s",
    "idle_in_transaction_session_timeout": f"{times.IDLE_IN_TRANSACTION_SECONDS_MAX}s",
    # Every statement finds its rows by an index. Where statistics make a sequential scan look
    # cheaper, they are out of date: the tables grow (docs/decisions/0006).
    "enable_seqscan": "off",
    # Prepared statements find a few rows by key: one plan is right for all values.
    "plan_cache_mode": "force_generic_plan",
}


def connect_app(app: Flask, database_url: str, *, threads: int, metrics: Metrics) -> None:
    """Set up the pool of `app`: one connection for each of the worker's `threads`, and no more.

    Retries are counted in `metrics`.
    """
    # The last setting of a name holds: what the URL sets beside these is kept.
    of_url = make_url(database_url).query.get("options", "")
    options = " ".join([str(of_url), *(f"-c {name}={value}" for name, value in SESSION.items())])
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": threads,
        "max_overflow": 0,
        "pool_timeout": times.POOL_SECONDS_MAX,  # A health check may hold a thread's connection.
        "use_native_hstore": False,  # It would cost each new connection a query.
        "hide_parameters": True,  # An error is logged, and values may be names and numbers.
        "connect_args": {
            "connect_timeout": times.LAST_TRY_SECONDS,
            "application_name": "pulso",
            "cursor_factory": TimedCursor,
            "options": options.lstrip(),
        },
    }
    db.init_app(app)
    app.extensions["pulso_metrics"] = metrics


@contextmanager
def connected() -> Iterator[Connection]:
    """Yield a connection of the pool; at the end, what was not committed is rolled back."""
    with db.engine.connect() as connection:
        driver = driver_connection(connection)
        try:
            yield connection
        except BaseException:
            if driver.closed:
                connection.invalidate()
            raise


def driver_connection(connection: Connection) -> psycopg2.extensions.connection:
    """Return the driver's connection that `connection` uses."""
    return cast(psycopg2.extensions.connection, connection.connection.dbapi_connection)


class KeptConnection:
    """A connection outside the pool, for one thread at a time, that stays open until it fails.

    Taking one from the pool and returning it costs a twentieth of a single record's time.
    """

    def __init__(self, *, lock_seconds_max: float) -> None:
        """Let no statement wait for a locked row longer than `lock_seconds_max`."""
        self._set_limit = f"SET lock_timeout = {round(1000 * lock_seconds_max)}"
        self._connection: Connection | None = None

    @contextmanager
    def single_statements(self, deadline: Deadline) -> Iterator[Connection]:
        """Yield the connection; each statement on it is committed by itself."""
        is_new = self._connection is None
        connection = self._connection = self._connection or _connect_outside_pool()
        driver = driver_connection(connection)
        try:
            with watched(driver, deadline):
                if is_new:
                    connection.exec_driver_sql(self._set_limit)
                yield connection
        except BaseException:
            # The server would keep the session open.
            self._connection = None
            driver.close()
            raise


def _connect_outside_pool() -> Connection:
    connection = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()
    return connection
