"""Calls to post: made up, each under an id that was never used before."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

Json = dict[str, Any]

_BEGIN = datetime(2018, 1, 1, tzinfo=UTC)


class Corpus(NamedTuple):
    """The records of some calls: the start and the end of each, in one order."""

    starts: list[Json]
    ends: list[Json]

    @property
    def pairs(self) -> list[Json]:
        """Start and end of each call behind each other."""
        return [record for pair in zip(self.starts, self.ends, strict=True) for record in pair]


def some_calls(count: int) -> Corpus:
    """Make `count` calls of a month, of 5 minutes on average, by 5,000 subscribers."""
    starts, ends = [], []
    for number in range(count):
        call_id = str(uuid.uuid4())
        started = _BEGIN + timedelta(seconds=number * 7919 % 2_600_000)
        ended = started + timedelta(seconds=number * 104_729 % 600)
        starts.append(
            {
                "id": f"{number}s",
                "type": "start",
                "timestamp": f"{started:%Y-%m-%dT%H:%M:%SZ}",
                "call_id": call_id,
                "source": f"119{number % 5000:08d}",
                "destination": "1133334444",
            }
        )
        ends.append(
            {
                "id": f"{number}e",
                "type": "end",
                "timestamp": f"{ended:%Y-%m-%dT%H:%M:%SZ}",
                "call_id": call_id,
            }
        )
    return Corpus(starts, ends)


def body_of(records: Json | list[Json]) -> bytes:
    """Give records as they go over the wire."""
    return json.dumps(records, separators=(",", ":")).encode()
