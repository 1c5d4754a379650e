"""NDJSON: an object a line, with or without being announced; a bad line spoils only itself."""

import json

import pytest

from app.api.readers import Body, read_body
from app.domain.call import Reason
from app.domain.delivery import Delivery
from app.domain.errors import BodyTooLarge
from app.limits.sizes import RECORDS_MAX
from app.schemas.call_records import CallRecordReader
from tests.unit.bodies import END, RECEIVED_AT, RECORD_BYTES_MAX, START, padded
from tests.unit.builders import SAO_PAULO, a_start, an_end

NDJSON = "application/x-ndjson"
BOM = b"\xef\xbb\xbf"
THE_START, THE_END = Delivery(START, a_start()), Delivery(END, an_end())
# Of these, the media type says that each line is a record.
ANNOUNCING = [
    NDJSON,
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "application/json-lines",
    "Application/X-NDJSON; charset=utf-8",
]
NOT_ANNOUNCING = [
    "",
    "application/json",
    "text/csv",
    "text/plain",
    "application/x-ndjsonish",
    "\x00",
]


def read(body, content_type=""):
    return read_body(body, CallRecordReader(SAO_PAULO), RECEIVED_AT, content_type)


def unreadable(received, detail="is not JSON"):
    errors = [{"pointer": "", "detail": detail}]
    return Delivery(received, None, Reason.UNREADABLE_BODY, errors)


@pytest.mark.parametrize("content_type", [*ANNOUNCING, *NOT_ANNOUNCING])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"%s\n%s\n", id="lines"),
        pytest.param(b"%s\n%s", id="last-line-without-a-break"),
        pytest.param(b"%s\r\n%s\r\n", id="crlf"),
        pytest.param(b"%s\r\n%s\r", id="cut-off-between-cr-and-lf"),
        pytest.param(b"%s\n\n\r\n \t\n%s\n\n", id="blank-lines"),
        pytest.param(b"\r\n \n%s\n%s", id="blank-lines-before"),
        pytest.param(b" %s\t\n\t%s \n", id="spaces-around"),
        pytest.param(BOM + b"%s\n%s\n", id="byte-order-mark"),
    ],
)
def test_a_line_is_a_record_announced_or_not(body, content_type):
    assert read(body % (START, END), content_type) == Body(
        is_many=True, deliveries=[THE_START, THE_END]
    )


@pytest.mark.parametrize("content_type", ANNOUNCING)
def test_a_single_line_is_many_if_the_media_type_says_so(content_type):
    assert read(END, content_type) == Body(is_many=True, deliveries=[THE_END])
    assert read(END + b"\n", content_type) == Body(is_many=True, deliveries=[THE_END])


@pytest.mark.parametrize("content_type", NOT_ANNOUNCING)
def test_a_single_line_is_one_if_nothing_says_otherwise(content_type):
    assert read(END, content_type) == Body(is_many=False, deliveries=[THE_END])
    assert read(END + b"\n", content_type) == Body(
        is_many=False, deliveries=[Delivery(END + b"\n", an_end())]
    )


@pytest.mark.parametrize("content_type", NOT_ANNOUNCING)
@pytest.mark.parametrize("line_break", [b"\n", b"\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("indent", [0, 2, "\t"])
def test_an_object_printed_over_many_lines_is_one(content_type, indent, line_break):
    body = json.dumps(json.loads(START), indent=indent).encode().replace(b"\n", line_break)

    assert read(body, content_type) == Body(is_many=False, deliveries=[Delivery(body, a_start())])


def test_an_array_is_an_array_and_csv_is_csv_whatever_the_media_type_says():
    array = b"[%s,\n%s]" % (START, END)
    csv = b"id,type,timestamp,call_id\n2,end,2016-02-29T14:00:00Z,70\n"

    assert read(array, NDJSON).deliveries == [THE_START, THE_END]
    assert read(csv, NDJSON).deliveries == [Delivery(csv, an_end())]


def test_of_a_last_line_that_is_cut_off_anywhere_only_that_one_is_spoilt():
    body = b"%s\n%s\n" % (START, END)
    for size in range(len(START) + 2, len(START) + 1 + len(END)):
        rest = body[len(START) + 1 : size]
        expected = [THE_START, unreadable(rest.strip(b" "))]
        assert read(body[:size]) == Body(is_many=True, deliveries=expected)
        assert read(body[:size], NDJSON) == Body(is_many=True, deliveries=expected)


@pytest.mark.parametrize("content_type", ["", NDJSON])
def test_a_body_that_is_cut_off_in_its_first_line_holds_no_record(content_type):
    body = b"%s\n%s\n" % (START, END)
    for size in range(1, len(START)):
        [delivery] = read(body[:size], content_type).deliveries
        assert delivery.record is None
        assert delivery.received == body[:size].strip(b" ") or delivery.received == body[:size]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(START[:-1], id="torn"),
        pytest.param(b"{", id="a-brace"),
        pytest.param(b"}", id="a-closing-brace"),
        pytest.param(b'"', id="a-quote"),
        pytest.param(b"x", id="a-letter"),
        pytest.param(b"%s,%s" % (START, END), id="two-objects-and-a-comma"),
        pytest.param(START + END, id="two-objects"),
        pytest.param(START + b"\r" + END, id="two-objects-and-a-return"),
        pytest.param(BOM + END, id="byte-order-mark"),
        pytest.param(b"\x0c", id="form-feed"),
        pytest.param(b"\x00" * 512, id="zeros"),
    ],
)
@pytest.mark.parametrize("content_type", ["", NDJSON])
def test_a_bad_line_spoils_only_itself(line, content_type):
    found = read(b"%s\n%s\n%s\n" % (START, line, END), content_type)

    assert found == Body(is_many=True, deliveries=[THE_START, unreadable(line), THE_END])


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        pytest.param(b"\xff", "is not UTF-8 from byte 1 on", id="no-text"),
        pytest.param(START.decode().encode("utf-16-le"), "is not JSON", id="utf-16"),
        pytest.param(b"[%s, %s]" % (START, END), "is not a JSON object", id="array"),
        pytest.param(b"null", "is not a JSON object", id="null"),
        pytest.param(b'"start"', "is not a JSON object", id="text"),
        pytest.param(
            padded(RECORD_BYTES_MAX + 1),
            "is larger than 64 KiB, the limit of a record",
            id="too-large",
        ),
        pytest.param(b"{" + b"[" * 33, "nests more than 32 deep", id="too-deep"),
    ],
)
def test_a_line_that_is_no_object_says_why(line, detail):
    assert read(b"%s\n%s\n%s" % (START, line, END)) == Body(
        is_many=True, deliveries=[THE_START, unreadable(line, detail), THE_END]
    )


