"""CSV with a header: a line is a record, and a bad one spoils only itself."""

from itertools import permutations

import pytest

from app.api.readers import Body
from app.domain.call import Reason
from app.domain.delivery import Delivery
from app.domain.errors import BodyTooLarge
from app.limits.sizes import RECORDS_MAX
from tests.unit.bodies import RECORD_BYTES_MAX, read, read_one
from tests.unit.builders import a_start, an_end, at
from tests.unit.csv_bodies import (
    COLUMNS,
    END_LINE,
    HEADER,
    START_LINE,
    csv_body,
    read_lines,
    records_of,
    unreadable,
)
from tests.unit.record_texts import END, START

BOM = b"\xef\xbb\xbf"
THE_START = Delivery(HEADER + START_LINE, a_start())
THE_END = Delivery(HEADER + END_LINE, an_end())


def test_a_line_is_a_record_and_is_kept_with_its_header():
    assert read(HEADER + START_LINE + END_LINE) == Body(
        is_many=True, deliveries=[THE_START, THE_END]
    )


def test_columns_stand_in_any_order():
    for columns in permutations(COLUMNS):
        assert records_of(csv_body(columns)) == [a_start(), an_end()]


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\n\n", "\r\n \t\r\n"])
@pytest.mark.parametrize("quote", [False, True], ids=["plain", "quoted"])
@pytest.mark.parametrize("before", [b"", BOM, b"\r\n", BOM + b" \n"])
def test_the_ways_in_which_spreadsheets_write(delimiter, line_break, quote, before):
    body = csv_body(delimiter=delimiter, line_break=line_break, quote=quote)

    assert records_of(before + body) == [a_start(), an_end()]


@pytest.mark.parametrize("place", range(len(COLUMNS) + 1))
@pytest.mark.parametrize("note", ["", "x", "\u00e9\u0661\U0001f4de", "99988526423", 'a"b', "'"])
def test_a_column_that_no_record_has_is_ignored(place, note):
    columns = [*COLUMNS[:place], "note", *COLUMNS[place:]]
    body = csv_body(columns, [START | {"note": note}, END | {"note": note}])

    assert records_of(body) == [a_start(), an_end()]


@pytest.mark.parametrize("note", ["a,b", "a;b", 'a"b', '"', '""', ",,,", " ", "{}", "[1, 2]"])
def test_a_field_in_quotes_may_hold_delimiters_and_quotes(note):
    body = csv_body(["note", *COLUMNS], [START | {"note": note}, END], quote=True)

    assert records_of(body) == [a_start(), an_end()]


def test_a_comma_is_no_delimiter_where_semicolons_are():
    header, line = b"id;type;timestamp;note\n", b"70;end;2016-02-29T14:00:00,5Z;1,2,3\n"

    [record] = records_of(header + line)

    assert record == an_end(record_id="70", ended_at="2016-02-29 14:00:00.5")


@pytest.mark.parametrize(
    "header",
    [
        b"ID,TYPE,TIMESTAMP,CALL_ID,SOURCE,DESTINATION\r\n",
        b"Id,Type,Timestamp,Call_Id,Source,Destination\n",
        b" id, type ,timestamp\t, call_id ,source , destination \n",
        b'"id","type","timestamp",call_id,"source","destination"\n',
    ],
    ids=["capitals", "some-capitals", "spaces", "quotes"],
)
def test_how_a_header_may_be_written(header):
    assert records_of(header + START_LINE + END_LINE) == [a_start(), an_end()]


def test_an_empty_call_id_is_one_that_is_not_there():
    body = csv_body(records=[START | {"call_id": ""}, END | {"call_id": ""}])

    assert records_of(body) == [a_start(call_id="1"), an_end(call_id="2")]


def test_without_a_column_call_id_the_id_names_the_call():
    columns = [name for name in COLUMNS if name != "call_id"]

    assert records_of(csv_body(columns)) == [a_start(call_id="1"), an_end(call_id="2")]


def test_ends_need_no_columns_of_numbers():
    assert records_of(csv_body(END, [END, END])) == [an_end(), an_end()]


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 99, "\u0661"])
def test_the_numbers_of_an_end_are_ignored(number):
    assert records_of(csv_body(records=[END | {"source": number, "destination": number}])) == [
        an_end()
    ]


@pytest.mark.parametrize(
    "line_break", [b"", b"\n", b"\r\n", b"\n\n \n"], ids=["no-break", "lf", "crlf", "blank-lines"]
)
def test_a_header_without_lines_is_a_list_of_no_records(line_break):
    body = HEADER.rstrip(b"\n") + line_break

    assert read(body) == Body(is_many=True, deliveries=[])


def test_a_naive_timestamp_is_wall_clock_of_the_billing_zone():
    [record] = records_of(csv_body(records=[END | {"timestamp": "2016-02-29T11:00:00"}]))

    assert record.ended_at == at("2016-02-29 14:00:00")


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(b"id,type,call_id,source,destination", id="no-timestamp"),
        pytest.param(b"id,timestamp,call_id,source,destination", id="no-type"),
        pytest.param(b"call_id,type,timestamp,source,destination", id="no-id"),
        pytest.param(b"id,type,timestamp,call_id,source,destination,id", id="id-twice"),
        pytest.param(b"id,type,timestamp,call_id,source,destination, Source ", id="source-twice"),
        pytest.param(b"id,type;timestamp,call_id", id="two-delimiters"),
        pytest.param(b'id,type,timestamp,"call_id', id="an-open-quote"),
        pytest.param(b"id,type,timestamp,\xff", id="no-text"),
        pytest.param(b"id,type,timestamp\rcall_id", id="a-return"),
        pytest.param(b"2,end,2016-02-29T14:00:00Z,70", id="no-header"),
        pytest.param(b"id,type,timestamp," + b"x" * RECORD_BYTES_MAX, id="too-large"),
        pytest.param(BOM + BOM + HEADER[:-1], id="two-byte-order-marks"),
    ],
)
def test_what_has_no_usable_header_is_one_unreadable_delivery_with_all_bytes(header):
    body = header + b"\n" + START_LINE + END_LINE

    assert read_one(body)[:3] == (body, None, Reason.UNREADABLE_BODY)


