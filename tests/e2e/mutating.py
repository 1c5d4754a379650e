"""Whole requests that deliver records, each mutated somewhere between its bytes and its headers."""

import gzip
import json
import random
import re
import zlib
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote_plus

from tests.factories import Json, a_start, an_end

COLUMNS = ["id", "type", "timestamp", "call_id", "source", "destination"]
# The id of a record, which is found again in whatever was kept. It has letters alone, so that a
# record may hold no digit at all.
NAME = re.compile(rb"q[a-p]{8}n[a-e]z-(?:start|end)")
BOUNDARY = b"----formdata7"

Mutation = Callable[[random.Random, bytes], bytes]


class Request(NamedTuple):
    """A request as it goes over the wire, its body, and the body's text before it was packed.

    `records` are those in the text, by their names.
    """

    wire: bytes
    body: bytes
    text: bytes
    records: dict[bytes, Json]


def make_request(chance: random.Random, key: str) -> Request:
    """Make records in some form, mutate their text, pack it or not, and frame it."""
    found = records(chance)
    text = chance.choice(FORMS)(chance, found)
    for _ in range(chance.choice([0, 0, 1, 1, 2])):
        text = chance.choice(OF_TEXT)(chance, text)
    body = text
    for _ in range(chance.choice([0, 0, 1])):
        body = chance.choice(OF_BYTES)(chance, body)
    return Request(
        framed(chance, body, key), body, text, {each["id"].encode(): each for each in found}
    )


def records(chance: random.Random) -> list[Json]:
    common = "q" + "".join(chance.choices("abcdefghijklmnop", k=8)) + "n"
    found = []
    for letter in "abcde"[: chance.choice([1, 1, 2, 5])]:
        numbers = [f"119{chance.randrange(10**8):08}" for _ in range(2)]
        start = a_start(f"{common}{letter}z", source=numbers[0], destination=numbers[1])
        end = an_end(start["call_id"])
        found += chance.choice([[start], [end], [start, end], [end, start]])
    for record in found:
        # Not its id, by which it is found again.
        fields = [name for name in record if name not in ("id", "call_id")]
        spoil = chance.random()
        if spoil < 0.1:
            del record[chance.choice(fields)]
        elif spoil < 0.2:
            record[chance.choice(fields)] = chance.choice([None, "", "\n", -1, 1.5, [], "é"])
        elif spoil < 0.3:
            record.update(dict.fromkeys(fields, "words"))
    return found


def as_object(_: random.Random, found: list[Json]) -> bytes:
    return json.dumps(found[0]).encode()


def as_array(chance: random.Random, found: list[Json]) -> bytes:
    return json.dumps(found, indent=chance.choice([None, 1])).encode()


def as_ndjson(chance: random.Random, found: list[Json]) -> bytes:
    line_break = chance.choice(["\n", "\r\n", "\n\n"])
    return line_break.join(json.dumps(record) for record in found).encode()


def as_csv(chance: random.Random, found: list[Json]) -> bytes:
    delimiter = chance.choice([",", ";", ",", "\t", "|"])
    columns = chance.sample(COLUMNS, len(COLUMNS))
    lines = [delimiter.join(columns)]
    lines += [delimiter.join(str(record.get(name, "")) for name in columns) for record in found]
    line_break = chance.choice(["\n", "\r\n", "\r"])
    return (line_break.join(lines) + chance.choice(["", line_break])).encode()


FORMS = [as_object, as_array, as_ndjson, as_csv, as_csv]


def as_form(chance: random.Random, text: bytes) -> bytes:
    plain = text.replace(b" ", b"+")
    return chance.choice([b"record=", b"", b"a=1&record="]) + chance.choice(
        [plain, quote_plus(text).encode()]
    )


def as_multipart(_: random.Random, text: bytes) -> bytes:
    head = b'Content-Disposition: form-data; name="file"; filename="calls.csv"'
    return b"--%b\r\n%b\r\n\r\n%b\r\n--%b--\r\n" % (BOUNDARY, head, text, BOUNDARY)


def cut_after_a_boundary(chance: random.Random, text: bytes) -> bytes:
    ends = [match.end() for match in re.finditer(rb"[\n,}\]]", text)]
    return text[: chance.choice(ends)] if ends else text


