"""`POST /v1/call-records`: what is answered, and what is kept."""

import pytest

from tests.api.posting import post, suspense
from tests.factories import a_pair, a_start, an_end, bytes_of


def test_a_start_is_stored_and_its_call_awaits_the_end(client):
    answer = post(client, a_start("70"))

    assert answer.status_code == 201
    assert answer.headers["Location"] == "/v1/calls/70"
    assert answer.json["verdict"] == "stored"
    assert answer.json["call"] == {"call_id": "70", "state": "awaiting-end"}
    record = answer.json["record"]
    assert record.pop("received_at").endswith("Z")
    assert record == a_start("70")


def test_the_second_half_prices_the_call_whichever_it_is(client):
    started, ended = "2018-01-03T21:57:13Z", "2018-01-03T22:10:56Z"
    post(client, a_start("70", started))
    post(client, an_end("71", ended))

    end_last = post(client, an_end("70", ended)).json["call"]
    start_last = post(client, a_start("71", started)).json["call"]

    assert end_last == {"call_id": "70", "state": "priced", "price": "R$ 0,54", "amount": "0.54"}
    assert start_last == end_last | {"call_id": "71"}


@pytest.mark.parametrize("again", [{}, {"id": "another-id"}, {"retry": 1}])
def test_the_same_record_again_is_a_duplicate(client, again):
    post(client, a_start("70"))

    answer = post(client, a_start("70") | again)

    assert answer.status_code == 200
    assert answer.json["verdict"] == "duplicate"
    assert "Location" not in answer.headers
    assert suspense(client) == []


def test_a_duplicate_of_a_priced_call_shows_the_frozen_price(client):
    post(client, a_pair("70", "2018-01-03T14:18:05Z", "2018-01-03T14:58:05Z"))

    assert post(client, an_end("70")).json["call"]["amount"] == "3.96"


@pytest.mark.parametrize(
    "other",
    [
        {"timestamp": "2018-01-03T14:18:06Z"},
        {"source": "11987654321"},
        {"destination": "11987654321"},
    ],
)
@pytest.mark.parametrize("is_priced", [False, True])
def test_the_first_record_stands_against_a_contradiction(client, other, is_priced):
    post(client, a_start("70"))
    if is_priced:
        post(client, an_end("70"))
    before = client.get("/v1/calls/70").json
    contradiction = bytes_of(a_start("70", **other))

    answer = post(client, contradiction)

    assert answer.status_code == 409
    assert answer.json["code"] == "conflicting-record"
    assert answer.json["kept"] is True
    kept = client.get(f"/v1/suspense/{answer.json['suspense_id']}").json
    assert kept["received_text"].encode() == contradiction
    after = client.get("/v1/calls/70").json
    [named] = after.pop("suspended_records")
    assert named == {"suspense_id": kept["suspense_id"], "reason": "conflicting-record"}
    del after["contested"]
    assert after == {name: before[name] for name in after}


def test_an_end_before_its_start_is_kept_whichever_came_later(client):
    early, late = "2018-01-03T14:00:00Z", "2018-01-03T14:00:01Z"
    post(client, a_start("70", late))
    post(client, an_end("71", early))

    for answer in (post(client, an_end("70", early)), post(client, a_start("71", late))):
        assert answer.status_code == 422
        assert answer.json["code"] == "ends-before-start"
        assert answer.json["errors"][0]["pointer"] == "/timestamp"
    assert len(suspense(client)) == 2


def test_a_call_of_no_length_costs_its_standing_charge(client):
    instant = "2018-01-03T14:00:00Z"

    report = post(client, a_pair("70", instant, instant)).json

    assert report["calls_priced"] == 1
    assert client.get("/v1/calls/70").json["amount"] == "0.36"


def test_without_call_id_the_shared_id_names_the_call(client):
    start, end = a_start(id="c-9"), an_end(id="c-9")
    del start["call_id"], end["call_id"]

    post(client, start)

    assert post(client, end).json["call"]["state"] == "priced"
    assert client.get("/v1/calls/c-9").status_code == 200


def test_a_record_from_the_future_waits_in_suspense(client):
    answer = post(client, a_start("70", "2999-01-01T00:00:00Z"))

    assert answer.status_code == 422
    assert answer.json["code"] == "in-the-future"
    assert client.get("/v1/calls/70").status_code == 404


def test_a_naive_timestamp_is_wall_clock_of_the_billing_zone(sao_paulo_service):
    client = sao_paulo_service.app.test_client()

    answer = post(client, a_start("70", "2018-01-03T14:18:05"))

    assert answer.json["record"]["timestamp"] == "2018-01-03T16:18:05Z"


def test_a_wrong_field_is_named_and_the_bytes_are_kept(client):
    answer = post(client, a_start("70", source="0098765432", type="start"))

    assert answer.status_code == 422
    assert answer.json["code"] == "invalid-record"
    assert [error["pointer"] for error in answer.json["errors"]] == ["/source"]
    assert suspense(client)[0]["reason"] == "invalid-record"


def test_every_wrong_field_is_named_at_once(client):
    answer = post(client, {"type": "start", "timestamp": "yesterday", "source": 1})

    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert pointers == {"/id", "/timestamp", "/source", "/destination"}


def test_the_same_bad_bytes_are_kept_once_and_counted(client):
    for _ in range(3):
        post(client, b"{nonsense")

    [kept] = suspense(client)
    assert kept["times_seen"] == 3


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{nonsense", "unreadable-body"),
        (bytes_of(a_start("70", source="1")), "invalid-record"),
        (bytes_of(a_start("70", "2018-01-03T14:18:06Z")), "conflicting-record"),
    ],
)
def test_a_lenient_sender_gets_202_for_what_is_kept(client, body, reason):
    post(client, a_start("70"))

    answer = post(client, body, Prefer="respond-async, handling=lenient; x=1")

    assert answer.status_code == 202
    assert answer.json["verdict"] == "suspended"
    assert answer.json["reason"] == reason
    assert answer.headers["Preference-Applied"] == "handling=lenient"
    assert client.get(f"/v1/suspense/{answer.json['suspense_id']}").status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/call-records", "/v1/call-records/", "/v1/call-records?uuid=7"]
)
@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_neither_slash_nor_query_nor_content_type_loses_a_record(client, path, content_type):
    answer = client.post(path, data=bytes_of(a_start("70")), content_type=content_type)

    assert answer.status_code == 201


@pytest.mark.parametrize("call_id", ["a/b", "/a//b/", "a b?c#d%", "..", "~!@$&'()*+,;=:"])
def test_a_call_id_of_any_printable_characters_is_found_under_its_location(client, call_id):
    location = post(client, a_start(call_id)).headers["Location"]

    assert client.get(location).json["call_id"] == call_id
