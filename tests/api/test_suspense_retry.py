"""`POST /v1/suspense/{suspense_id}/retry`: as it is, or corrected."""

import gzip

import pytest

from tests.api.retrying import HALVES, START, columns, deliver, retry
from tests.factories import a_start, an_end, bytes_of
from tests.suspending import audit_lines_of, state_of, suspend


@pytest.mark.parametrize("reason", ["in-the-future", "no-tariff", "refused-by-database"])
def test_what_can_be_stored_by_now_is_stored_with_the_time_of_its_first_arrival(
    client, database, reason
):
    suspense_id = suspend(database, START, reason)

    answer = retry(client, suspense_id)

    assert answer.status_code == 200
    assert answer.json["verdict"] == "stored"
    assert answer.json["record"] == a_start() | {"received_at": "2018-01-05T12:30:00Z"}
    assert answer.json["call"] == {"call_id": "70", "state": "awaiting-end"}
    assert answer.json["suspended_record"]["state"] == "resolved"
    assert answer.json["suspended_record"]["resolution"] == "stored"
    assert state_of(database, suspense_id) == (reason, "stored", None)
    assert client.get("/v1/calls/70").json["start"]["received_at"] == "2018-01-05T12:30:00Z"


@pytest.mark.parametrize(
    "received",
    [columns(a_start()), columns(a_start()).replace(b",", b";"), b"\xef\xbb\xbf \n" + START],
    ids=["csv", "csv-with-semicolons", "byte-order-mark"],
)
def test_bytes_of_every_form_are_read_as_at_the_intake(client, database, received):
    suspense_id = suspend(database, received, "unreadable-body")

    assert retry(client, suspense_id).json["verdict"] == "stored"


@pytest.mark.parametrize(
    ("kept_as", "received", "status"),
    [
        ("unreadable-body", b"{", 400),
        ("unreadable-body", b"", 400),
        ("unreadable-body", b"[]", 400),
        ("unreadable-body", b"\x1f\x8b cut", 400),
        ("unreadable-body", bytes_of([a_start("1"), a_start("2")]), 400),
        ("unreadable-body", START + b"\n" + bytes_of(an_end()), 400),
        ("unreadable-body", gzip.compress(b" " * 2**24 + START), 400),
        ("invalid-record", b'{"id": 1}', 422),
        ("invalid-record", b"{", 400),
        ("conflicting-record", bytes_of(a_start("there", id="x", source="1133334444")), 409),
        ("ends-before-start", bytes_of(an_end("there", "2018-01-01T00:00:00Z")), 422),
        ("in-the-future", bytes_of(a_start(at="2999-01-01T00:00:00Z")), 422),
        ("no-tariff", bytes_of(a_start(at="2999-01-01T00:00:00Z")), 422),
    ],
)
def test_what_cannot_be_stored_stays_with_the_reason_that_holds_now(
    client, database, kept_as, received, status
):
    deliver(client, a_start("there"))
    before = database.rows(HALVES)
    suspense_id = suspend(database, received, kept_as)

    answer = retry(client, suspense_id)

    reason = {400: "unreadable-body"}.get(
        status, "in-the-future" if b"2999" in received else kept_as
    )
    assert (answer.status_code, answer.json["code"]) == (status, reason)
    assert (answer.json["kept"], answer.json["suspense_id"]) == (True, suspense_id)
    shown = client.get(f"/v1/suspense/{suspense_id}").json
    assert shown["state"] == "open"
    assert shown["reason"] == answer.json["code"]
    assert shown["errors"] == answer.json["errors"] != []
    assert database.rows(HALVES) == before


def test_what_was_stored_in_the_meantime_turns_out_to_be_a_duplicate(client, database):
    suspense_id = suspend(database, START, "in-the-future")
    deliver(client, a_start(id="of another delivery"))

    assert retry(client, suspense_id).json["verdict"] == "duplicate"
    assert state_of(database, suspense_id) == ("in-the-future", "duplicate", None)
    assert database.rows(HALVES) == [(1, 0, 0)]


def test_a_value_that_the_database_refuses_stays_and_is_reported(client, database):
    suspense_id = suspend(database, bytes_of(a_start("poison")), "in-the-future")
    other_id = suspend(database, b"{", "unreadable-body")
    database.rows("ALTER TABLE calls ADD CONSTRAINT poison CHECK (call_id <> 'poison')")
    try:
        answers = [retry(client, suspense_id), retry(client, other_id, a_start("poison"))]
    finally:
        database.rows("ALTER TABLE calls DROP CONSTRAINT poison")

    assert [answer.json["code"] for answer in answers] == ["refused-by-database"] * 2
    assert [answer.json["kept"] for answer in answers] == [True, False]
    assert state_of(database, suspense_id) == ("refused-by-database", None, None)
    assert state_of(database, other_id) == ("unreadable-body", None, None)
    assert retry(client, suspense_id).json["verdict"] == "stored"


def test_what_is_resolved_cannot_be_retried_or_corrected(client, database):
    suspense_id = suspend(database, START, "in-the-future")
    retry(client, suspense_id)

    for correction in (None, an_end()):
        answer = retry(client, suspense_id, correction)

        assert (answer.status_code, answer.json["code"]) == (409, "already-resolved")
        assert (answer.json["suspense_id"], answer.json["resolution"]) == (suspense_id, "stored")
    assert database.rows(HALVES) == [(1, 0, 0)]


@pytest.mark.parametrize("suspense_id", ["0" * 64, "x", "0" * 63, "A" * 64, "%00", "counts"])
@pytest.mark.parametrize("act", ["retry", "write-off"])
def test_what_is_not_there_is_not_found(client, suspense_id, act):
    answer = client.post(f"/v1/suspense/{suspense_id}/{act}", json={"note": "x"})

    assert answer.status_code == 404


def test_the_audit_log_says_what_a_retry_changed_and_by_whom(client, database):
    suspense_id = suspend(database, b"{", "invalid-record")

    retry(client, suspense_id)
    retry(client, suspense_id)
    retry(client, suspense_id, a_start())

    kept = {"state": "open", "reason": "unreadable-body", "resolution": None}
    assert audit_lines_of(database, suspense_id) == [
        ("unauthenticated", "suspense-retried", kept | {"reason": "invalid-record"}, kept),
        (
            "unauthenticated",
            "suspense-corrected",
            kept,
            kept | {"state": "resolved", "resolution": "stored", "corrected": START.decode()},
        ),
    ], "and nothing of the second retry, which changed nothing"
