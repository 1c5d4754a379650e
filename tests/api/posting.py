"""Records posted to the intake, and what waits in suspense after it."""

import json

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import Json


def post(client: FlaskClient, body: object, **headers: str) -> TestResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/v1/call-records", data=data, headers=headers)


def suspense(client: FlaskClient) -> list[Json]:
    listed: list[Json] = json.loads(client.get("/v1/suspense").data)["suspended_records"]
    return listed
