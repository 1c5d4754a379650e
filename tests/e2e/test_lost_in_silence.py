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
import zlib
from contextlib import closing
from http.client import HTTPResponse
from typing import NamedTuple

import pytest

from tests.e2e.mutating import NAME, Request, make_request
from tests.e2e.running import running

CASES = 40 * int(os.environ.get("FUZZ_CASES", "10"))
SEED = os.environ.get("FUZZ_SEED", "1")


class Answer(NamedTuple):
    """The status, the media type and the JSON of an answer."""

    status: int
    media_type: str
    body: dict


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
    with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as link:
        link.sendall(wire)
        answer = HTTPResponse(link)
        answer.begin()
        return Answer(answer.status, answer.headers["Content-Type"], json.load(answer))


def unpacked(body: bytes) -> bytes:
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        return body


def unaccounted(request: Request, answer: Answer, stored: set[bytes], kept: dict[str, bytes]):
    """Return why something of `request` is neither stored, kept nor refused aloud, or None."""
    status, media_type, body = answer
    if status >= 500 and status != 501:
        return f"answered {status}"
    if status >= 400 and not body.get("kept"):
        is_aloud = media_type == "application/problem+json" and body["code"] and body["detail"]
        return None if is_aloud else "refused without a problem"
    results = body.get("results", [body])
    named = [each["suspense_id"] for each in results if "suspense_id" in each]
    names = set(NAME.findall(request.text))
    if missing := [each for each in named if each not in kept]:
        return f"the suspense ids {missing} do not exist"
    if not {request.body, unpacked(request.body)}.isdisjoint(kept.values()):
        return None  # Kept as it came.
    kept_names = {name for each in kept.values() for name in NAME.findall(each)}
    if lost := names - stored - kept_names:
        return f"{lost} is nowhere"
    # A list without records, such as the header of a CSV file. Every record has a digit somewhere.
    is_empty = body.get("received") == 0 and not re.search(rb"[0-9]", request.text)
    return None if names or named or is_empty else "its text is nowhere"


def test_every_request_that_came_whole_is_accounted_for(service):
    chance = random.Random(SEED)
    requests = [make_request(chance, service.key) for _ in range(CASES)]

    answers = [send(service, request.wire) for request in requests]

    ids = service.database.rows("SELECT call_id, start_record_id, end_record_id FROM calls")
    stored = {name for row in ids for name in NAME.findall(" ".join(map(str, row)).encode())}
    kept_of: dict[bytes, dict[str, bytes]] = {}
    for (received,) in service.database.rows("SELECT received FROM suspense"):
        found = bytes(received)
        suspense_id = hashlib.sha256(found).hexdigest()
        for name in NAME.findall(found)[:1] or [b""]:
            kept_of.setdefault(name[:9], {})[suspense_id] = found
    unnamed = kept_of.get(b"", {})
    failures = []
    for request, answer in zip(requests, answers, strict=True):
        [name, *_] = NAME.findall(request.text) or [b""]
        kept = kept_of.get(name[:9], {}) | unnamed
        if why := unaccounted(request, answer, stored, kept):
            failures.append((why, answer, request.wire, request.body))
    assert [each[:2] + each[3:] for each in failures] == []
    assert sum(answer.status < 300 for answer in answers) > CASES / 5
    assert stored
    assert unnamed
