"""Transactions: `read` and `write` run a whole one, and retry it while the database is away."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TypeVar

from sqlalchemy import Connection

from app.database.connections import connected, driver_connection
from app.database.retry import retry
from app.database.statements import timed
from app.database.watchdog import watched
from app.limits.deadline import Deadline

T = TypeVar("T")


def read(work: Callable[[Connection], T], *, deadline: Deadline, is_long: bool = False) -> T:
    """Run `work` in a READ ONLY transaction and return its result; retry as `retry` does.

    A transaction that `is_long` may last past the deadline once it has begun.
    """
    return _run(work, deadline, is_long=is_long, read_only=True)


def write(work: Callable[[Connection], T], *, deadline: Deadline, is_long: bool = False) -> T:
    """Run `work` in a transaction, commit it, and return its result; retry as `retry` does."""
    return _run(work, deadline, is_long=is_long, read_only=False)


def _run(
    work: Callable[[Connection], T], deadline: Deadline, *, is_long: bool, read_only: bool
) -> T:
    def attempt() -> T:
        with transaction(None if is_long else deadline, read_only=read_only) as connection:
            return work(connection)

    return retry(attempt, deadline)


@contextmanager
def transaction(deadline: Deadline | None, *, read_only: bool = False) -> Iterator[Connection]:
    """Yield a connection whose statements are committed together at the end, or not at all.

    The watchdog cuts the connection at `deadline`; with None, only PostgreSQL's own limits hold.
    """
    with (
        connected() as connection,
        watched(driver_connection(connection), deadline) if deadline else nullcontext(),
    ):
        begun = connection.begin()
        if read_only:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        yield connection
        with timed():
            begun.commit()


@contextmanager
def single_statements(deadline: Deadline) -> Iterator[Connection]:
    """Yield a connection on which each statement is committed by itself, in one round trip."""
    with connected() as connection, watched(driver_connection(connection), deadline):
        yield connection.execution_options(isolation_level="AUTOCOMMIT")
