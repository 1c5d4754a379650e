"""`GET /v1/calls?longer_than=`: long calls of a month."""

import pytest

from tests.api.paging import pages, post
from tests.factories import a_pair

JANUARY = "period=2018-01"
AT, END = "2018-01-03T14:18:05Z", "2018-01-03T14:20:05Z"
HUNG = a_pair("hung", "2018-01-03T12:00:00Z", "2018-01-04T00:00:00Z")


def long_calls(client, query):
    return [each["call_id"] for each in pages(client, f"/v1/calls?{query}", "calls")]


@pytest.mark.parametrize(
    ("longer_than", "found"),
    [
        ("0s", ["other", "short", "hung"]),
        ("2m", ["other", "hung"]),
        ("43199s", ["other", "hung"]),
        ("12h", ["other"]),
        ("1d", []),
    ],
)
def test_calls_longer_than_a_time_are_listed_in_the_order_of_the_bills(client, longer_than, found):
    other = a_pair("other", "2018-01-03T12:00:00Z", "2018-01-04T00:00:01Z", source="11987654321")
    last_month = a_pair("before", "2017-12-03T12:00:00Z", "2017-12-04T12:00:00Z")
    post(client, HUNG, other, a_pair("short", "2018-01-02T00:00:00Z", "2018-01-02T00:02:00Z"))
    post(client, last_month, [a_pair("open", AT, END)[0]])

    assert long_calls(client, f"longer_than={longer_than}&{JANUARY}") == found


def test_a_long_call_shows_its_length_its_price_and_the_month_of_its_bill(client):
    post(client, HUNG)

    [call] = client.get(f"/v1/calls?longer_than=4h&{JANUARY}").json["calls"]

    assert (call["state"], call["duration_seconds"]) == ("priced", 43_200)
    assert (call["period"], call["amount"]) == (
        "2018-01",
        client.get("/v1/calls/hung").json["amount"],
    )


@pytest.mark.parametrize(
    "query",
    [
        "longer_than=4h&state=open",
        "longer_than=4h&older_than=1d",
        "longer_than=four",
        "longer_than=",
        JANUARY,
        f"longer_than=4h&longer_than=5h&{JANUARY}",
        "longer_than=4h&period=2018-13",
        "longer_than=4h&cursor=x",
    ],
)
def test_what_does_not_go_together_is_refused(client, query):
    assert client.get(f"/v1/calls?{query}").status_code == 422
