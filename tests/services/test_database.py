"""Connections and retries: what is waited for, what is not, and for how long."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2
import pytest
from psycopg2.extras import HstoreAdapter
from sqlalchemy import Text, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DataError, OperationalError

from app.database.connections import db, driver_connection
from app.database.retry import retry
from app.database.statements import sql_seconds
from app.database.transactions import transaction
from app.domain.errors import Unavailable
from app.limits import times
from app.limits.deadline import Deadline
from tests.conftest import Service


def test_a_server_that_goes_silent_is_given_up(app, monkeypatch):
    monkeypatch.setattr(times, "SILENT_SECONDS_MAX", 0.2)
    begin = time.monotonic()

    with (
        app.app_context(),
        pytest.raises(OperationalError),
        transaction(Deadline.start()) as connection,
    ):
        connection.exec_driver_sql("SELECT pg_sleep(8)")

    assert time.monotonic() - begin < 4


def test_one_that_says_so_waits_less_long_for_a_silent_server(app):
    begin = time.monotonic()

    with (
        app.app_context(),
        pytest.raises(OperationalError),
        transaction(Deadline.after(0.2)) as connection,
    ):
        connection.exec_driver_sql("SELECT pg_sleep(8)")

    assert time.monotonic() - begin < 4


def test_a_transaction_within_its_time_is_left_alone(app, monkeypatch):
    monkeypatch.setattr(times, "SILENT_SECONDS_MAX", 1.5)

    for _ in range(3):
        with app.app_context(), transaction(Deadline.start()) as connection:
            connection.exec_driver_sql("SELECT pg_sleep(0.7)")


def test_one_for_a_slow_reader_has_no_such_limit(app, monkeypatch):
    monkeypatch.setattr(times, "SILENT_SECONDS_MAX", 0.1)

    with app.app_context(), transaction(None) as connection:
        connection.exec_driver_sql("SELECT pg_sleep(1.5)")


def test_the_time_of_statements_is_that_of_the_thread_that_waited(app):
    def sleep(seconds):
        before = sql_seconds()
        with app.app_context(), transaction(Deadline.start()) as connection:
            connection.exec_driver_sql("SELECT pg_sleep(%s)", (seconds,))
        return sql_seconds() - before

    before = sql_seconds()
    with ThreadPoolExecutor(2) as threads:
        short, long = threads.map(sleep, (0.1, 0.6))

    assert 0.1 <= short < 0.6 <= long
    assert sql_seconds() == before


@pytest.mark.parametrize(
    "lost",
    [
        psycopg2.OperationalError("server closed the connection unexpectedly"),
        psycopg2.InterfaceError("connection already closed"),
        psycopg2.DatabaseError("server closed the connection unexpectedly"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_work_on_a_lost_connection_is_done_again(lost):
    errors = [lost]

    def work():
        if errors:
            raise errors.pop()
        return "done"

    assert retry(work, Deadline.start()) == "done"


def test_an_error_of_our_own_is_not_tried_again():
    attempts = []

    def work():
        attempts.append(1)
        raise psycopg2.ProgrammingError("no results to fetch")

    with pytest.raises(psycopg2.ProgrammingError):
        retry(work, Deadline.start())
    assert len(attempts) == 1


def test_a_request_that_has_waited_too_long_for_a_thread_is_not_begun():
    attempts = []

    with pytest.raises(Unavailable):
        retry(lambda: attempts.append(1), Deadline.after(times.LAST_TRY_SECONDS))

    assert attempts == []


def test_the_wait_for_a_thread_counts_into_the_time_for_the_database():
    def lost():
        raise psycopg2.OperationalError

    begin = time.monotonic()

    with pytest.raises(Unavailable):
        retry(lost, Deadline.after(times.LAST_TRY_SECONDS + 0.5))

    assert time.monotonic() - begin < 2


def test_a_silent_server_is_given_up_before_the_request_must_be_answered(app):
    begin = time.monotonic()

    with (
        app.app_context(),
        pytest.raises(OperationalError),
        transaction(Deadline.after(0.2)) as connection,
    ):
        connection.exec_driver_sql("SELECT pg_sleep(8)")

    assert time.monotonic() - begin < 4


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("statement_timeout", "10s"),
        ("lock_timeout", "3s"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("synchronous_commit", "on"),
        ("timezone", "UTC"),
    ],
)
def test_every_connection_has_its_limits(app, parameter, value):
    with app.app_context(), transaction(Deadline.start()) as connection:
        assert connection.exec_driver_sql(f"SHOW {parameter}").scalar_one() == value


def test_no_connection_asks_for_an_extension_that_is_not_used(database, monkeypatch):
    asked = []
    monkeypatch.setattr(HstoreAdapter, "get_oids", asked.append)

    with (
        closing(Service(database, "UTC")) as service,
        service.app.app_context(),
        transaction(Deadline.start()),
    ):
        assert asked == []


def test_an_error_does_not_show_the_values_of_its_statement(app):
    with app.app_context(), pytest.raises(DataError) as raised, transaction(None) as connection:
        connection.execute(select(literal("Ana Souza", Text).cast(JSONB)))

    assert "Ana" not in str(raised.value).partition("[SQL:")[2]


def test_what_is_waited_for_ends_within_25_seconds(app):
    with app.app_context(), transaction(Deadline.start()) as connection:
        connecting = int(driver_connection(connection).info.dsn_parameters["connect_timeout"])
        pool = db.engine.pool

    # A last try may begin as the time for tries ends; a connection of the pool is given up later,
    # and then there is time for one more try.
    assert times.ANSWER_SECONDS_MAX <= 25
    assert max(connecting, pool.timeout()) <= times.LAST_TRY_SECONDS
    assert times.SILENT_SECONDS_MAX + max(connecting, pool.timeout()) <= 20


def test_a_statement_sees_what_was_committed_before_it_whatever_the_databases_default(new_database):
    database = new_database()
    database.rows(
        """
        DO $$ BEGIN
            EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = %L',
                           current_database(), 'repeatable read');
        END $$
        """
    )
    with (
        closing(Service(database, "UTC")) as service,
        service.app.app_context(),
        transaction(Deadline.start()) as connection,
    ):
        isolation = connection.exec_driver_sql("SHOW transaction_isolation").scalar_one()
        assert isolation == "read committed"


def test_a_request_waits_for_the_database_no_longer_for_asking_it_twice():
    def fail():
        raise psycopg2.OperationalError("connection refused")

    begin = time.monotonic()
    deadline = Deadline.after(times.LAST_TRY_SECONDS + 0.5)
    for _ in range(4):
        with pytest.raises(Unavailable):
            retry(fail, deadline)

    assert time.monotonic() - begin < 0.9
