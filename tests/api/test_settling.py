"""`POST /v1/settlements` and `calls settle`: which records belong to another call."""

import pytest

from tests.api.contesting import JANUARY, JANUARY_END, MARCH, contested, post, state_of
from tests.factories import a_start
from tests.suspending import audit_lines_of

SETTLE = "/v1/settlements"


def settle(client, *records, other="70 in March"):
    body = {"call_id": "70", "other_call_id": other, "records": records}
    return client.post(SETTLE, json=body)


def test_what_belongs_to_the_other_call_is_stored_as_that_call(client, database):
    march, end = contested(client)

    answer = settle(client, march, end)

    assert answer.status_code == 200
    assert [each["verdict"] for each in answer.json["results"]] == ["stored", "stored"]
    assert answer.json["results"][1]["call"]["price"] == "R$ 0,81"
    assert state_of(client, "70 in March") == ("priced", False, "0.81")
    assert state_of(client, "70") == ("awaiting-end", False, None)
    [(actor, act, _, after)] = audit_lines_of(database, march)
    assert (actor, act, after["call_id"]) == ("unauthenticated", "call-settled", "70 in March")
    [late] = post(client, JANUARY_END)
    assert late.json["call"]["price"] == "R$ 3,96"


def test_the_rest_is_retried_under_its_own_id(client):
    _, march, end = post(client, JANUARY, MARCH, JANUARY_END)

    answer = settle(client, march.json["suspense_id"])

    results = answer.json["results"]
    assert [each["suspended_record"]["suspense_id"] for each in results] == [
        march.json["suspense_id"],
        end.json["suspense_id"],
    ]
    assert [each["call"]["call_id"] for each in results] == ["70 in March", "70"]
    assert state_of(client, "70") == ("priced", False, "3.96")


def test_a_record_that_cannot_be_stored_as_the_other_call_stays(client):
    post(client, a_start("taken"))
    march, end = contested(client)

    answer = settle(client, march, end, other="taken")

    first, second = answer.json["results"]
    assert (first["verdict"], first["call"]) == ("suspended", None)
    assert state_of(client, "70")[:2] == ("awaiting-end", True)
    assert state_of(client, "taken")[1] is False
    assert second["verdict"] in ("stored", "suspended")


@pytest.mark.parametrize(
    "body",
    [
        {"other_call_id": "71", "records": []},
        {"other_call_id": "71", "records": ["abc"]},
        {"other_call_id": "71", "records": ["0" * 64]},
        {"other_call_id": "71", "records": "x"},
        {"other_call_id": "\n", "records": ["0" * 64]},
        {"records": ["0" * 64]},
    ],
)
def test_a_settlement_that_cannot_be_read_changes_nothing(client, body):
    contested(client)

    answer = client.post(SETTLE, json={"call_id": "70"} | body)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid-request")
    assert state_of(client, "70")[:2] == ("awaiting-end", True)


def test_a_call_without_suspended_records_cannot_be_settled(client):
    post(client, JANUARY)

    assert settle(client, "0" * 64).status_code == 404


def test_the_command_settles_as_the_route_does(client, app):
    march, end = contested(client)
    command = ["calls", "settle", "70", "--other-call-id", "71", "--record", march]

    result = app.test_cli_runner().invoke(args=[*command, "--record", end])

    assert result.exit_code == 0, result.output
    assert f"{march}  stored in call 71, priced" in result.output
    assert state_of(client, "71") == ("priced", False, "0.81")