OF_TEXT: list[Mutation] = [
    lambda _, text: text.replace(b"\n", b"").replace(b"\r", b""),
    lambda _, text: text.replace(b"\n", b"\r"),
    lambda _, text: text + b"\n\n\n",
    lambda _, text: text.replace(b"\n", b"").replace(b"\r", b"") + b"\n",
    lambda _, text: text + text,
    lambda _, text: b"\xef\xbb\xbf" + text,
    lambda _, text: b"sep=;\n" + text,
    lambda _, text: b"# made by a switch\n" + text,
    lambda _, text: text.decode("utf-8", "replace").encode("utf-16"),
    lambda _, text: text + "é".encode("latin-1"),
    lambda chance, text: text + chance.choice([b"}", b"]", b",", b"x", b"\0", b"{}"]),
    lambda chance, text: chance.choice([b" ", b"\n", b"\0", b"x"]) + text,
    lambda chance, text: text.replace(chance.choice([b'"', b",", b":", b"{"]), b"", 1),
    as_form,
    as_multipart,
    cut_after_a_boundary,
]
OF_BYTES: list[Mutation] = [
    lambda _, body: gzip.compress(body),
    lambda _, body: gzip.compress(gzip.compress(body)),
    lambda _, body: gzip.compress(body) + b"trailing",
    lambda _, body: gzip.compress(body) + gzip.compress(b""),
    lambda _, body: gzip.compress(b"") + gzip.compress(body),
    lambda _, body: gzip.compress(b""),
    lambda _, body: b"",
    lambda _, body: gzip.compress(body)[:-4],
    lambda _, body: zlib.compress(body),
    lambda _, body: zlib.compress(body)[2:-4],
    lambda _, body: b"\x28\xb5\x2f\xfd" + body,
]

TYPES = [
    "application/json",
    "application/x-ndjson",
    "text/csv",
    "text/csv; charset=iso-8859-1",
    "application/x-www-form-urlencoded",
    f"multipart/form-data; boundary={BOUNDARY.decode()}",
    "application/octet-stream",
    "nonsense",
    "",
]
ODD_HEADERS = [
    "Content-Type: text/plain",
    "Content-Encoding: gzip",
    "Content-Encoding: deflate",
    "Expect: something",
    "Expect: 100-continue",
    "Host: twice",
    "X_Odd: 1",
    "Prefer: handling=lenient",
    "Prefer: respond-async",
    "Accept: text/html",
    "Accept-Encoding: *",
    "Content-Length: 1",
    "Content-Length: 99999",
    "Transfer-Encoding: gzip",
    "Transfer-Encoding: odd",
    "Transfer-Encoding: chunked",
    "Upgrade: h2c",
    "Content-Length : 1",
    "X: 1\nY: 2",
    "X: \x01",
    "X: " + "x" * 9000,
    "Trailer: X",
    "Range: bytes=0-1",
    "Cookie: a=b",
    "No colon",
    " folded: line",
]
PATHS = ["/v1/call-records", "/v1/call-records/", "/v1/call-records?batch=1&batch=2"]


# Mutations of a whole request, which few of them survive.
OF_WIRE: list[Callable[[bytes], bytes]] = [
    lambda wire: wire.replace(b"\r\n", b"\n"),
    lambda wire: wire.replace(b"\r\n", b"\n", 1),
    lambda wire: re.sub(rb"\r\n(Content-Length|Transfer-Encoding): [^\r]*", b"", wire),
    lambda wire: wire.replace(b"Host: localhost\r\n", b"Host: [::\r\n"),
    lambda wire: wire.replace(b"Host: localhost\r\n", b""),
    lambda wire: wire.replace(b"POST ", b"post ", 1),
    lambda wire: wire.replace(b"POST ", b"PUT ", 1),
    lambda wire: wire.replace(b"POST /", b"POST http://localhost/", 1),
    lambda wire: wire.replace(b"\r\n0\r\n\r\n", b"\r\nzz\r\n\r\n"),
    lambda wire: wire.replace(b" HTTP/1.", b" HTTP/3.", 1),
    lambda wire: b"\r\n" + wire,
]


def framed(chance: random.Random, body: bytes, key: str) -> bytes:
    version = chance.choice(["1.1", "1.1", "1.0"])
    head = [
        f"POST {chance.choice(PATHS)} HTTP/{version}",
        "Host: localhost",
        f"X-API-Key: {key}",
        f"Content-Type: {chance.choice(TYPES)}",
        "Connection: close",
    ]
    head += chance.sample(ODD_HEADERS, chance.choice([0, 0, 0, 1, 2]))
    if version == "1.1" and chance.random() < 0.2:
        half = len(body) // 2
        chunks = [part for part in (body[:half], body[half:]) if part]
        head.append("Transfer-Encoding: chunked")
        body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in chunks) + b"0\r\n\r\n"
    else:
        head.append(f"Content-Length: {len(body)}")
    wire = "\r\n".join([*head, "", ""]).encode() + body
    return chance.choice(OF_WIRE)(wire) if chance.random() < 0.1 else wire
