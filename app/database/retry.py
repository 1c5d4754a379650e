"""Retries: which failures of the database pass, and for how long work is tried again."""

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg2
import sqlalchemy.exc

from app.database.outage import Outage
from app.domain.errors import Unavailable
from app.limits import times
from app.limits.deadline import Deadline
from app.telemetry.metrics import current_metrics

logger = logging.getLogger(__name__)

T = TypeVar("T")

_SEND_AGAIN = "Nothing of this request was acknowledged; sending it again is safe."

# After these SQLSTATEs the whole transaction may run again, on a fresh connection.
_PASSING = (
    *("08", "57P01", "57P02", "57P03", "58030", "XX000"),  # Lost: unknown whether it took effect.
    *("40001", "40P01", "55P03"),  # A lost lock race.
    *("53", "25006"),  # Exhausted resources, and a read-only standby.
)
_STATEMENT_TIMEOUT = "57014"
_READ_ONLY = "25006"
# They concern every request. Their messages speak of the server, never of values.
_OF_THE_SERVER = ("08", "25", "28", "3D", "53", "57")
_REFUSED = ("22", "23")

outage = Outage()


class RefusedByDatabase(Exception):
    """PostgreSQL refused a value (SQLSTATE class 22 or 23) that validation had accepted."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


# What a service may raise when the database, or the connection to it, fails.
FAILURES = (Unavailable, RefusedByDatabase, psycopg2.Error, sqlalchemy.exc.SQLAlchemyError)


def retry(work: Callable[[], T], deadline: Deadline, *, seconds_max: float | None = None) -> T:
    """Run `work`, which opens its own transaction, until it succeeds, and return its result.

    No try begins in the last `LAST_TRY_SECONDS` before `deadline`, and none but the first later
    than `seconds_max` from now. Raises RefusedByDatabase for a value that PostgreSQL refuses, and
    Unavailable when the time is over or a statement takes too long.
    """
    last_try = (
        deadline if seconds_max is None else deadline.within(seconds_max + times.LAST_TRY_SECONDS)
    )
    last_try_if_read_only = deadline.within(times.READ_ONLY_SECONDS_MAX + times.LAST_TRY_SECONDS)
    if deadline.seconds_left() < times.LAST_TRY_SECONDS:
        raise Unavailable(f"Too much is waiting for the database at the moment. {_SEND_AGAIN}")
    pause = times.FIRST_PAUSE_SECONDS
    while True:
        try:
            result = work()
        except (psycopg2.Error, sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError) as failure:
            sqlstate = sqlstate_of(failure)
            if sqlstate and sqlstate.startswith(_REFUSED):
                raise RefusedByDatabase(sqlstate) from failure
            if not _is_passing(failure, sqlstate):
                raise
            _log(failure, sqlstate)
            wait = pause * random.uniform(0.5, 1.5)
            is_read_only = sqlstate == _READ_ONLY
            tries_until = last_try_if_read_only if is_read_only else last_try
            is_last = tries_until.seconds_left() < wait + times.LAST_TRY_SECONDS
            if sqlstate == _STATEMENT_TIMEOUT or is_last:
                why = "is read-only; it may be a standby" if is_read_only else "cannot be reached"
                raise Unavailable(f"The database {why} at the moment. {_SEND_AGAIN}") from failure
            count_retry(failure)
            time.sleep(wait)
            pause = min(2 * pause, times.LONGEST_PAUSE_SECONDS)
        else:
            outage.succeeded()
            return result


def count_retry(failure: BaseException) -> None:
    """Count in the metrics that work is run again after `failure`; outside an app, do nothing."""
    if metrics := current_metrics():
        sqlstate = sqlstate_of(failure)
        metrics.database_retries.labels(sqlstate[:2] if sqlstate else "none").inc()


def _log(failure: BaseException, sqlstate: str | None) -> None:
    """Log a failure: with its cause, unless that may hold a value."""
    name = f"{type(_driver_error(failure)).__name__} ({sqlstate or 'no connection'})"
    is_of_the_server = sqlstate is None or sqlstate.startswith(_OF_THE_SERVER)
    if is_of_the_server and sqlstate != _STATEMENT_TIMEOUT:
        outage.failed(f"{name}: {reason_of(failure)}")
    else:
        logger.warning("database: %s", name)


def reason_of(failure: BaseException) -> str:
    """Return the first line of what the database, or the driver, reported as the cause."""
    first = _driver_error(failure.__cause__ or failure)
    return str(first).strip().partition("\n")[0] or type(first).__name__


def sqlstate_of(failure: BaseException) -> str | None:
    """Return the SQLSTATE that PostgreSQL reported, or None without one."""
    sqlstate: str | None = getattr(_driver_error(failure), "pgcode", None)
    return sqlstate


def _driver_error(failure: BaseException) -> BaseException:
    """Return the driver's error, which SQLAlchemy wraps in its own."""
    return getattr(failure, "orig", None) or failure


def _is_passing(failure: BaseException, sqlstate: str | None) -> bool:
    if sqlstate is not None:
        return sqlstate == _STATEMENT_TIMEOUT or sqlstate.startswith(_PASSING)
    # Without a SQLSTATE there was no connection, or it was lost. The driver raises its most
    # general error when it loses one in the middle of an answer.
    error = _driver_error(failure)
    return type(error) is psycopg2.DatabaseError or isinstance(
        error,
        (psycopg2.OperationalError, psycopg2.InterfaceError, sqlalchemy.exc.TimeoutError),
    )
