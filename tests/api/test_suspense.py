"""`/v1/suspense`: what could not be stored, with the bytes received."""

import base64
import re

import pytest

from tests.factories import a_start


def suspend(client, *bodies):
    for body in bodies:
        assert client.post("/v1/call-records", data=body).get_json()["kept"]


def listed(client, query=""):
    return client.get(f"/v1/suspense?{query}").json["suspended_records"]


def test_a_suspended_record_is_shown_with_the_bytes_and_the_reason(client):
    suspend(client, b'{"id": "\xff"}')

    [summary] = listed(client)
    shown = client.get(f"/v1/suspense/{summary['suspense_id']}").json

    assert base64.b64decode(shown["received_base64"]) == b'{"id": "\xff"}'
    assert shown["received_text"] is None
    assert (shown["state"], shown["reason"]) == ("open", "unreadable-body")
    assert shown["errors"] == [{"pointer": "", "detail": "is not UTF-8 from byte 9 on"}]


def test_the_list_can_be_cut_to_a_reason_and_a_state(client):
    suspend(client, b"{", b'{"id": 1}')
    client.post("/v1/call-records", json=a_start("70", "2999-01-01T00:00:00Z"))

    assert len(listed(client)) == 3
    assert [each["reason"] for each in listed(client, "reason=in-the-future")] == ["in-the-future"]
    assert listed(client, "state=resolved") == []


def test_pages_follow_each_other_without_gap_or_repeat(client):
    client.post("/v1/call-records", json=[{"id": number} for number in range(7)])

    seen, query = [], "/v1/suspense?limit=3"
    while query:
        page = client.get(query).json
        seen += [each["suspense_id"] for each in page["suspended_records"]]
        cursor = page["next_cursor"]
        query = cursor and f"/v1/suspense?limit=3&cursor={cursor}"

    assert len(seen) == len(set(seen)) == 7


def test_the_list_does_not_fetch_the_bytes(database, record_statements):
    client, sent = record_statements(database)
    suspend(client, b"{" + b"x" * 100_000)
    sent.clear()

    listed(client)

    [listing] = [each for each in sent if "ORDER BY" in each]
    assert re.findall(r"\S*\breceived\b\S*", listing) == ["SUBSTRING(suspense.received"]


def test_the_list_shows_a_short_id_first_and_the_beginning_of_each_record(client):
    suspend(client, b'{"id": 1, "call_id": "70"}', b"\x1b[2J" + b"x" * 100_000)

    whole, cut = listed(client)

    assert list(whole)[:2] == ["short_id", "suspense_id"]
    assert whole["suspense_id"].startswith(whole["short_id"])
    assert (whole["call_id"], whole["beginning"]) == ("70", '{"id": 1, "call_id": "70"}')
    assert cut["beginning"] == r"\x1b[2J" + "x" * 96 + "…"


@pytest.mark.parametrize("suspense_id", ["0" * 64, "x", "0" * 63, "%00"])
def test_what_is_not_there_is_not_found(client, suspense_id):
    assert client.get(f"/v1/suspense/{suspense_id}").status_code == 404


@pytest.mark.parametrize("query", ["reason=nonsense", "state=all", "cursor=x", "reason=a&reason=b"])
def test_a_parameter_that_cannot_be_used_is_refused(client, query):
    assert client.get(f"/v1/suspense?{query}").status_code == 422
