"""`/v1/tariffs`: shown, published ahead of their time, and withdrawn before it."""

import json

import pytest

from tests.bill_runs import bills_of
from tests.factories import a_pair
from tests.tariff_offers import band_json, from_now, offer_bytes, tariff_offer
from tests.tariffs import published as published_in_time

FIRST = {
    "id": 1,
    "name": "first",
    "effective_from": "1970-01-01T00:00:00Z",
    "effective_from_local": "1970-01-01T00:00:00+00:00",
    "time_zone": "UTC",
    "currency": "BRL",
    "bands": [
        {
            "name": "standard",
            "starts_at": "06:00",
            "standing_charge": "0.36",
            "minute_rate": "0.09",
        },
        {"name": "reduced", "starts_at": "22:00", "standing_charge": "0.36", "minute_rate": "0.00"},
    ],
    "state": "in-force",
}
EVERYTHING = "SELECT (SELECT count(*) FROM tariffs), (SELECT count(*) FROM time_bands)"


@pytest.fixture
def published(client):
    answer = client.post("/v1/tariffs", json=tariff_offer())
    assert answer.status_code == 201
    return answer.json


def test_there_is_a_first_tariff(client):
    assert client.get("/v1/tariffs").json == {"tariffs": [FIRST]}
    assert client.get("/v1/tariffs/1").json == FIRST


def test_a_published_tariff_is_shown_where_the_answer_says(client):
    answer = client.post("/v1/tariffs", json=tariff_offer())

    assert answer.status_code == 201
    assert answer.json == {
        **tariff_offer(),
        "effective_from_local": "2099-12-31T21:00:00-03:00",
        "id": answer.json["id"],
        "state": "future",
    }
    assert answer.headers["Location"] == f"/v1/tariffs/{answer.json['id']}"
    assert client.get(answer.headers["Location"]).json == answer.json


def test_tariffs_are_listed_in_the_order_in_which_they_begin(client, published):
    earlier = client.post("/v1/tariffs", json=tariff_offer(effective_from=from_now(days=2))).json

    listed = client.get("/v1/tariffs").json["tariffs"]

    assert listed == [FIRST, earlier, published]


@pytest.mark.parametrize("what", ["published", "withdrawn"])
def test_who_did_it_stands_in_the_audit_log(client, published, what):
    subject = str(published["id"])
    shown = {"state", "effective_from_local"}
    tariff = {name: value for name, value in published.items() if name not in shown}
    if what == "withdrawn":
        client.delete(f"/v1/tariffs/{subject}")

    line = client.get(f"/v1/audit?subject={subject}").json["lines"][0]

    assert (line["actor"], line["act"]) == ("unauthenticated", f"tariff-{what}")
    before_and_after = [None, tariff] if what == "published" else [tariff, None]
    assert [line["before"], line["after"]] == before_and_after


def test_a_tariff_that_has_not_begun_can_be_withdrawn(client, published):
    path = f"/v1/tariffs/{published['id']}"

    answer = client.delete(path)

    assert (answer.status_code, answer.data) == (204, b"")
    assert client.get(path).status_code == 404
    assert client.delete(path).status_code == 404
    assert client.get("/v1/tariffs").json == {"tariffs": [FIRST]}


def test_a_tariff_that_has_begun_cannot_be_withdrawn(client):
    answer = client.delete("/v1/tariffs/1")

    assert (answer.status_code, answer.json["code"]) == (409, "tariff-in-use")
    assert client.get("/v1/tariffs").json == {"tariffs": [FIRST]}


def test_two_tariffs_cannot_begin_at_one_instant(client, published):
    answer = client.post(
        "/v1/tariffs", json=tariff_offer(effective_from="2099-12-31T21:00:00-03:00")
    )

    assert (answer.status_code, answer.json["code"]) == (409, "tariff-exists")
    assert len(client.get("/v1/tariffs").json["tariffs"]) == 2


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({"effective_from": from_now(minutes=59)}, ["/effective_from"]),
        ({"effective_from": "1970-01-01T00:00:00Z"}, ["/effective_from"]),
        ({"currency": "EUR"}, ["/currency"]),
        (
            {"effective_from": "2001-01-01T00:00:00Z", "currency": "EUR"},
            ["/effective_from", "/currency"],
        ),
        ({"bands": [band_json(minute_rate="0.00001")]}, ["/bands/0/minute_rate"]),
        ({"name": "\0", "bands": [band_json()] * 2}, ["/name", "/bands/1/starts_at"]),
    ],
)
def test_a_refused_tariff_says_why_and_leaves_nothing(client, database, fields, pointers):
    before = database.rows(EVERYTHING)

    answer = client.post("/v1/tariffs", json=tariff_offer(**fields))

    assert (answer.status_code, answer.json["code"]) == (422, "invalid-tariff")
    assert [error["pointer"] for error in answer.json["errors"]] == pointers
    assert database.rows(EVERYTHING) == before
    assert client.get("/v1/audit").json["lines"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 50_000, 400),
        (b"[]", 422),
        (b"7", 422),
        (offer_bytes(name="\ud800"), 422),
        (offer_bytes(effective_from=10**400), 422),
        (b"x" * 70_000, 413),
        (b"x" * 17_000_000, 413),
    ],
    ids=range(10),
)
def test_a_body_that_is_no_tariff_is_refused(client, body, status):
    answer = client.post("/v1/tariffs", data=body)

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "tariff_id", ["0", "2", "-1", "1.0", "x", "٣", "9" * 10, "9" * 5000, "%00"]
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_tariff_that_is_not_there_is_not_found(client, method, tariff_id):
    answer = client.open(f"/v1/tariffs/{tariff_id}", method=method)

    assert (answer.status_code, answer.json["code"]) == (404, "not-found")


def test_a_tariff_of_the_most_bands_is_kept_whole(client):
    bands = [
        band_json(
            name=f"{half}", starts_at=f"{half // 2:02d}:{half % 2 * 3}0", minute_rate="1.0001"
        )
        for half in range(48)
    ]

    answer = client.post("/v1/tariffs", data=json.dumps(tariff_offer(bands=bands)))

    assert client.get(answer.headers["Location"]).json["bands"] == bands


def test_a_bill_names_the_tariffs_of_its_calls(client, database):
    with published_in_time(database, "later", "2018-01-10T00:00:00Z", 1) as later:
        for call_id, day in (("a", 3), ("b", 4), ("c", 10)):
            instants = [f"2018-01-{day:02d}T14:00:00Z"] * 2
            client.post("/v1/call-records", json=a_pair(call_id, *instants))

        bill = client.get("/v1/bills/99988526423?period=2018-01").json
        [from_the_run] = bills_of(client.get("/v1/bills?period=2018-01").text)

    assert bill["tariffs"] == [{"id": 1, "name": "first"}, {"id": later, "name": "later"}]
    assert from_the_run == bill


def test_a_bill_without_calls_names_no_tariff(client):
    assert client.get("/v1/bills/1133334444?period=2018-01").json["tariffs"] == []
