"""A sender looks up what became of its records by showing them; nothing is stored by that."""

import json

import pytest

from app.domain.key import Scope
from tests.api.posting import post
from tests.factories import a_pair, a_start, an_end, bytes_of
from tests.keys import a_key

PAIR = a_pair("70", "2018-01-03T14:18:05Z", "2018-01-03T14:20:05Z")
TABLES = """
    SELECT (SELECT jsonb_agg(calls ORDER BY call_id) FROM calls),
           (SELECT jsonb_agg(suspense ORDER BY content_hash) FROM suspense)
"""


def look_up(client, body, **headers):
    return client.post("/v1/lookups", data=body, headers=headers).json


def test_each_record_is_told_what_became_of_it(client, database):
    conflict = a_start("70", at="2018-01-03T15:00:00Z")
    post(client, bytes_of([*PAIR, an_end("71")]))
    suspense_id = post(client, bytes_of(conflict)).json["suspense_id"]
    before = database.rows(TABLES)

    found = look_up(client, bytes_of([*PAIR, an_end("71"), conflict, a_start("72")]))

    counts = {name: found[name] for name in ("received", "stored", "suspended", "missing")}
    assert counts == {"received": 5, "stored": 3, "suspended": 1, "missing": 1}
    states = [each["state"] for each in found["results"]]
    assert states == ["stored", "stored", "stored", "suspended", "missing"]
    assert [each["index"] for each in found["results"]] == [0, 1, 2, 3, 4]
    assert found["results"][0]["call"] == {
        "call_id": "70",
        "state": "priced",
        "price": "R$ 0,54",
        "amount": "0.54",
    }
    assert found["results"][2]["call"]["state"] == "awaiting-start"
    shown = found["results"][3]["suspended_record"]
    assert (shown["suspense_id"], shown["reason"]) == (suspense_id, "conflicting-record")
    assert found["results"][4] == {"index": 4, "state": "missing"}
    assert database.rows(TABLES) == before


def test_the_lines_of_a_file_are_numbered(client):
    lines = [bytes_of(each) for each in [*PAIR, a_start("72")]]
    post(client, lines[0])

    found = look_up(client, b"\n".join(lines))

    told = [(each["line"], each["state"]) for each in found["results"]]
    assert told == [(1, "stored"), (2, "missing"), (3, "missing")]


@pytest.mark.parametrize(
    "body",
    [b"%PDF-1.7 nothing of a record", b'{"id": "1"', json.dumps(PAIR)[:-9].encode()],
    ids=["no-record", "half-an-object", "cut-off"],
)
def test_a_body_that_cannot_be_read_is_found_by_its_bytes(client, body):
    assert [each["state"] for each in look_up(client, body)["results"]] == ["missing"]
    post(client, body)
    assert [each["state"] for each in look_up(client, body)["results"]] == ["suspended"]


def test_a_resolved_record_shows_how_it_was_resolved(client):
    body = bytes_of({"type": "start", "id": "1"})
    suspense_id = post(client, body).json["suspense_id"]
    client.post(f"/v1/suspense/{suspense_id}/write-off", json={"note": "a test"})

    [found] = look_up(client, body)["results"]

    assert found["suspended_record"]["resolution"] == "written-off"


@pytest.mark.parametrize(
    "guess",
    [
        {"at": "2018-01-03T14:18:06Z"},
        {"source": "11912345678"},
        {"destination": "1133445566"},
    ],
    ids=str,
)
def test_who_guesses_a_record_learns_nothing(client, guess):
    post(client, bytes_of(a_start("70")))

    [found] = look_up(client, bytes_of(a_start("70", **guess)))["results"]

    assert found == {"index": 0, "state": "missing"}


def test_a_switch_reads_its_own_suspended_record_by_its_id_alone(guarded_app):
    client = guarded_app.test_client()
    shown = {"X-API-Key": str(a_key(Scope.INGEST))}
    answer = client.post("/v1/call-records", data=b"not a record", headers=shown)
    suspense_id = answer.json["suspense_id"]

    def status(path):
        return client.get(path, headers=shown).status_code

    assert status(f"/v1/suspense/{suspense_id}") == 200
    assert status("/v1/suspense") == 403
    assert status("/v1/suspense/counts") == 403
    assert status("/v1/calls") == 403
