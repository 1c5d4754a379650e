"""Poison: whatever is wrong with one record of 10,000, the other 9,999 are stored.

The sender is told where it stood and what is wrong with it, and it is kept to the byte.
"""

from functools import cache

import pytest

from tests.api.posting import post
from tests.factories import a_pair, a_start, an_end, bytes_of

RECORDS = 10_000
PLACES = [
    pytest.param(0, id="first"),
    pytest.param(RECORDS // 2, id="middle"),
    pytest.param(RECORDS - 1, id="last"),
]
STORED, BEFORE = "2018-01-03T14:18:05Z", "2018-01-03T14:18:04Z"


def a_poison(**fields):
    """An end that is as it should be, but for some `fields`."""
    return bytes_of(an_end("poison") | fields)


def nested(depth):
    return a_poison(note=0).replace(b" 0}", b" %s1%s}" % (b"[" * (depth - 1), b"]" * (depth - 1)))


# What is wrong, and with which field.
POISON = [
    pytest.param(
        a_poison().replace(b"timestamp", b"time"), "invalid-record /timestamp", id="missing"
    ),
    pytest.param(a_poison(timestamp=1514988000), "invalid-record /timestamp", id="number"),
    pytest.param(a_poison(type="ring"), "invalid-record /type", id="unknown-type"),
    pytest.param(a_poison(call_id="poison\0"), "invalid-record /call_id", id="nul"),
    pytest.param(a_poison(call_id="poison\ud800"), "invalid-record /call_id", id="lone-surrogate"),
    pytest.param(a_poison(call_id=10**999), "invalid-record /call_id", id="1000-digits"),
    pytest.param(
        a_poison(timestamp="2018-02-30T12:00:00Z"), "invalid-record /timestamp", id="february-30"
    ),
    pytest.param(
        a_poison(timestamp="9999-12-31T23:59:59-01:00"),
        "invalid-record /timestamp",
        id="year-10000",
    ),
    pytest.param(a_poison()[:-1] + b', "type": "end"}', "invalid-record /type", id="key-twice"),
    pytest.param(a_poison(note=float("nan")), "unreadable-body", id="nan"),
    pytest.param(a_poison().replace(b"poison", b"poison\xff"), "unreadable-body", id="no-utf-8"),
    pytest.param(b"7", "unreadable-body", id="no-object"),
    pytest.param(nested(33), "unreadable-body", id="nests-too-deep"),
    pytest.param(a_poison(note="x" * 2**16), "unreadable-body", id="over-64-kib"),
    pytest.param(
        a_poison(timestamp="2999-01-01T00:00:00Z"), "in-the-future /timestamp", id="in-the-future"
    ),
    # Both are about the call whose start is stored before.
    pytest.param(
        bytes_of(an_end("70", BEFORE)), "ends-before-start /timestamp", id="ends-before-start"
    ),
    pytest.param(bytes_of(a_start("70", BEFORE)), "conflicting-record", id="conflict"),
]


@cache
def good_records():
    """Records that are new to the service: complete calls, and one that has not ended."""
    calls = (RECORDS - 1) // 2
    started, ended = "2018-01-05T21:57:13Z", "2018-01-05T22:10:56Z"
    pairs = [a_pair(f"good-{n}", started, ended) for n in range(calls)]
    return [bytes_of(record) for pair in pairs for record in pair] + [bytes_of(a_start("good"))]


def with_poison(poison, place):
    good = good_records()
    return [*good[:place], poison, *good[place:]]


def assert_it_spoils_only_itself(answer, database, poison, place, fault):
    assert answer.status_code == 200
    report = answer.json
    assert (report["received"], report["stored"], report["duplicate"]) == (RECORDS, 9_999, 0)
    [result] = report["results"]
    [error, *_] = result["errors"]
    assert (result["index"], f"{result['reason']} {error['pointer']}".strip()) == (place, fault)
    kept = database.rows("SELECT encode(content_hash, 'hex'), received FROM suspense")
    assert [(key, bytes(received)) for key, received in kept] == [(result["suspense_id"], poison)]
    stored = "SELECT count(started_at) + count(ended_at) FROM calls WHERE call_id LIKE 'good%'"
    assert database.rows(stored) == [(9_999,)]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("poison", "fault"), POISON)
def test_a_bad_element_of_an_array_spoils_only_itself(client, database, poison, fault, place):
    post(client, a_start("70", STORED))

    answer = post(client, b"[%s]" % b",".join(with_poison(poison, place)))

    assert_it_spoils_only_itself(answer, database, poison, place, fault)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "poison",
    [
        pytest.param(a_poison()[:-10], id="torn"),
        pytest.param(a_poison()[10:], id="torn-at-its-head"),
        pytest.param(a_poison(note=float("nan")), id="nan"),
        pytest.param(a_poison().replace(b"poison", b"poison\xff"), id="no-utf-8"),
        pytest.param(b"7", id="no-object"),
    ],
)
def test_a_bad_line_of_ndjson_spoils_only_itself(client, database, poison, place):
    lines = b"\n".join(with_poison(poison, place))

    answer = post(client, lines, **{"Content-Type": "application/x-ndjson"})

    assert_it_spoils_only_itself(answer, database, poison, place, "unreadable-body")


@pytest.mark.parametrize("place", PLACES)
def test_a_record_that_the_database_refuses_spoils_only_itself(client, database, place):
    """No input is known that passes validation and is refused: here the table refuses one."""
    database.rows("ALTER TABLE calls ADD CONSTRAINT poison CHECK (call_id <> 'poison')")
    try:
        answer = post(client, b"[%s]" % b",".join(with_poison(a_poison(), place)))
    finally:
        database.rows("ALTER TABLE calls DROP CONSTRAINT poison")

    assert_it_spoils_only_itself(answer, database, a_poison(), place, "refused-by-database")
