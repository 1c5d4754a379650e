"""Odd and bad requests: none gets a 5xx, and what is kept is kept where it should be."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

CASES = json.loads((Path(__file__).parent.parent / "data" / "bad_inputs.json").read_text())
FOR_THE_APP = [case for case in CASES if case["layer"] == "app" and "needs_keys" not in case]


def body_of(case):
    body, encoding = case.get("body", ""), case["body_encoding"]
    if encoding == "base64":
        return base64.b64decode(body)
    if encoding == "recipe":
        body = "".join(part if isinstance(part, str) else part[0] * part[1] for part in body)
    return body.encode()


def path_of(case):
    if case["path_kind"] in ("record", "batch"):
        path = "/v1/call-records"
    elif case["path_kind"] == "bill":
        parameters = case["path_params"]
        period = parameters["period"].replace("{{CURRENT_PERIOD}}", f"{datetime.now(UTC):%Y-%m}")
        query = case.get("raw_query", f"period={period}")
        return f"/v1/bills/{parameters['subscriber']}?{query}"
    else:
        path = case["raw_path"]
    return f"{path}?{case['raw_query']}" if "raw_query" in case else path


def send(client, case):
    headers = {"Content-Type": "application/json"} | case.get("headers", {})
    return client.open(
        path_of(case),
        method=case["method"],
        data=body_of(case),
        headers={name: value for name, value in headers.items() if value is not None},
    )


def kept(database):
    halves = "SELECT count(started_at) + count(ended_at) FROM calls"
    return (
        database.rows(halves)[0][0],
        [bytes(received) for (received,) in database.rows("SELECT received FROM suspense")],
    )


@pytest.mark.parametrize("case", FOR_THE_APP, ids=lambda case: case["name"])
def test_an_odd_request_is_answered_and_kept_as_it_should_be(client, database, case):
    for record in case.get("setup", []):
        assert client.post("/v1/call-records", json=record).status_code == 201
    halves_before, _ = kept(database)

    answer = send(client, case)

    assert f"{answer.status_code // 100}xx" in case["expected"].split("|")
    halves, suspended = kept(database)
    whole, new_halves = [body_of(case)], halves - halves_before
    if case["kept"] == "stored":
        # A duplicate is stored already.
        assert suspended == []
        assert new_halves or answer.get_json()["verdict"] == "duplicate"
    elif case["kept"] == "suspense":
        assert (new_halves, suspended) == (0, whole)
    elif case["kept"] == "either":
        assert (new_halves > 0) != (suspended == whole)
    elif case["kept"] == "mixed":
        assert new_halves + len(suspended) == answer.get_json()["received"]
    else:
        assert (new_halves, suspended) == (0, [])


@pytest.mark.parametrize("case", FOR_THE_APP, ids=lambda case: case["name"])
def test_the_same_again_is_answered_as_safely(client, case):
    for record in case.get("setup", []):
        client.post("/v1/call-records", json=record)

    statuses = [send(client, case).status_code // 100 for _ in range(2)]

    assert all(f"{status}xx" in case["expected"].split("|") for status in statuses)
