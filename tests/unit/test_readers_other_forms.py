"""Bodies in a form that Pulso does not read are kept whole, and the reason says what to do."""

import gzip
import zlib

import pytest

from app.api.readers import Body
from app.domain.call import Reason
from tests.factories import a_start, bytes_of
from tests.unit.bodies import read
from tests.unit.csv_bodies import HEADER

RECORD = bytes_of(a_start())
COLUMNS = b"id,type,timestamp,call_id,source,destination"
ROW = b"1,start,2018-01-03T14:18:05Z,70,99988526423,9933468278"


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (zlib.compress(RECORD), "deflate"),
        (zlib.compress(RECORD, 1), "deflate"),
        (zlib.compress(RECORD, 9), "deflate"),
        (b"\x28\xb5\x2f\xfd\x00\n{", "zstd"),
        (b"PK\x03\x04\n{", "ZIP"),
        (RECORD.decode().encode("utf-16"), "UTF-16"),
    ],
)
def test_another_form_is_named(body, form):
    [delivery] = read(body).deliveries

    assert (delivery.received, delivery.reason) == (body, Reason.UNREADABLE_BODY)
    assert form in delivery.errors[0]["detail"]


def test_gzip_in_gzip_is_kept_as_it_was_packed_first():
    body = gzip.compress(gzip.compress(RECORD))

    [delivery] = read(body).deliveries

    assert delivery.received == gzip.decompress(body)
    assert "packed by gzip twice" in delivery.errors[0]["detail"]


@pytest.mark.parametrize("rows", [1, 3, 30])
@pytest.mark.parametrize("columns", [COLUMNS, COLUMNS.replace(b",", b";"), COLUMNS + b",note"])
def test_a_file_without_its_line_breaks_is_kept_and_the_reason_helps(columns, rows):
    delimiter = b";" if b";" in columns else b","
    body = columns + ROW.replace(b",", delimiter) * rows

    result = read(body)

    assert not result.is_many
    [delivery] = result.deliveries
    assert (delivery.received, delivery.reason) == (body, Reason.UNREADABLE_BODY)
    if len(body) <= 2048:
        assert "--data-binary" in delivery.errors[0]["detail"]


@pytest.mark.parametrize(
    "header", [HEADER, HEADER + b"\r\n", HEADER.strip(), b"sep=,\n# by a switch\n" + HEADER]
)
def test_a_header_alone_is_a_file_without_records(header):
    assert read(header) == Body(is_many=True, deliveries=[])


@pytest.mark.parametrize("line_break", [b"", b"\n", b"\r\n\n"])
@pytest.mark.parametrize("glued", [b"a,begin,yesterday,b,c,d", b",,,,,", b",note", b";x"])
def test_one_line_with_other_columns_may_be_records_and_is_kept(glued, line_break):
    body = COLUMNS + glued + line_break

    [delivery] = read(body).deliveries

    assert (delivery.received, delivery.reason) == (body, Reason.UNREADABLE_BODY)


@pytest.mark.parametrize("body", [b"", b" \n", b"\xef\xbb\xbf", gzip.compress(b"")])
def test_an_empty_body_is_named_as_such(body):
    [delivery] = read(body).deliveries

    assert delivery.reason is Reason.UNREADABLE_BODY
    assert "is empty" in delivery.errors[0]["detail"]


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (b"call,start,2018-01-03T14:18:05Z,99988526423\n", "without a header"),
        (b"ID,Type,Start Time,From\n1,start,x,y\n", "header lacks timestamp"),
        (b"record=%7B%22id%22%3A+1%7D", "x-www-form-urlencoded"),
        (
            b'--b7\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n--b7--\r\n',
            "instead of -F",
        ),
        (RECORD + RECORD, "with curl, use --data-binary"),
    ],
)
def test_the_cause_is_named(body, cause):
    [delivery] = read(body).deliveries

    assert (delivery.received, delivery.reason) == (body, Reason.UNREADABLE_BODY)
    assert cause in delivery.errors[0]["detail"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(HEADER + ROW + b"\n", id="as-it-is"),
        pytest.param((HEADER + ROW + b"\n").replace(b",", b"\t"), id="tabs"),
        pytest.param((HEADER + ROW + b"\n").replace(b",", b"|"), id="vertical-bars"),
        pytest.param((HEADER + ROW + b"\n").replace(b"\n", b"\r"), id="returns-alone"),
        pytest.param(b"sep=,\r\n" + HEADER + ROW + b"\n", id="as-spreadsheets-say"),
        pytest.param(b"# of node 7\n# ours\n" + HEADER + ROW + b"\n", id="comments"),
    ],
)
def test_what_has_one_reading_is_read(body):
    result = read(body)

    assert result.is_many
    [delivery] = result.deliveries
    assert delivery.record is not None
    assert delivery.record.call_id == "70"
