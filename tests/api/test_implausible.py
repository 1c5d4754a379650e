"""Calls that are too long or too dear to be believed are stored only by a person's word."""

from datetime import timedelta

import pytest

from app.domain.money import Cents
from app.domain.plausibility import Plausibility
from app.services.pricing import Pricing
from tests.api.retrying import retry
from tests.factories import a_start, an_end
from tests.suspending import audit_lines_of, state_of

START = a_start("70", "2018-01-03T14:00:00Z")
LATE = an_end("70", "2018-01-10T14:00:00.000001Z")
NOTE = {"note": "A leased line; agreed with the customer."}


def post(client, *records):
    return [client.post("/v1/call-records", json=record) for record in records]


def suspended(client):
    return post(client, START, LATE)[1].json["suspense_id"]


@pytest.mark.parametrize("records", [[START, LATE], [LATE, START]], ids=["end", "start"])
def test_the_half_that_came_later_is_suspended(client, records):
    _, refused = post(client, *records)

    assert (refused.status_code, refused.json["code"]) == (422, "implausible")
    assert refused.json["kept"] is True
    [error] = refused.json["errors"]
    assert error["detail"] == "the call would have lasted 168h00m00s; the limit is 168h00m00s"
    assert client.get("/v1/calls/70").json["state"].startswith("awaiting")


def test_a_call_of_exactly_the_limit_is_stored(client):
    _, end = post(client, START, an_end("70", "2018-01-10T14:00:00Z"))

    assert end.json["call"]["state"] == "priced"


def test_in_a_batch_too_and_the_right_end_is_stored(client):
    right = an_end("70", "2018-01-03T14:10:00Z")

    report = client.post("/v1/call-records", json=[START, LATE, right]).json

    assert (report["stored"], report["suspended"], report["calls_priced"]) == (2, 1, 1)
    assert report["results"][0]["reason"] == "implausible"


def test_a_call_above_the_highest_price_is_suspended(client, monkeypatch):
    pricing: Pricing = client.application.extensions["pulso_pricing"]
    limits = Plausibility(timedelta(days=7), Cents(500))
    monkeypatch.setattr(pricing, "plausibility", limits)

    _, refused = post(client, START, an_end("70", "2018-01-03T15:00:00Z"))

    assert (
        refused.json["errors"][0]["detail"] == "the call would cost R$ 5,76; the limit is R$ 5,00"
    )


def test_a_retry_does_not_store_it(client):
    suspense_id = suspended(client)

    assert retry(client, suspense_id).json["code"] == "implausible"


def test_a_correction_with_a_wrong_day_is_refused(client):
    suspense_id = suspended(client)

    wrong = retry(client, suspense_id, an_end("70", "2018-01-21T01:00:00Z"))
    right = retry(client, suspense_id, an_end("70", "2018-01-03T14:10:00Z"))

    assert (wrong.json["code"], wrong.json["kept"]) == ("implausible", False)
    assert right.json["call"]["price"] == "R$ 1,26"


def test_a_person_accepts_it_and_the_audit_log_says_who_and_why(client, database):
    suspense_id = suspended(client)

    answer = client.post(f"/v1/suspense/{suspense_id}/accept", json=NOTE)

    assert answer.status_code == 200
    assert answer.json["call"]["state"] == "priced"
    assert answer.json["suspended_record"]["resolution"] == "stored"
    [(actor, act, _, after)] = audit_lines_of(database, suspense_id)
    assert (actor, act, after["note"]) == ("unauthenticated", "suspense-accepted", NOTE["note"])


def test_what_is_wrong_otherwise_is_not_stored_by_accepting_it(client):
    _, conflict = post(client, START, a_start("70", "2018-02-01T14:00:00Z"))
    suspense_id = conflict.json["suspense_id"]

    answer = client.post(f"/v1/suspense/{suspense_id}/accept", json=NOTE)

    assert answer.json["code"] == "conflicting-record"


def test_without_a_note_nothing_is_accepted(client, database):
    suspense_id = suspended(client)

    assert client.post(f"/v1/suspense/{suspense_id}/accept", json={}).status_code == 422
    assert state_of(database, suspense_id)[1] is None


def test_the_command_accepts_as_the_route_does(client, app):
    suspense_id = suspended(client)

    ran = app.test_cli_runner().invoke(args=["suspense", "accept", suspense_id, "--note", "ours"])

    assert (ran.exit_code, ran.output) == (0, "The record is stored.\n")
    assert client.get("/v1/calls/70").json["state"] == "priced"
