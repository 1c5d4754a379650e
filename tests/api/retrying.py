"""Suspended records, retried through the API."""

import json
from collections.abc import Mapping

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import Json, a_start, bytes_of

START = bytes_of(a_start())
HALVES = "SELECT count(started_at), count(ended_at), count(price_cents) FROM calls"


def retry(
    client: FlaskClient, suspense_id: str, correction: Json | bytes | str | None = None
) -> TestResponse:
    data = bytes_of(correction) if isinstance(correction, dict) else correction
    return client.post(f"/v1/suspense/{suspense_id}/retry", data=data)


def deliver(client: FlaskClient, *records: Json) -> None:
    answer = client.post("/v1/call-records", json=list(records))
    assert json.loads(answer.data)["stored"] == len(records)


def columns(record: Mapping[str, str]) -> bytes:
    return f"{','.join(record)}\n{','.join(record.values())}\n".encode()
