"""The connection that a worker keeps for single records."""

import time

import psycopg2
import pytest

from app import watchdog
from app.database.transactions import KeptConnection, db, transaction


@pytest.fixture
def kept(app):
    with app.app_context():
        yield KeptConnection(lock_seconds_max=0.1)


def told(cursor, statement):
    cursor.execute(statement)
    [[answer]] = cursor
    return answer


def test_a_kept_connection_stays_and_has_nothing_to_do_with_the_pool(kept):
    processes = set()

    for _ in range(3):
        with kept.single_statements() as cursor, transaction() as other:
            assert told(cursor, "SHOW lock_timeout") == "100ms"
            assert told(other, "SHOW lock_timeout") == "3s"
            assert db.engine.pool.checkedout() == 1
            processes.add(told(cursor, "SELECT pg_backend_pid()"))

    assert len(processes) == 1


@pytest.mark.parametrize("trouble", ["pg_terminate_backend(pg_backend_pid())", "1 / 0"])
def test_a_kept_connection_that_failed_is_closed_and_another_opened(kept, trouble):
    with kept.single_statements() as cursor:
        failed = cursor.connection
        before = told(cursor, "SELECT pg_backend_pid()")

    with pytest.raises(psycopg2.Error), kept.single_statements() as cursor:
        cursor.execute(f"SELECT {trouble}")

    with kept.single_statements() as cursor:
        assert told(cursor, "SHOW lock_timeout") == "100ms"
        assert told(cursor, "SELECT pg_backend_pid()") != before
    assert failed.closed


def test_each_statement_on_a_kept_connection_is_committed(kept, database):
    with kept.single_statements() as cursor:
        cursor.execute("CREATE TABLE kept (was text)")
        database.rows("DROP TABLE kept")


def test_a_silent_server_is_given_up_on_a_kept_connection_too(kept, monkeypatch):
    monkeypatch.setattr(watchdog, "SILENT_SECONDS_MAX", 0.2)
    begin = time.monotonic()

    with pytest.raises(psycopg2.OperationalError), kept.single_statements() as cursor:
        cursor.execute("SELECT pg_sleep(8)")

    assert time.monotonic() - begin < 4
