"""Bodies packed by gzip: their first bytes say so, and nothing is unpacked without end."""

import gzip
import time
import tracemalloc

import pytest

from app.api.readers import Body, read_body
from app.domain.call import Reason
from app.domain.delivery import Delivery
from app.domain.errors import BodyTooLarge
from app.limits.sizes import BODY_BYTES_MAX
from app.schemas.call_records import CallRecordReader
from tests.unit.bodies import END, RECEIVED_AT, START, read, read_one
from tests.unit.builders import SAO_PAULO, a_start, an_end
from tests.unit.csv_bodies import END_LINE, HEADER, START_LINE, unreadable

NO_GZIP = "is not a complete gzip"
MIB = 1024 * 1024
SECONDS_MAX, PEAK_BYTES_MAX = 5, 64 * MIB
BODIES = [
    pytest.param(START, id="object"),
    pytest.param(b"\xef\xbb\xbf \n%s\r\n" % START, id="object-with-something-around"),
    pytest.param(b"[%s, %s]" % (START, END), id="array"),
    pytest.param(b"%s\n%s\n" % (START, END), id="ndjson"),
    pytest.param(HEADER + START_LINE + END_LINE, id="csv"),
    pytest.param(b"%s\nx\n" % START, id="a-bad-line"),
    pytest.param(START[:-1], id="torn"),
    pytest.param(b"\xff", id="no-text"),
    pytest.param(b"", id="nothing"),
]


def packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def members_of_zeros(count: int) -> bytes:
    """Give some 16 KiB for each 16 MiB that they unpack to."""
    return packed(bytes(BODY_BYTES_MAX)) * count


@pytest.mark.parametrize("content_type", ["", "application/gzip", "application/json", "text/csv"])
@pytest.mark.parametrize("body", BODIES)
def test_what_is_packed_is_read_and_kept_as_if_it_were_not_whatever_is_said_of_it(
    body, content_type
):
    reader = CallRecordReader(SAO_PAULO)

    assert read_body(packed(body), reader, RECEIVED_AT, content_type) == read(body)
    assert read_body(body, reader, RECEIVED_AT, content_type) == read(body)


def test_a_packed_line_is_many_if_the_media_type_says_so():
    found = read_body(packed(END), CallRecordReader(SAO_PAULO), RECEIVED_AT, "application/x-ndjson")

    assert found == Body(is_many=True, deliveries=[Delivery(END, an_end())])


def test_packed_records_are_records():
    assert read(packed(START)) == Body(is_many=False, deliveries=[Delivery(START, a_start())])
    assert read(packed(b"%s\n%s" % (START, END))) == Body(
        is_many=True, deliveries=[Delivery(START, a_start()), Delivery(END, an_end())]
    )


@pytest.mark.parametrize("level", [0, 1, 9])
def test_how_tightly_it_is_packed_does_not_matter(level):
    assert read_one(gzip.compress(END, level)) == Delivery(END, an_end())


def test_a_packed_file_may_hold_its_name(tmp_path):
    with gzip.open(tmp_path / "calls.json.gz", "wb") as file:
        file.write(END)

    assert read_one((tmp_path / "calls.json.gz").read_bytes()) == Delivery(END, an_end())


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("place", [0, 1, 60, 150, 1_000])
def test_what_is_packed_in_two_members_is_one_body(body, place):
    assert read(packed(body[:place]) + packed(body[place:])) == read(body)


def test_zeros_after_a_packed_body_are_padding():
    assert read_one(packed(END) + bytes(512)) == Delivery(END, an_end())


@pytest.mark.parametrize("body", BODIES)
def test_a_packed_body_cut_off_anywhere_is_one_unreadable_delivery_with_the_packed_bytes(body):
    whole = packed(body)
    for size in range(2, len(whole)):
        assert read(whole[:size]) == Body(
            is_many=False, deliveries=[unreadable(whole[:size], NO_GZIP)]
        )
    assert [read_one(whole[:size]).received for size in (0, 1)] == [b"", b"\x1f"]


def test_of_two_members_a_cut_shows_except_between_them():
    first, second = packed(START), packed(b"\n" + END)
    whole = first + second
    for size in range(len(first) + 1, len(whole)):
        assert read_one(whole[:size]) == unreadable(whole[:size], NO_GZIP)
    assert read_one(first) == Delivery(START, a_start())


