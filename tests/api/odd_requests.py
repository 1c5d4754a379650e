"""The corpus of odd and bad requests, and how each is sent."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import Json

CASES = json.loads((Path(__file__).parent.parent / "data" / "bad_inputs.json").read_text())
FOR_THE_APP = [case for case in CASES if case["layer"] == "app" and "needs_keys" not in case]


def body_of(case: Json) -> bytes:
    body: Any = case.get("body", "")
    encoding = case["body_encoding"]
    if encoding == "base64":
        return base64.b64decode(body)
    if encoding == "recipe":
        body = "".join(part if isinstance(part, str) else part[0] * part[1] for part in body)
    return str(body).encode()


def path_of(case: Json) -> str:
    if case["path_kind"] in ("record", "batch"):
        path = "/v1/call-records"
    elif case["path_kind"] == "bill":
        parameters = case["path_params"]
        period = parameters["period"].replace("{{CURRENT_PERIOD}}", f"{datetime.now(UTC):%Y-%m}")
        query = case.get("raw_query", f"period={period}")
        return f"/v1/bills/{parameters['subscriber']}?{query}"
    else:
        path = str(case["raw_path"])
    return f"{path}?{case['raw_query']}" if "raw_query" in case else path


def send(client: FlaskClient, case: Json) -> TestResponse:
    headers = {"Content-Type": "application/json"} | case.get("headers", {})
    return client.open(
        path_of(case),
        method=case["method"],
        data=body_of(case),
        headers={name: value for name, value in headers.items() if value is not None},
    )
