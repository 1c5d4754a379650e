"""Nothing that came whole is lost in silence: it is stored, kept in suspense, or refused aloud.

FUZZ_CASES is how many requests are made; `make fuzz` makes 20,000 and more.
"""

import gzip
import hashlib
import json
import os
import random
import re
import socket
import time
import zlib
from contextlib import closing
from datetime import datetime
from http.client import HTTPResponse
from typing import NamedTuple

import pytest

from app.api.problem_table import PROBLEMS
from tests.e2e.mutating import COLUMNS, NAME, Request, make_request
from tests.e2e.running import running

CASES = 40 * int(os.environ.get("FUZZ_CASES", "10"))
SEED = os.environ.get("FUZZ_SEED", "1")
# Nothing here waits for a time-out: the shortest is 10 seconds.
ANSWER_SECONDS_MAX = 8
# The words of a file of CSV without records. Comments may hold any.
NO_RECORD = {b"sep", *(name.encode() for name in COLUMNS)}


class Answer(NamedTuple):
    """The status, the headers and the JSON of an answer, and how long it took."""

    status: int
    headers: dict
    body: dict
    seconds: float


class Found(NamedTuple):
    """What is in the database: stored halves by name; the ids, bodies and names in suspense."""

    stored: dict[bytes, tuple]
    kept_ids: set[str]
    kept_bodies: set[bytes]
    kept_names: set[bytes]


@pytest.fixture(scope="module")
def service(tmp_path_factory, new_database):
    database = new_database()
    folder = tmp_path_factory.mktemp("silence")
    with running(folder, DATABASE_URL=database.url) as started:
        started.make_key(database.url)
        started.database = database
        yield started


def send(service, wire: bytes) -> Answer:
    port = int(service.address.rpartition(":")[2])
    began = time.monotonic()
    with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as link:
        link.sendall(wire)
        answer = HTTPResponse(link)
        answer.begin()
        body = json.loads(answer.read() or b"{}")
        return Answer(answer.status, answer.headers, body, time.monotonic() - began)


def unpacked(body: bytes) -> bytes:
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        return body


def unaccounted(request: Request, answer: Answer, found: Found) -> str | None:
    """Return why something of `request` is neither stored, kept nor refused aloud, or None."""
    if answer.status >= 500 or answer.seconds > ANSWER_SECONDS_MAX:
        return f"answered {answer.status} after {answer.seconds:.0f} s"
    is_refused = answer.status >= 400
    if is_refused and ((why := not_aloud(answer)) or not answer.body.get("kept")):
        return why
    return (
        wrong_receipt(answer.body, found)
        or wrongly_stored(request, found)
        or lost(request, answer.body, found)
    )


def lost(request: Request, body: dict, found: Found) -> str | None:
    """Return what of a request that was taken is not in the database, or None."""
    if not found.kept_bodies.isdisjoint({request.body, unpacked(request.body)}):
        return None  # Kept as it came.
    names = set(NAME.findall(request.text))
    if missing := names - found.stored.keys() - found.kept_names:
        return f"{missing} is nowhere"
    return None if names or named_in(body) or is_empty(request) else "its text is nowhere"


def not_aloud(answer: Answer) -> str | None:
    """Return why a refusal is no problem that names what was refused, or None."""
    if answer.headers["Content-Type"] != "application/problem+json":
        return "refused without a problem"
    problem = answer.body
    if problem["request_id"] != answer.headers["X-Request-ID"]:
        return "refused without its id"
    is_general = problem["detail"] == PROBLEMS["bad-request"].meaning
    return "refused without a cause" if is_general else None


def named_in(body: dict) -> list[str]:
    return [each["suspense_id"] for each in body.get("results", [body]) if "suspense_id" in each]


def wrong_receipt(body: dict, found: Found) -> str | None:
    """Return what an answer says was stored or kept, and is not there, or None."""
    if missing := [each for each in named_in(body) if each not in found.kept_ids]:
        return f"the suspense ids {missing} do not exist"
    if "record" in body and not {*NAME.findall(body["record"]["id"].encode())} <= {*found.stored}:
        return "the record is said to be stored, and is not"
    if "received" in body:
        counted = body["stored"] + body["duplicate"] + body["suspended"]
        if counted != body["received"] or len(named_in(body)) != body["suspended"]:
            return "the counts do not add up"
    return None


def wrongly_stored(request: Request, found: Found) -> str | None:
    """Return which record of `request` is stored with other values than it has, or None."""
    for name, record in request.records.items():
        if name in found.stored:
            instant, *numbers = found.stored[name]
            is_same = instant == datetime.fromisoformat(record["timestamp"])
            if not is_same or numbers != [record.get("source"), record.get("destination")]:
                return f"{name!r} is stored as {found.stored[name]}"
    return None


def is_empty(request: Request) -> bool:
    """Return whether a text holds no record: an empty array, or the header of a CSV file."""
    words = re.findall(rb"\w+", re.sub(rb"(?m)^#.*$", b"", request.text))
    return {*words} <= NO_RECORD


def found_in(database) -> Found:
    starts = database.rows(
        "SELECT start_record_id, started_at, source, destination FROM calls"
        " WHERE started_at IS NOT NULL"
    )
    ends = database.rows(
        "SELECT end_record_id, ended_at, NULL, NULL FROM calls WHERE ended_at IS NOT NULL"
    )
    bodies = {bytes(received) for (received,) in database.rows("SELECT received FROM suspense")}
    return Found(
        {name: row[1:] for row in starts + ends for name in NAME.findall(row[0].encode())},
        {hashlib.sha256(body).hexdigest() for body in bodies},
        bodies,
        {name for body in bodies for name in NAME.findall(body)},
    )


def test_every_request_that_came_whole_is_accounted_for(service):
    chance = random.Random(SEED)
    requests = [make_request(chance, service.key) for _ in range(CASES)]

    answers = [send(service, request.wire) for request in requests]

    found = found_in(service.database)
    failures = [
        (why, answer.status, answer.body, request.wire)
        for request, answer in zip(requests, answers, strict=True)
        if (why := unaccounted(request, answer, found))
    ]
    assert failures == []
    assert sum(answer.status < 300 for answer in answers) > CASES / 5
    assert found.stored
    assert found.kept_names
