"""Bodies as large as can be that are made to keep the service busy are read in seconds."""

import time

import pytest

from app.api.readers import Body
from app.domain.call import Reason
from app.limits.sizes import BODY_BYTES_MAX, RECORDS_MAX
from tests.unit.bodies import read

SECONDS_MAX = 15  # Each takes one or two; what grows with the square of its size takes hours.


def read_in_time(body: bytes) -> Body:
    begin = time.process_time()
    found = read(body)
    assert time.process_time() - begin < SECONDS_MAX
    return found


@pytest.mark.parametrize(
    ("begin", "filling"),
    [
        pytest.param(b"[", b'"', id="quotes"),
        pytest.param(b'["', rb"\"", id="escaped-quotes"),
        pytest.param(b"[", rb"\"", id="backslashes-and-quotes"),
        pytest.param(b"[", b"\\", id="backslashes"),
        pytest.param(b'["', b"\\", id="backslashes-in-a-string"),
        pytest.param(b'["', b"x", id="a-string-without-end"),
        pytest.param(b"[", b"[", id="brackets"),
        pytest.param(b"[", b'{"a":', id="objects"),
        pytest.param(b"", b'{"a":', id="objects-and-no-array"),
        pytest.param(b"[", b"]", id="closing-brackets"),
        pytest.param(b"[{", b",", id="commas"),
        pytest.param(b"[", b" ", id="spaces"),
        pytest.param(b"", b" ", id="nothing-but-spaces"),
        pytest.param(b"[", b"\xff", id="bytes-that-are-no-text"),
        pytest.param(b"[", b"9", id="digits"),
    ],
)
def test_a_body_that_never_ends(begin, filling):
    body = begin + filling * ((BODY_BYTES_MAX - len(begin)) // len(filling))

    found = read_in_time(body)

    [delivery] = found.deliveries
    assert not found.is_many
    assert (delivery.received, delivery.reason) == (body, Reason.UNREADABLE_BODY)


@pytest.mark.parametrize(
    "element",
    [
        pytest.param(b"[" * 800 + b"]" * 800, id="nested"),
        pytest.param(b'{"a":"' + rb"\"" * 800 + b'"}', id="escaped-quotes"),
        pytest.param(b'{"a":' + b"9" * 1_600 + b"}", id="digits"),
        pytest.param(b'{"a":-0.' + b"9" * 1_600 + b"e-999}", id="decimals"),
        pytest.param(b"{" + b'"a":1,' * 60 + b'"a":1}', id="a-key-again-and-again"),
    ],
)
def test_an_array_full_of_elements_that_cannot_be_used(element):
    body = b"[%s]" % b",".join([element] * RECORDS_MAX)
    assert len(body) <= BODY_BYTES_MAX

    found = read_in_time(body)

    assert [each.received for each in found.deliveries] == [element] * RECORDS_MAX
    assert {each.record for each in found.deliveries} == {None}


def test_an_array_of_far_too_many_parts_is_not_cut():
    element = b"[" + b"{}," * 530 + b"{}]"
    body = b"[%s]" % b",".join([element] * (RECORDS_MAX - 1))

    begin = time.process_time()
    [delivery] = read(body).deliveries

    assert time.process_time() - begin < 2
    assert (delivery.received, delivery.reason) == (body, Reason.UNREADABLE_BODY)


def test_a_record_with_thousands_of_errors_reports_some():
    body = b"{" + b",".join(b'"a%d":1,"a%d":2' % (each, each) for each in range(3_000)) + b"}"

    [delivery] = read(body).deliveries

    assert len(delivery.errors) == 10


@pytest.mark.parametrize(
    "element",
    [
        pytest.param(b'{"a":' + b"9" * 65_000 + b"}", id="digits"),
        pytest.param(b'{"a":0.' + b"9" * 65_000 + b"}", id="decimals"),
        pytest.param(b'{"a":"' + rb"\u0000" * 10_000 + b'"}', id="escapes"),
    ],
)
def test_an_array_of_large_elements_that_cannot_be_used(element):
    count = BODY_BYTES_MAX // (len(element) + 1) - 1

    found = read_in_time(b"[%s]" % b",".join([element] * count))

    assert [each.received for each in found.deliveries] == [element] * count
    assert {each.record for each in found.deliveries} == {None}