def test_a_packed_body_of_which_a_byte_is_another_is_read_as_it_was_or_not_at_all():
    whole = packed(START)
    for place in range(2, len(whole)):
        for mask in (0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF):
            body = b"%s%c%s" % (whole[:place], whole[place] ^ mask, whole[place + 1 :])
            found = read_one(body)
            assert found in (Delivery(START, a_start()), unreadable(body, NO_GZIP))
            # The last eight bytes are the checksum and the size.
            assert found.record is None or place < len(whole) - 8


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"\x1f\x8b", id="its-first-bytes-alone"),
        pytest.param(b"\x1f\x8b" + START, id="an-object-behind-its-first-bytes"),
        pytest.param(b"\x1f\x8b\x07" + packed(START)[3:], id="another-method"),
        pytest.param(b"\x1f\x8b\x08\x08" + bytes(6) + b"name", id="a-name-that-never-ends"),
        pytest.param(packed(START) + b"x", id="a-letter-behind"),
        pytest.param(packed(START) + START, id="an-object-behind"),
        pytest.param(packed(START) + b"\x1f\x8b", id="another-member-cut-off"),
        pytest.param(packed(START)[:-8] + bytes(8), id="no-checksum"),
        pytest.param(packed(START)[:10] + b"\xff" * 50, id="nothing-that-unpacks"),
    ],
)
def test_invalid_gzip_is_kept_as_it_came(body):
    assert read(body) == Body(is_many=False, deliveries=[unreadable(body, NO_GZIP)])


@pytest.mark.parametrize("before", [b" ", b"\n", b"\xef\xbb\xbf", b"\x1f"])
def test_a_packed_body_begins_with_its_first_bytes(before):
    body = before + packed(START)

    assert read_one(body)[:3] == (body, None, Reason.UNREADABLE_BODY)


def test_what_is_packed_twice_is_unpacked_once():
    assert read_one(packed(packed(START)))[:3] == (packed(START), None, Reason.UNREADABLE_BODY)


@pytest.mark.parametrize("body", [b"[%s]", b"%s", b"%s\n"], ids=["array", "object", "line"])
def test_a_body_may_have_16_mib_unpacked(body):
    body = body % END
    whole = body + b" " * (BODY_BYTES_MAX - len(body))

    assert [each.record for each in read(packed(whole)).deliveries] == [an_end()]
    with pytest.raises(BodyTooLarge, match="16 MiB unpacked; this one is larger"):
        read(packed(whole + b" "))


@pytest.mark.parametrize("size", [1, 9, -1, -8], ids=["", "more", "less", "no-checksum"])
def test_of_16_mib_the_checksum_is_looked_at_too(size):
    whole = packed(END + b" " * (BODY_BYTES_MAX - len(END)))
    body = (
        whole[:size] if size < 0 else whole[:-size] + bytes([whole[-size] ^ 1]) + whole[-size:][1:]
    )

    assert read_one(body) == unreadable(body, NO_GZIP)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            packed(b"[" * (BODY_BYTES_MAX + 1)), id="16-kib-that-unpack-to-a-byte-too-many"
        ),
        pytest.param(members_of_zeros(256), id="4-mib-that-unpack-to-4-gib"),
        pytest.param(members_of_zeros(2)[:-9], id="cut-off"),
        pytest.param(members_of_zeros(2) + b"x", id="a-letter-behind"),
    ],
)
def test_a_bomb_is_too_large_before_it_takes_time_or_memory(body):
    begin = time.process_time()
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLarge, match="this one is larger"):
            read(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < PEAK_BYTES_MAX
    assert time.process_time() - begin < SECONDS_MAX


@pytest.mark.parametrize(
    ("begin", "filling"),
    [
        pytest.param(b"", packed(b""), id="empty-members"),
        pytest.param(b"", packed(b" "), id="members-of-a-space"),
        pytest.param(packed(END), b"\x00", id="zeros-behind"),
        pytest.param(b"\x1f\x8b\x08\x08" + bytes(6), b"x", id="a-name-that-never-ends"),
        pytest.param(b"\x1f\x8b\x08\x10" + bytes(6), b"x", id="a-comment-that-never-ends"),
        pytest.param(packed(b"")[:10], b"\x00\x00\x00\xff\xff", id="empty-blocks"),
    ],
)
def test_a_packed_body_that_is_made_to_keep_the_service_busy(begin, filling):
    body = begin + filling * ((BODY_BYTES_MAX - len(begin)) // len(filling))

    start = time.process_time()
    read_one(body)
    assert time.process_time() - start < 3 * SECONDS_MAX  # They take up to two or three.
