"""CSV that is cut off at any byte: nothing is stored that was not sent, and nothing is lost."""

import pytest

from app.domain.call import Reason
from tests.unit.bodies import read
from tests.unit.builders import a_start, an_end
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

CUT_OFF = "ends without a line break, and may be cut off"
# Both records of a file, each with something that a cut could turn into something else.
PAIRS = {
    "usual": (START, END),
    "long-numbers": tuple(each | {"destination": "99934682780"} for each in (START, END)),
    "numbers-at-ends": (START, END | {"source": "99988526423", "destination": "9993468278"}),
    "other-dialect": (START | {"id": "70", "call_id": ""}, END | {"id": "70", "call_id": ""}),
    "ids-alike": (START | {"id": "7", "call_id": "77"}, END | {"id": "77", "call_id": "777"}),
    "microseconds": tuple(
        each | {"timestamp": "2016-02-29T14:00:00.123456Z"} for each in (START, END)
    ),
    "offsets": tuple(each | {"timestamp": "2016-02-29T14:00:00-0330"} for each in (START, END)),
    "wall-clock": tuple(each | {"timestamp": "2016-02-29T14:00:00.25"} for each in (START, END)),
    "spaces": (START | {"id": " 1 2 "}, END | {"id": "2 ", "call_id": " 7 0"}),
    "in-capitals": (START | {"type": "START"}, END | {"type": "End"}),
    "notes": tuple(each | {"note": "\u00e9,;'\u0661\U0001f4de "} for each in (START, END)),
}
# A quote is a printable character, and in quotes it is written twice.
QUOTES_IN_IDS = {
    "inside": (START | {"call_id": '7"0'}, END | {"call_id": '7"0'}),
    "at-the-end": (START | {"id": '1"'}, END | {"id": '2"', "call_id": '70"'}),
    "twice": (START | {"call_id": '7""0"'}, END | {"call_id": '7""0"'}),
}
LAYOUTS = [
    pytest.param({"delimiter": ",", "line_break": "\n", "quote": False}, id="commas"),
    pytest.param({"delimiter": ";", "line_break": "\r\n", "quote": False}, id="semicolons"),
    pytest.param({"delimiter": ",", "line_break": "\r\n", "quote": True}, id="quoted"),
]
LAST_COLUMNS = [*COLUMNS, "note"]


def ending_with(last):
    """Give the columns in an order in which `last` is the last one."""
    return [*[name for name in COLUMNS if name != last], last]


def check_every_cut(body):
    """Cut `body` off behind each of its bytes, and look at what is read then."""
    header, first, _ = body.splitlines(keepends=True)
    whole = records_of(body)
    for size in range(len(body)):
        found = read(body[:size]).deliveries
        records = [each.record for each in found]
        lines = [body[len(header) : size][: len(first)], body[len(header) + len(first) : size]]
        for record, expected, line in zip(records, whole, lines, strict=False):
            assert record in (None, expected), body[:size]
            assert record == expected or not line.endswith(b"\n"), body[:size]
        if any(line.strip() for line in lines):
            kept = [header.rstrip(b"\r\n") + b"\n" + line for line in lines if line.strip()]
            assert [each.received for each in found] == kept
        else:
            assert set(records) <= {None}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("last", LAST_COLUMNS)
@pytest.mark.parametrize("pair", PAIRS)
def test_a_file_cut_off_anywhere_holds_nothing_but_records_that_were_whole(pair, last, layout):
    delimiter = layout["delimiter"]
    records = [
        {name: field.replace(delimiter, "/") for name, field in each.items()}
        for each in PAIRS[pair]
    ]
    check_every_cut(csv_body(ending_with(last), records, **layout))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("last", LAST_COLUMNS)
@pytest.mark.parametrize("pair", QUOTES_IN_IDS)
def test_a_file_with_quotes_in_its_ids_cut_off_anywhere(pair, last, layout):
    check_every_cut(csv_body(ending_with(last), QUOTES_IN_IDS[pair], **layout))


@pytest.mark.parametrize(
    ("last", "record"),
    [
        pytest.param("type", END, id="type"),
        pytest.param("type", START | {"type": "START"}, id="type-in-capitals"),
        pytest.param("timestamp", END, id="timestamp-in-utc"),
        pytest.param("timestamp", END | {"timestamp": "2016-02-29t14:00:00z"}, id="lower-case"),
        pytest.param("source", START, id="number-of-11-digits"),
        pytest.param("destination", END, id="numbers-that-an-end-has-not"),
        pytest.param("note", START | {"note": "x"}, id="unknown-column"),
        pytest.param("note", START, id="empty-unknown-column"),
    ],
)
def test_a_last_line_without_a_line_break_is_taken_where_nothing_can_be_missing(last, record):
    body = csv_body(ending_with(last), [START, record])

    assert records_of(body.removesuffix(b"\n")) == records_of(body)


@pytest.mark.parametrize("last", ["type", "timestamp", "source", "destination"])
@pytest.mark.parametrize("record", [START, END], ids=["start", "end"])
def test_a_closing_quote_shows_that_a_field_without_quotes_is_complete(last, record):
    body = csv_body(ending_with(last), [START, record], quote=True)

    assert records_of(body.removesuffix(b"\n")) == records_of(body)


@pytest.mark.parametrize(
    ("last", "record"),
    [
        pytest.param("call_id", END, id="call-id"),
        pytest.param("call_id", END | {"call_id": ""}, id="empty-call-id-of-the-other-dialect"),
        pytest.param("id", END, id="id"),
        pytest.param("destination", START, id="number-of-10-digits"),
        pytest.param("timestamp", END | {"timestamp": "2016-02-29T14:00:00"}, id="wall-clock"),
        pytest.param("timestamp", END | {"timestamp": "2016-02-29T14:00:00-03"}, id="offset"),
        pytest.param("timestamp", END | {"timestamp": "2016-02-29T14:00:00.5"}, id="fraction"),
    ],
)
def test_a_last_line_without_a_line_break_is_suspended_where_something_can_be_missing(last, record):
    body = csv_body(ending_with(last), [record]).removesuffix(b"\n")

    assert read_lines(body) == [unreadable(body, CUT_OFF)]


@pytest.mark.parametrize("line", [START_LINE, END_LINE], ids=["start", "end"])
def test_a_line_cut_off_between_return_and_line_feed_is_kept_whatever_becomes_of_it(line):
    line = line.replace(b"\n", b"\r")

    [delivery] = read_lines(HEADER + line)

    assert delivery.received == HEADER + line
    assert delivery.record in (None, a_start(), an_end())


def test_a_cut_line_that_reads_as_a_shorter_number_is_no_record():
    for size in range(len(START_LINE)):
        line = START_LINE[:size]
        for delivery in read_lines(HEADER + line):
            assert delivery.record is None
            assert delivery.reason in (Reason.UNREADABLE_BODY, Reason.INVALID_RECORD)
