"""What a sender and the log are told when the database cannot be written, and how soon."""

import time
from contextlib import closing

import psycopg2
import pytest

from app.database.retry import retry
from app.domain.errors import Unavailable
from app.limits import times
from app.limits.deadline import Deadline
from tests.conftest import Service
from tests.factories import a_start


def test_a_server_that_is_read_only_is_named_after_a_few_seconds(new_database, monkeypatch):
    monkeypatch.setattr(times, "READ_ONLY_SECONDS_MAX", 0.5)
    database = new_database()
    name = database.rows("SELECT current_database()")[0][0]
    database.rows(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    begin = time.monotonic()

    with closing(Service(database, "UTC")) as service:
        answer = service.app.test_client().post("/v1/call-records", json=[a_start("70")])

    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert "is read-only; it may be a standby" in answer.json["detail"]
    assert time.monotonic() - begin < times.LAST_TRY_SECONDS


def test_the_log_says_why_the_database_cannot_be_reached(caplog):
    def connect():
        psycopg2.connect("host=127.0.0.1 port=1 user=pulso password=secret7 dbname=pulso")

    with pytest.raises(Unavailable):
        retry(connect, Deadline.after(times.LAST_TRY_SECONDS + 0.2))

    assert "port 1 failed: Connection refused" in caplog.text
    assert "secret7" not in caplog.text


def test_the_log_of_a_refused_statement_has_no_values(caplog):
    class Refused(psycopg2.errors.SerializationFailure):
        pgcode = "40001"

    def refuse():
        raise Refused("Ana Souza")

    with pytest.raises(Unavailable):
        retry(refuse, Deadline.after(times.LAST_TRY_SECONDS + 0.2))

    assert "Ana" not in caplog.text
