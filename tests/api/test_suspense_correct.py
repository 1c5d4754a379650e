"""`POST /v1/suspense/{suspense_id}/retry` with a corrected record in the body."""

import gzip
import json

import pytest

from tests.api.retrying import HALVES, START, columns, deliver, retry
from tests.factories import DESTINATION, SUBSCRIBER, a_pair, a_start, an_end, bytes_of
from tests.suspending import audit_lines_of, state_of, suspend


@pytest.mark.parametrize(
    ("kept_as", "received"),
    [
        ("unreadable-body", b'{"id": "1", "type": "st'),
        ("unreadable-body", bytes_of([a_start("1"), a_start("2")])),
        ("invalid-record", bytes_of(a_start(source="0"))),
        ("conflicting-record", bytes_of(an_end("there", "2018-01-03T15:00:00Z"))),
        ("ends-before-start", bytes_of(an_end("later", "2018-01-01T00:00:00Z"))),
        ("in-the-future", bytes_of(an_end("there", "2999-01-01T00:00:00Z"))),
        ("no-tariff", bytes_of(a_start("later", "1970-01-01T00:00:01Z"))),
        ("refused-by-database", bytes_of(a_start("later"))),
    ],
)
def test_a_corrected_record_of_every_reason_is_stored(client, database, kept_as, received):
    deliver(client, *a_pair("there", "2018-01-03T14:00:00Z", "2018-01-03T14:30:00Z"))
    suspense_id = suspend(database, received, kept_as)

    answer = retry(client, suspense_id, a_start("right"))

    assert (answer.status_code, answer.json["verdict"]) == (200, "stored")
    assert answer.json["record"]["received_at"] > "2018-02", "the correction came now"
    assert state_of(database, suspense_id) == (kept_as, "stored", None)


def test_a_correction_is_billed_in_its_month_and_marked_late(client, database):
    deliver(client, a_start())
    suspense_id = suspend(database, bytes_of(an_end(at="2018-13-03T14:58:05Z")), "invalid-record")

    answer = retry(client, suspense_id, an_end())

    assert answer.json["call"]["amount"] == "3.96"
    bill = client.get(f"/v1/bills/{SUBSCRIBER}?period=2018-01").json
    assert [(line["call_id"], line["late"]) for line in bill["calls"]] == [("70", True)]
    assert bill["total_amount"] == "3.96"


def test_a_correction_that_repeats_what_is_stored_is_a_duplicate(client, database):
    deliver(client, a_start())
    suspense_id = suspend(database, b"{", "unreadable-body")

    assert retry(client, suspense_id, a_start()).json["verdict"] == "duplicate"
    assert state_of(database, suspense_id) == ("unreadable-body", "duplicate", None)


@pytest.mark.parametrize(
    ("correction", "status", "code"),
    [
        (b"{", 400, "unreadable-body"),
        (b" ", 400, "unreadable-body"),
        (b"null", 400, "unreadable-body"),
        (b"[]", 400, "unreadable-body"),
        (b"[" * 100_000, 400, "unreadable-body"),
        (b"\xff\xfe", 400, "unreadable-body"),
        (b"NaN", 400, "unreadable-body"),
        (START.replace(b"70", b"\\ud800"), 422, "invalid-record"),
        (START.replace(b"70", b"\\u0000"), 422, "invalid-record"),
        (START.replace(b'"id"', b'"id": "1", "id"'), 422, "invalid-record"),
        (START.replace(b'"70"', b"1" * 500), 422, "invalid-record"),
        (b'{"id": 1}', 422, "invalid-record"),
        (bytes_of([a_start("1"), a_start("2")]), 400, "unreadable-body"),
        (bytes_of(a_start("there", destination="1133334444")), 409, "conflicting-record"),
        (bytes_of(an_end("there", "2018-01-01T00:00:00Z")), 422, "ends-before-start"),
        (bytes_of(a_start(at="2999-01-01T00:00:00Z")), 422, "in-the-future"),
        (b" " * (2**24 + 1), 413, "body-too-large"),
        (gzip.compress(b" " * (2**24 + 1)), 413, "body-too-large"),
    ],
)
def test_a_correction_that_cannot_be_stored_leaves_all_as_it_was(
    client, database, correction, status, code
):
    deliver(client, a_start("there"))
    suspense_id = suspend(database, b'{"id": 7}', "invalid-record")
    before = client.get(f"/v1/suspense/{suspense_id}").json

    answer = retry(client, suspense_id, correction)

    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert not answer.json.get("kept")
    assert client.get(f"/v1/suspense/{suspense_id}").json == before
    assert database.rows(HALVES) == [(1, 0, 0)]
    assert audit_lines_of(database, suspense_id) == []
    assert len(client.get("/v1/suspense").json["suspended_records"]) == 1


@pytest.mark.parametrize(
    ("correction", "logged"),
    [
        (b"\xef\xbb\xbf" + b" " * 1_000_000 + START + b"\n", START.decode()),
        (gzip.compress(START), START.decode()),
        (bytes_of([a_start()]), START.decode()),
        (
            columns(a_start() | {"by": "a\0b"}),
            columns(a_start() | {"by": "a\ufffdb"}).decode()[:-1],
        ),
        (bytes_of(a_start(note="\0\ud800")), bytes_of(a_start(note="\0\ud800")).decode()),
    ],
    ids=["padded", "gzip", "array", "csv-with-nul", "escaped-nul"],
)
def test_a_correction_in_any_form_is_logged_as_its_text(client, database, correction, logged):
    suspense_id = suspend(database, b"{", "unreadable-body")

    assert retry(client, suspense_id, correction).status_code == 200

    [(_, _, _, after)] = audit_lines_of(database, suspense_id)
    assert after["corrected"] == logged
    assert DESTINATION in json.dumps(after)


def test_a_record_that_the_intake_suspended_is_stored_once_it_is_corrected(client, database):
    wrong = a_start(source="099")
    told = client.post("/v1/call-records", json=wrong).json

    answer = retry(client, told["suspense_id"], wrong | {"source": SUBSCRIBER})

    assert answer.json["call"]["state"] == "awaiting-end"
