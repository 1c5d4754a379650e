"""A call of January whose id, 70, a switch uses again in March, after it lost the first end."""

import json

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import Json, a_start, an_end

JANUARY = a_start("70", "2018-01-03T14:18:05Z")
JANUARY_END = an_end("70", "2018-01-03T14:58:05Z")
MARCH = a_start("70", "2018-03-07T10:00:00Z", source="11987654321")
MARCH_END = an_end("70", "2018-03-07T10:05:00Z")


def post(client: FlaskClient, *records: Json) -> list[TestResponse]:
    return [client.post("/v1/call-records", json=record) for record in records]


def contested(client: FlaskClient) -> tuple[str, str]:
    """Make the call contested; give the ids of the start and end of March in suspense."""
    _, march, end = post(client, JANUARY, MARCH, MARCH_END)
    return json.loads(march.data)["suspense_id"], json.loads(end.data)["suspense_id"]


def state_of(client: FlaskClient, call_id: str) -> tuple[str, bool, str | None]:
    call = json.loads(client.get(f"/v1/calls/{call_id}").data)
    return call["state"], call["contested"], call.get("amount")
