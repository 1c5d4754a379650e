"""Records as a switch sends them, with defaults; nothing here touches a database."""

import json
from typing import Any

Json = dict[str, Any]

SUBSCRIBER = "99988526423"
DESTINATION = "9933468278"


def a_start(call_id: str = "70", at: str = "2018-01-03T14:18:05Z", **fields: Any) -> Json:
    """The start of a call, which was answered at `at`."""
    return {
        "id": f"{call_id}-start",
        "type": "start",
        "timestamp": at,
        "call_id": call_id,
        "source": SUBSCRIBER,
        "destination": DESTINATION,
    } | fields


def an_end(call_id: str = "70", at: str = "2018-01-03T14:58:05Z", **fields: Any) -> Json:
    """The end of a call, at `at`."""
    return {"id": f"{call_id}-end", "type": "end", "timestamp": at, "call_id": call_id} | fields


def a_pair(call_id: str, started: str, ended: str, **fields: Any) -> list[Json]:
    """Both records of a call."""
    return [a_start(call_id, started, **fields), an_end(call_id, ended)]


def bytes_of(record: Json) -> bytes:
    """The record as it goes over the wire."""
    return json.dumps(record).encode()
