"""Tariffs as they are read and locked: in which order, and how long anybody waits."""

import time

import psycopg2
import pytest
from sqlalchemy.exc import OperationalError

from app.database.transactions import transaction
from app.limits.deadline import Deadline
from app.store import tariffs
from tests.factories import a_start


@pytest.mark.parametrize("records", [a_start(), [a_start()]], ids=["singly", "together"])
def test_the_clock_is_read_before_the_tariffs(database, record_statements, records):
    """What is published in between would be missed by tariffs that claim to be later."""
    client, sent = record_statements(database)
    client.post("/v1/call-records", json=records)

    clock, read = (
        [place for place, statement in enumerate(sent) if wanted in statement]
        for wanted in ("statement_timestamp()", "FROM tariffs")
    )

    assert len(clock) == len(read) == 1
    assert clock < read


def test_a_publisher_waits_a_second_at_most_for_a_reader(app, database):
    """Others who want to read the tariffs wait behind it."""
    with database.connect() as opened, opened.cursor() as reading:
        opened.set_session(autocommit=False)
        reading.execute("SELECT FROM tariffs")
        begin = time.monotonic()
        with (
            app.app_context(),
            pytest.raises(OperationalError, match="lock timeout"),
            transaction(Deadline.start()) as connection,
        ):
            tariffs.lock(connection)

    assert time.monotonic() - begin < 2


def test_who_has_the_lock_keeps_readers_out_until_it_is_done(app, database):
    with app.app_context(), transaction(Deadline.start()) as connection:
        tariffs.lock(connection)
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            database.rows("SET lock_timeout = '100ms'; SELECT FROM tariffs")

    assert database.rows("SELECT count(*) FROM tariffs") == [(1,)]