def test_an_invalid_line_spoils_only_itself():
    line = END.replace(b"end", b"stop")

    first, second, third = read(b"%s\n%s\n%s\n" % (START, line, END)).deliveries

    assert (first, third) == (THE_START, THE_END)
    assert second[:3] == (line, None, Reason.INVALID_RECORD)
    assert [error["pointer"] for error in second.errors] == ["/type"]


@pytest.mark.parametrize("line", [b"{}", b'{"id": 1, "id": 2}'], ids=["empty", "key-twice"])
def test_a_first_line_that_is_an_object_and_no_record_is_a_line_all_the_same(line):
    first, second = read(b"%s\n%s\n" % (line, END)).deliveries

    assert first[:3] == (line, None, Reason.INVALID_RECORD)
    assert second == THE_END


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(START[:-1], id="torn"),
        pytest.param(START[1:], id="torn-at-its-head"),
        pytest.param(b"x", id="a-letter"),
        pytest.param(BOM + BOM + END, id="two-byte-order-marks"),
        pytest.param(b"id,type", id="a-header-of-two-columns"),
    ],
)
def test_a_first_line_that_is_no_object_spoils_only_itself_if_lines_are_announced(line):
    found = read(b"%s\n%s\n" % (line, END), NDJSON)

    kept = unreadable(line.removeprefix(BOM))
    assert found == Body(is_many=True, deliveries=[kept, THE_END])


def test_what_is_announced_as_lines_and_has_no_object_is_kept_whole():
    body = b"x\n[%s]\n" % END

    assert read(body, NDJSON) == Body(is_many=False, deliveries=[unreadable(body)])


def test_the_name_of_a_caller_in_csv_cannot_write_a_line_whatever_is_announced():
    body = b'id,type,timestamp,call_id,name\n2,end,2016-02-29T14:00:00Z,70,"x\n%s"\n' % (
        START.replace(b'"', b'""')
    )

    assert [each.record for each in read(body, NDJSON).deliveries] == [an_end()]


def test_what_is_not_announced_and_does_not_begin_with_an_object_is_kept_whole():
    body = b"%s\n%s\n" % (START[:-1], END)

    assert read(body) == Body(is_many=False, deliveries=[unreadable(body)])


def test_a_line_may_have_64_kib():
    large = padded(RECORD_BYTES_MAX)

    assert read(b"%s\n%s\n" % (large, START)).deliveries == [Delivery(large, an_end()), THE_START]


@pytest.mark.parametrize("content_type", ["", NDJSON])
@pytest.mark.parametrize("line_break", [b"\n", b"\r\n\r\n"], ids=["lf", "crlf-and-blank-lines"])
def test_a_body_may_have_10_000_lines(line_break, content_type):
    body = line_break.join([END] * RECORDS_MAX) + line_break

    assert read(body, content_type).deliveries == [THE_END] * 10_000


@pytest.mark.parametrize("line", [END, b"{}", b"x"], ids=["record", "empty", "letter"])
def test_a_body_with_10_001_lines_is_too_large(line):
    with pytest.raises(BodyTooLarge, match="at most 10,000 records"):
        read(b"\n".join([END] + [line] * RECORDS_MAX))


@pytest.mark.parametrize("beginning", [b"\xad\x90", b"{\xad"])
def test_a_packed_body_announced_as_lines_is_kept_in_one_piece(beginning):
    body = beginning + b"\n{\x08\x00 \n\xff\n"

    result = read_body(body, CallRecordReader(SAO_PAULO), RECEIVED_AT, "application/x-ndjson")

    assert [each.received for each in result.deliveries] == [body]
    assert not result.is_many
