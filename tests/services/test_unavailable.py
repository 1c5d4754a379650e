"""What a sender and the log are told when the database cannot be written, and how soon."""

import time
from contextlib import closing

import psycopg2
import pytest

from app.database import retry as retrying
from app.database.outage import Outage
from app.database.retry import retry
from app.domain.errors import Unavailable
from app.limits import times
from app.limits.deadline import Deadline
from tests.conftest import Service
from tests.factories import a_start

REFUSED = "port 1 failed: Connection refused"


@pytest.fixture(autouse=True)
def _no_outage_before(monkeypatch):
    monkeypatch.setattr(retrying, "outage", Outage())


def connect():
    psycopg2.connect("host=127.0.0.1 port=1 user=pulso password=secret7 dbname=pulso")


def try_for(seconds, work=connect):
    with pytest.raises(Unavailable):
        retry(work, Deadline.after(times.LAST_TRY_SECONDS + seconds))


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
    try_for(0.2)

    assert REFUSED in caplog.text
    assert "secret7" not in caplog.text


def test_the_reason_is_logged_once_however_often_it_is_tried(caplog):
    try_for(0.5)
    try_for(0.5)

    assert caplog.text.count(REFUSED) == 1


def test_the_reason_is_logged_again_after_a_time(caplog, monkeypatch):
    monkeypatch.setattr(times, "REMIND_SECONDS", 0.3)
    try_for(0.2)
    time.sleep(0.3)
    try_for(0.2)

    assert caplog.text.count(REFUSED) == 2


def test_another_reason_is_logged_at_once(caplog):
    def no_room():
        raise psycopg2.OperationalError("too many clients")

    try_for(0.2)
    try_for(0.2, no_room)
    try_for(0.2)

    assert [caplog.text.count(each) for each in (REFUSED, "too many clients")] == [1, 1]


def test_the_end_of_an_outage_is_logged_once_and_the_next_one_is_a_new_one(caplog, monkeypatch):
    monkeypatch.setattr(times, "SETTLED_SECONDS", 0)
    caplog.set_level("INFO")
    try_for(0.2)
    for _ in range(3):
        retry(lambda: None, Deadline.start())
    try_for(0.2)

    assert caplog.text.count("it answers again; tries failed for 0.") == 1
    assert caplog.text.count(REFUSED) == 2


def test_a_success_among_failures_ends_no_outage(caplog):
    caplog.set_level("INFO")
    try_for(0.2)
    retry(lambda: None, Deadline.start())
    try_for(0.2)

    assert caplog.text.count(REFUSED) == 1
    assert "answers again" not in caplog.text


def test_the_log_of_a_refused_statement_has_no_values(caplog):
    class Refused(psycopg2.errors.SerializationFailure):
        pgcode = "40001"

    def refuse():
        raise Refused("Ana Souza")

    try_for(0.2, refuse)

    assert "Refused (40001)" in caplog.text
    assert "Ana" not in caplog.text
