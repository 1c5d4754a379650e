"""Records posted to the intake, and what waits in suspense after it."""

import json


def post(client, body, **headers):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/v1/call-records", data=data, headers=headers)


def suspense(client):
    return client.get("/v1/suspense").json["suspended_records"]
