"""CSV as large as can be that is made to keep the service busy is read in seconds."""

import time

import pytest

from app.api.readers import Body
from app.domain.call import Reason
from app.domain.errors import BodyTooLarge
from app.limits.sizes import BODY_BYTES_MAX, RECORDS_MAX
from tests.unit.bodies import RECORD_BYTES_MAX, read
from tests.unit.csv_bodies import HEADER

SECONDS_MAX = 5  # Of the processor; each takes less than one.
FILLINGS = [
    pytest.param(b",", id="commas"),
    pytest.param(b'"', id="quotes"),
    pytest.param(b'"",', id="empty-fields-in-quotes"),
    pytest.param(b'","', id="commas-in-quotes"),
    pytest.param(b"x", id="letters"),
    pytest.param(b"\x00", id="zeros"),
    pytest.param(b"\xff", id="bytes-that-are-no-text"),
]
BREAKS = [b"\n", b"\r\n", b"\r", b" \n", b"\x0b\n"]


def read_in_time(body: bytes) -> Body:
    begin = time.process_time()
    try:
        return read(body)
    finally:
        assert time.process_time() - begin < SECONDS_MAX


def filled(begin: bytes, filling: bytes) -> bytes:
    return begin + filling * ((BODY_BYTES_MAX - len(begin)) // len(filling))


@pytest.mark.parametrize("filling", FILLINGS)
def test_a_line_that_never_ends(filling):
    body = filled(HEADER, filling)

    [delivery] = read_in_time(body).deliveries

    assert (delivery.received, delivery.reason) == (body, Reason.UNREADABLE_BODY)


@pytest.mark.parametrize("filling", [*FILLINGS, *BREAKS])
@pytest.mark.parametrize("begin", [b"", HEADER[:-1], HEADER[:-2]], ids=["", "columns", "torn"])
def test_a_header_that_never_ends(begin, filling):
    for delivery in read_in_time(filled(begin, filling)).deliveries:
        assert delivery.record is None


@pytest.mark.parametrize("line_break", BREAKS)
def test_a_header_and_nothing_but_line_breaks(line_break):
    assert read_in_time(filled(HEADER, line_break)) == Body(is_many=True, deliveries=[])


@pytest.mark.parametrize("line", [b",\n", b'"\n', b"x\r\n", b"\x00\n"])
def test_far_too_many_lines(line):
    with pytest.raises(BodyTooLarge):
        read_in_time(filled(HEADER, line))


@pytest.mark.parametrize("filling", FILLINGS)
def test_as_many_and_as_long_lines_as_there_may_be(filling):
    line = filling * (1_600 // len(filling)) + b"\n"

    deliveries = read_in_time(HEADER + line * RECORDS_MAX).deliveries

    assert [each.received for each in deliveries] == [HEADER + line] * RECORDS_MAX
    assert {each.record for each in deliveries} == {None}


@pytest.mark.parametrize("filling", FILLINGS)
def test_lines_as_large_as_they_may_be(filling):
    line = (filling * RECORD_BYTES_MAX)[: RECORD_BYTES_MAX - 1] + b"\n"
    count = (BODY_BYTES_MAX - len(HEADER)) // len(line)

    deliveries = read_in_time(HEADER + line * count).deliveries

    # A quote that stays open at the end of a line goes on in the next one.
    assert b"".join(each.received.removeprefix(HEADER) for each in deliveries) == line * count
    assert {each.record for each in deliveries} == {None}


def header_of(size: int) -> bytes:
    """Give a header of many columns that has `size` bytes without its line break."""
    header = ",".join(["id", "type", "timestamp", *(f"{each:05x}" for each in range(13_000))])
    return header[:size].rstrip(",").ljust(size, "x").encode() + b"\n"


def test_a_header_may_have_2_kib():
    header = header_of(2_048)
    found = read_in_time(header + b"x\n" * RECORDS_MAX)

    assert len(found.deliveries) == RECORDS_MAX
    assert sum(len(each.received) for each in found.deliveries) < 2 * BODY_BYTES_MAX


@pytest.mark.parametrize("size", [2_049, 60_000])
def test_a_larger_header_is_not_kept_again_and_again(size):
    body = header_of(size) + b"x\n" * RECORDS_MAX

    [delivery] = read_in_time(body).deliveries

    assert (delivery.received, delivery.reason) == (body, Reason.UNREADABLE_BODY)
