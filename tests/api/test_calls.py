"""`/v1/calls`: one call with its breakdown, and those that wait for a half."""

import base64
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.factories import a_pair, a_start, an_end


def post(client, records):
    assert client.post("/v1/call-records", json=records).status_code in (200, 201)


def test_a_priced_call_shows_both_halves_and_the_parts_of_its_price(client):
    post(client, a_pair("70", "2018-01-03T21:57:13Z", "2018-01-04T06:10:56Z"))

    shown = client.get("/v1/calls/70").json

    assert shown["state"] == "priced"
    assert (shown["price"], shown["amount"], shown["currency"]) == ("R$ 1,44", "1.44", "BRL")
    assert (shown["period"], shown["duration"]) == ("2018-01", "8h13m43s")
    assert shown["tariff"]["name"] == "first"
    assert shown["start"]["id"] == "70-start"
    assert shown["start"]["source"] == "99988526423"
    assert shown["end"]["timestamp"] == "2018-01-04T06:10:56Z"


def test_the_breakdown_shows_each_stretch(client):
    post(client, a_pair("70", "2018-01-03T21:57:13Z", "2018-01-04T06:10:56Z"))

    breakdown = client.get("/v1/calls/70").json["breakdown"]

    assert (breakdown["standing_charge"], breakdown["amount"]) == ("0.36", "1.44")
    first, night, last = breakdown["segments"]
    assert first == {
        "band": "standard",
        "from": "2018-01-03T21:57:13+00:00",
        "to": "2018-01-03T22:00:00+00:00",
        "seconds": 167,
        "charged_minutes": 2,
        "minute_rate": "0.09",
        "amount": "0.18",
    }
    assert (night["band"], night["seconds"], night["charged_minutes"]) == ("reduced", 28800, 0)
    assert (last["to"], last["amount"]) == ("2018-01-04T06:10:56+00:00", "0.90")


def test_the_parts_of_a_price_add_up_to_it(client):
    post(client, a_pair("70", "2018-01-03T21:57:13.25Z", "2018-01-09T06:10:56.75Z"))

    shown = client.get("/v1/calls/70").json

    parts = [Decimal(each["amount"]) for each in shown["breakdown"]["segments"]]
    total = Decimal(shown["breakdown"]["standing_charge"]) + sum(parts)
    assert total == Decimal(shown["breakdown"]["amount"]) == Decimal(shown["amount"])


@pytest.mark.parametrize(
    ("record", "state", "missing"),
    [(a_start("70"), "awaiting-end", "end"), (an_end("70"), "awaiting-start", "start")],
)
def test_an_open_call_shows_the_half_that_arrived(client, record, state, missing):
    post(client, record)

    shown = client.get("/v1/calls/70").json

    assert shown["state"] == state
    assert shown[missing] is None
    assert "price" not in shown


@pytest.mark.parametrize("call_id", ["70", "a%00b", "%ff", "x" * 129, "%EF%BC%91"])
def test_a_call_never_heard_of_is_not_found(client, call_id):
    assert client.get(f"/v1/calls/{call_id}").status_code == 404


def test_open_calls_are_listed_oldest_first_and_priced_ones_not(client):
    post(client, a_pair("priced", "2018-01-03T14:00:00Z", "2018-01-03T14:10:00Z"))
    post(client, a_start("b", "2018-01-03T14:00:00Z"))
    post(client, an_end("a", "2018-01-03T13:00:00Z"))

    listed = client.get("/v1/calls?state=open").json

    assert [call["call_id"] for call in listed["calls"]] == ["a", "b"]
    assert listed["next_cursor"] is None


def test_only_calls_older_than_asked_for_are_listed(client):
    an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    post(client, a_start("70", an_hour_ago))

    listed = {
        age: len(client.get(f"/v1/calls?state=open&older_than={age}").json["calls"])
        for age in ("59m", "3599s", "61m", "24h", "1d")
    }

    assert listed == {"59m": 1, "3599s": 1, "61m": 0, "24h": 0, "1d": 0}


def test_pages_follow_each_other_without_gap_or_repeat(client):
    # Three calls at one instant: the page's end must not fall between them.
    post(client, [a_start(f"{number}", "2018-01-03T14:00:00Z") for number in range(7)])

    seen, query = [], "/v1/calls?limit=3"
    while query:
        page = client.get(query).json
        seen += [call["call_id"] for call in page["calls"]]
        cursor = page["next_cursor"]
        query = cursor and f"/v1/calls?limit=3&cursor={cursor}"

    assert seen == list("0123456")


@pytest.mark.parametrize(
    "query",
    [
        "state=priced",
        "older_than=1",
        "older_than=-1h",
        "older_than=1h&older_than=2h",
        "older_than=999999d",
        "limit=0",
        "limit=1001",
        "limit=x",
        "cursor=nonsense",
        "cursor=%00",
        "cursor=MjAxOC0wMS0wM1QxNDowMDowMCswMDowMCBhAA==",
    ],
)
def test_a_parameter_that_cannot_be_used_is_refused(client, query):
    answer = client.get(f"/v1/calls?{query}")

    assert (answer.status_code, answer.json["code"]) == (422, "invalid-parameter")


@pytest.mark.parametrize("path", ["/v1/calls", "/v1/suspense"])
@pytest.mark.parametrize("instant", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
def test_a_cursor_at_the_edge_of_time_is_refused(client, path, instant):
    position = base64.b64encode(json.dumps([instant, "aa"]).encode()).decode()

    assert client.get(path, query_string={"cursor": position}).status_code == 422
