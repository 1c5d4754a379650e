"""`POST /v1/call-records` with an array: each record is judged by itself."""

import json

import pytest

from tests.api.posting import post, suspense
from tests.factories import a_pair, a_start, an_end


def test_a_batch_reports_each_record_that_was_not_stored_in_order(client):
    batch = [
        a_start("70"),
        a_start("70"),
        {"id": "x"},
        an_end("70"),
        an_end("70", "2018-01-03T15:00:00Z"),
        7,
    ]

    answer = post(client, batch)

    assert answer.status_code == 200
    report = answer.json
    results = report.pop("results")
    assert report == {
        "received": 6,
        "stored": 2,
        "duplicate": 1,
        "suspended": 3,
        "calls_priced": 1,
    }
    assert [(result["index"], result["verdict"], result.get("reason")) for result in results] == [
        (1, "duplicate", None),
        (2, "suspended", "invalid-record"),
        (4, "suspended", "conflicting-record"),
        (5, "suspended", "unreadable-body"),
    ]
    kept = client.get(f"/v1/suspense/{results[3]['suspense_id']}").json
    assert kept["received_text"] == "7"


def test_a_batch_sent_again_changes_nothing(client):
    batch = [*a_pair("70", "2018-01-03T14:18:05Z", "2018-01-03T14:58:05Z"), a_start("71")]
    post(client, batch)

    report = post(client, batch).json

    assert (report["stored"], report["duplicate"], report["calls_priced"]) == (0, 3, 0)


def test_in_a_batch_a_record_is_judged_after_those_before_it(client):
    post(client, a_start("70", "2018-01-03T14:18:05Z"))
    other_start = a_start("70", "2018-01-03T14:18:00Z")
    too_early, end = an_end("70", "2018-01-03T14:10:00Z"), an_end("70", "2018-01-03T14:58:05Z")

    report = post(client, [other_start, a_start("70"), too_early, end]).json

    assert [result.get("reason") for result in report["results"]] == [
        "conflicting-record",
        None,
        "ends-before-start",
    ]
    assert client.get("/v1/calls/70").json["state"] == "priced"


def test_an_empty_array_is_no_record(client):
    assert post(client, []).json["received"] == 0


def test_a_cut_off_array_is_kept_whole_and_not_taken_in_part(client):
    body = json.dumps([a_start("70"), an_end("70")]).encode()[:-5]

    answer = post(client, body)

    assert answer.status_code == 400
    assert client.get("/v1/calls/70").status_code == 404
    kept = client.get(f"/v1/suspense/{answer.json['suspense_id']}").json
    assert kept["received_text"].encode() == body


@pytest.mark.parametrize(
    "body", [b"[" + b"{}," * 10_000 + b"{}]", b" " * (16 * 1024 * 1024 + 1)], ids=["many", "big"]
)
def test_a_body_beyond_the_limits_is_refused_and_not_kept(client, body):
    answer = post(client, body)

    assert answer.status_code == 413
    assert answer.json["code"] == "body-too-large"
    assert "10,000" in answer.json["detail"]
    assert "16 MiB" in answer.json["detail"]
    assert suspense(client) == []