BAD_LINES = [
    pytest.param(b"2,end\n", "has 2 fields, while the header has 6", id="too-few"),
    pytest.param(START_LINE[:-1] + b",\n", "has 7 fields, while the header has 6", id="too-many"),
    pytest.param(b"x\r\n", "has 1 fields, while the header has 6", id="a-letter"),
    pytest.param(HEADER.replace(b",", b";"), "has 1 fields, while", id="the-other-delimiter"),
    pytest.param(START_LINE.replace(b"70", b"\xff"), "is not a line of CSV in UTF-8", id="no-text"),
    pytest.param(END_LINE.replace(b"70", b"\xed\xa0\x80"), "is not a line of CSV", id="surrogate"),
    pytest.param(END_LINE.replace(b"70", b'"7"0'), "is not a line of CSV", id="behind-a-quote"),
    pytest.param(END_LINE.replace(b"70", b"7\r0"), "is not a line of CSV", id="a-return"),
    pytest.param(
        b"x" * RECORD_BYTES_MAX + b"\n",
        "is larger than 64 KiB, the limit of a record",
        id="too-large",
    ),
]
INVALID_LINES = [
    pytest.param(END_LINE.replace(b"end", b"stop"), ["/type"], id="type"),
    pytest.param(END_LINE.replace(b"end", b" end"), ["/type"], id="a-space-before-the-type"),
    pytest.param(END_LINE.replace(b"end", b""), ["/type"], id="no-type"),
    pytest.param(END_LINE.replace(b"2016-02-29", b"2015-02-29"), ["/timestamp"], id="timestamp"),
    pytest.param(END_LINE.replace(b"70", b"7\x000"), ["/call_id"], id="nul"),
    pytest.param(END_LINE.replace(b"70", "\u0667".encode()), ["/call_id"], id="no-ascii"),
    pytest.param(END_LINE.replace(b"70", b"7" * 129), ["/call_id"], id="129-digits"),
    pytest.param(END_LINE.replace(b"end", b"start"), ["/destination", "/source"], id="no-numbers"),
    pytest.param(b",,,,,\n", ["/id", "/timestamp", "/type"], id="nothing"),
    pytest.param(HEADER, ["/timestamp", "/type"], id="the-header-again"),
]


@pytest.mark.parametrize("before", [b"", BOM], ids=["", "byte-order-mark"])
@pytest.mark.parametrize("header", [HEADER, HEADER[:-1] + b"\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("line", "detail"), BAD_LINES)
def test_an_unreadable_line_spoils_only_itself(before, header, line, detail):
    first, second, third = read_lines(before + header + START_LINE + line + END_LINE)

    assert (first, third) == (THE_START, THE_END)
    assert detail in second.errors[0]["detail"]
    assert second == unreadable(HEADER + line, second.errors[0]["detail"])


@pytest.mark.parametrize(("line", "pointers"), INVALID_LINES)
def test_an_invalid_line_spoils_only_itself(line, pointers):
    first, second, third = read_lines(HEADER + START_LINE + line + END_LINE)

    assert (first, third) == (THE_START, THE_END)
    assert second[:3] == (HEADER + line, None, Reason.INVALID_RECORD)
    assert sorted(error["pointer"] for error in second.errors) == pointers


@pytest.mark.parametrize(
    "line", [pytest.param(each.values[0], id=each.id) for each in [*BAD_LINES, *INVALID_LINES]]
)
def test_the_bytes_kept_of_a_bad_line_read_again_as_the_same(line):
    [delivery] = read_lines(HEADER + line)

    assert read(delivery.received) == Body(is_many=True, deliveries=[delivery])


def test_who_writes_a_field_cannot_write_a_record():
    forged = "x\n" + END_LINE.decode() + "z"
    body = csv_body([*COLUMNS, "note"], [START | {"note": forged}, END], quote=True)

    assert records_of(body) == [a_start(), an_end()]


def test_nothing_after_an_unclosed_quote_is_read_as_a_record():
    torn = END_LINE.replace(b"70", b'"70')

    [first, rest] = read_lines(HEADER + START_LINE + torn + END_LINE)

    assert first.record == a_start()
    assert (rest.record, rest.received) == (None, HEADER + torn + END_LINE)


def test_unknown_columns_may_share_a_name():
    header = HEADER.replace(b"\n", b",,\n")

    assert records_of(header + END_LINE.replace(b"\n", b",,\n")) == [an_end()]


def test_a_body_may_have_10_000_lines():
    assert records_of(HEADER + END_LINE * RECORDS_MAX) == [an_end()] * 10_000


@pytest.mark.parametrize("line", [END_LINE, b"x\n"], ids=["record", "letter"])
def test_a_body_with_10_001_lines_is_too_large(line):
    with pytest.raises(BodyTooLarge, match="at most 10,000 records"):
        read(HEADER + line * (RECORDS_MAX + 1))
