"""The first digits of a suspense id stand for it wherever an id is taken, never for two records."""

import pytest

from app.domain.key import Scope
from tests.api.contesting import contested, state_of
from tests.factories import a_start, bytes_of
from tests.keys import a_key, status

NOTE = {"note": "a test"}
# The ids of these two begin with the same eight digits.
TWO = [b"not a record 31903", b"not a record 47794"]
SHARED = "31f14b6b"


def suspend(client, body=b"not a record"):
    return client.post("/v1/call-records", data=body).json["suspense_id"]


WAYS = {
    "show": lambda client, given: client.get(f"/v1/suspense/{given}"),
    "correct": lambda client, given: client.post(
        f"/v1/suspense/{given}/retry", data=bytes_of(a_start("71"))
    ),
    "retry": lambda client, given: client.post(f"/v1/suspense/{given}/retry"),
    "accept": lambda client, given: client.post(f"/v1/suspense/{given}/accept", json=NOTE),
    "write-off": lambda client, given: client.post(f"/v1/suspense/{given}/write-off", json=NOTE),
}


@pytest.mark.parametrize("digits", [8, 9, 12, 63, 64])
@pytest.mark.parametrize("way", WAYS)
def test_first_digits_stand_for_the_id(client, way, digits):
    suspense_id = suspend(client)

    answer = WAYS[way](client, suspense_id[:digits]).json

    named = answer.get("suspended_record", answer)
    assert named["suspense_id"] == suspense_id


@pytest.mark.parametrize("way", WAYS)
def test_digits_of_two_records_are_refused_and_change_nothing(client, database, way):
    ids = [suspend(client, each) for each in TWO]
    before = database.rows("SELECT * FROM suspense ORDER BY content_hash")

    answer = WAYS[way](client, SHARED)

    assert (answer.status_code, answer.json["code"]) == (409, "ambiguous-id")
    assert all(each in answer.json["detail"] for each in ids)
    assert database.rows("SELECT * FROM suspense ORDER BY content_hash") == before
    assert WAYS["show"](client, ids[1][:9]).json["suspense_id"] == ids[1]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("cut", [slice(7), slice(0, 0), slice(1, 20)])
def test_too_few_digits_and_those_of_no_record_are_not_found(client, way, cut):
    suspense_id = suspend(client)

    assert WAYS[way](client, suspense_id[cut] or "x").status_code == 404


def test_a_settlement_takes_first_digits(client):
    march, end = contested(client)
    body = {"call_id": "70", "other_call_id": "71", "records": [march[:8], end[:12]]}

    assert client.post("/v1/settlements", json=body).status_code == 200
    assert state_of(client, "71") == ("priced", False, "0.81")


@pytest.mark.parametrize(("given", "code"), [(SHARED, 409), ("0" * 8, 404), (SHARED[:7], 422)])
def test_a_settlement_refuses_digits_that_are_not_of_one_record(client, given, code):
    march, _ = contested(client)
    for each in TWO:
        suspend(client, each)
    body = {"call_id": "70", "other_call_id": "71", "records": [march, given]}

    assert client.post("/v1/settlements", json=body).status_code == code
    assert state_of(client, "70")[:2] == ("awaiting-end", True)


def test_the_audit_log_is_searched_by_first_digits(client):
    suspense_id = suspend(client)
    client.post(f"/v1/suspense/{suspense_id}/write-off", json=NOTE)

    for given in (suspense_id, suspense_id[:8]):
        [line] = client.get(f"/v1/audit?subject={given}").json["lines"]
        assert line["subject"] == suspense_id
    assert client.get(f"/v1/audit?subject={suspense_id[:7]}").json["lines"] == []


def test_first_digits_do_not_find_a_telephone_number_in_the_audit_log(client):
    client.put("/v1/subscribers/11987654321", json={"name": "Ana"})

    assert client.get("/v1/audit?subject=1198765432").json["lines"] == []
    assert len(client.get("/v1/audit?subject=11987654321").json["lines"]) == 1


def test_a_key_that_only_delivers_must_show_the_whole_id(guarded_app):
    client = guarded_app.test_client()
    shown, reading = {"X-API-Key": str(a_key(Scope.INGEST))}, a_key(Scope.READ_CALLS)
    suspense_id = client.post("/v1/call-records", data=b"x", headers=shown).json["suspense_id"]
    path = f"/v1/suspense/{suspense_id}"

    assert status(client, path=path, **shown) == 200
    assert status(client, path=path[:-1], **shown) == 403
    assert status(client, reading, path[:-1]) == 200


def test_commands_take_first_digits(client, app):
    suspense_id = suspend(client)
    march, end = contested(client)
    run = app.test_cli_runner().invoke

    accepted = run(args=["suspense", "accept", suspense_id[:8], "--note", "a test"])
    records = ["--record", march[:8], "--record", end[:8]]
    settled = run(args=["calls", "settle", "70", "--other-call-id", "71", *records])

    assert accepted.stdout == "The record is suspended as unreadable-body.\n"
    assert settled.exit_code == 0
    assert state_of(client, "71") == ("priced", False, "0.81")


def test_a_command_refuses_the_digits_of_two_records(client, app):
    for each in TWO:
        suspend(client, each)

    done = app.test_cli_runner().invoke(args=["suspense", "accept", SHARED, "--note", "a test"])

    assert done.exit_code == 1
    assert done.stderr.startswith("Error: Several suspended records have an id that begins with ")
