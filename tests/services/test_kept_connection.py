"""The connection that a worker keeps for single records."""

import time

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from app.database.connections import KeptConnection, db, driver_connection
from app.database.transactions import transaction
from app.limits import times
from app.limits.deadline import Deadline


@pytest.fixture
def kept(app):
    with app.app_context():
        yield KeptConnection(lock_seconds_max=0.1)


def told(connection, statement):
    return connection.exec_driver_sql(statement).scalar_one()


def test_a_kept_connection_stays_and_has_nothing_to_do_with_the_pool(kept):
    processes = set()

    for _ in range(3):
        with (
            kept.single_statements(Deadline.start()) as connection,
            transaction(Deadline.start()) as other,
        ):
            assert told(connection, "SHOW lock_timeout") == "100ms"
            assert told(other, "SHOW lock_timeout") == "3s"
            assert db.engine.pool.checkedout() == 1
            processes.add(told(connection, "SELECT pg_backend_pid()"))

    assert len(processes) == 1


@pytest.mark.parametrize("trouble", ["pg_terminate_backend(pg_backend_pid())", "1 / 0"])
def test_a_kept_connection_that_failed_is_closed_and_another_opened(kept, trouble):
    with kept.single_statements(Deadline.start()) as connection:
        failed = driver_connection(connection)
        before = told(connection, "SELECT pg_backend_pid()")

    with pytest.raises(DBAPIError), kept.single_statements(Deadline.start()) as connection:
        connection.exec_driver_sql(f"SELECT {trouble}")

    with kept.single_statements(Deadline.start()) as connection:
        assert told(connection, "SHOW lock_timeout") == "100ms"
        assert told(connection, "SELECT pg_backend_pid()") != before
    assert failed.closed


def test_each_statement_on_a_kept_connection_is_committed(kept, database):
    with kept.single_statements(Deadline.start()) as connection:
        connection.exec_driver_sql("CREATE TABLE kept (was text)")
        database.rows("DROP TABLE kept")


def test_a_silent_server_is_given_up_on_a_kept_connection_too(kept, monkeypatch):
    monkeypatch.setattr(times, "SILENT_SECONDS_MAX", 0.2)
    begin = time.monotonic()

    with pytest.raises(OperationalError), kept.single_statements(Deadline.start()) as connection:
        connection.exec_driver_sql("SELECT pg_sleep(8)")

    assert time.monotonic() - begin < 4
