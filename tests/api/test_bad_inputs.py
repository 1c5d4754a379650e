"""Odd and bad requests: none is answered 5xx, and what is kept is in the right place."""

import pytest

from tests.api.odd_requests import FOR_THE_APP, body_of, send


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
