"""From the bytes of a body to deliveries: what spoils one record spoils no other."""

import pytest

from app.api.readers import Body
from app.domain.call import Reason
from app.domain.delivery import Delivery
from tests.unit.bodies import (
    END,
    RECORD_BYTES_MAX,
    START,
    nested,
    padded,
    read,
    read_one,
    with_field,
)
from tests.unit.builders import a_start, an_end

IN_ONE_LINE = (
    "holds JSON objects in one line: give each its own; with curl, use --data-binary, not -d"
)
IN_UTF_16 = "is in UTF-16, not in UTF-8; send it as it is, or packed by gzip"
NOT_UTF_8 = f"is not UTF-8 from byte {with_field(b'X').index(b'X') + 2} on"
EMPTY = "is empty: records are read from the body alone"
OF_A_WHOLE_BODY = [
    pytest.param(b"", EMPTY, id="nothing"),
    pytest.param(b" \n", EMPTY, id="white-space"),
    pytest.param(START + END, IN_ONE_LINE, id="two-objects"),
    pytest.param(END.decode().encode("utf-16"), IN_UTF_16, id="utf-16"),
]
UNREADABLE = [
    pytest.param(END + b" x", "is not JSON", id="garbage-behind"),
    pytest.param(b"{" + b"'id': 1}", "is not JSON", id="single-quotes"),
    pytest.param(END.replace(b"}", b",}"), "is not JSON", id="comma-before-the-brace"),
    pytest.param(with_field(b"NaN"), "is not JSON", id="nan"),
    pytest.param(with_field(b"Infinity"), "is not JSON", id="infinity"),
    pytest.param(with_field(b"-Infinity"), "is not JSON", id="minus-infinity"),
    pytest.param(with_field(b"9" * 5_000), "is not JSON", id="integer-of-5000-digits"),
    pytest.param(with_field(b'"a\x00b"'), "is not JSON", id="nul-itself"),
    pytest.param(with_field(b'"a\nb"'), "is not JSON", id="new-line-inside-of-a-string"),
    pytest.param(with_field(rb'"\x"'), "is not JSON", id="unknown-escape"),
    pytest.param(with_field(b'"\\\n"'), "is not JSON", id="backslash-and-new-line"),
    pytest.param(b"\x0c" + END, "is not JSON", id="form-feed-before"),
    pytest.param(END + b"\x0b", "is not JSON", id="vertical-tab-behind"),
    pytest.param("\u00a0".encode() + END, "is not JSON", id="hard-space-before"),
    pytest.param(with_field(b'"\xe9"'), NOT_UTF_8, id="latin-1"),
    pytest.param(with_field(b'"\xed\xa0\x80"'), NOT_UTF_8, id="surrogate-as-bytes"),
    pytest.param(with_field(b'"\xc0\x80"'), NOT_UTF_8, id="overlong-nul"),
    pytest.param(b"\xff", "is not UTF-8 from byte 1 on", id="a-byte"),
    pytest.param(nested(33), "nests more than 32 deep", id="33-deep"),
    pytest.param(b"null", "is not a JSON object", id="null"),
    pytest.param(b"true", "is not a JSON object", id="true"),
    pytest.param(b"42", "is not a JSON object", id="number"),
    pytest.param(b'"start"', "is not a JSON object", id="text"),
]
# Their quotes and brackets reach beyond themselves.
TORN = [
    pytest.param(b"{", "is not JSON", id="a-brace"),
    pytest.param(START[:-1], "is not JSON", id="a-record-without-its-brace"),
    pytest.param(END[:20], "is not JSON", id="cut-short-inside-of-a-string"),
    pytest.param(END + b"]", "is not JSON", id="a-bracket-too-many"),
    pytest.param(END + b"}", "is not JSON", id="a-brace-too-many"),
    pytest.param(END + b'"', "is not JSON", id="a-quote-too-many"),
    pytest.param(with_field(b"[" * 20_000), "nests more than 32 deep", id="20000-brackets"),
]
INVALID = [
    pytest.param(b"{}", ["/type", "/id", "/timestamp"], id="empty"),
    pytest.param(END.replace(b"2,", b"2.0,", 1), ["/id"], id="fraction"),
    pytest.param(END.replace(b"2,", b"1e999,", 1), ["/id"], id="infinite-exponent"),
    pytest.param(END.replace(b"70", b'"7\\u00000"'), ["/call_id"], id="nul-escape"),
    pytest.param(END.replace(b"70", b'"\\ud800"'), ["/call_id"], id="lone-surrogate"),
    pytest.param(END.replace(b"70", b"9" * 4_000), ["/call_id"], id="integer-of-4000-digits"),
    pytest.param(END.replace(b"70", b"[70]"), ["/call_id"], id="array"),
    pytest.param(END.replace(b'"id"', b'"call_id"'), ["/call_id"], id="key-twice"),
    pytest.param(END.replace(b'"id"', rb'"c\u0061ll_id"'), ["/call_id"], id="key-twice-escaped"),
    pytest.param(with_field(b'1, "a/b": 1, "a/b": 1'), [""], id="key-twice-that-is-no-name"),
]
READABLE = [
    pytest.param(END, id="as-it-is"),
    pytest.param(with_field(b'"a,id,type,timestamp,b"'), id="header-of-csv-in-another-field"),
    pytest.param(with_field(rb'"\u0000"'), id="nul-escape-in-another-field"),
    pytest.param(with_field(rb'"\ud800"'), id="lone-surrogate-in-another-field"),
    pytest.param(with_field("\u00e9\u0661\U0001f4de".encode().join([b'"', b'"'])), id="utf-8"),
    pytest.param(with_field(b"9" * 4_000), id="integer-of-4000-digits"),
    pytest.param(nested(32), id="32-deep"),
    pytest.param(with_field(b'"%s"' % (b"[{" * 99)), id="brackets-inside-of-a-string"),
    pytest.param(with_field(b"[%s]" % b",".join([b"[]"] * 99)), id="brackets-beside-each-other"),
    pytest.param(with_field(rb'"\\"'), id="backslash-at-the-end-of-a-string"),
    pytest.param(with_field(rb'"\"]}, {["'), id="quote-and-signs-inside-of-a-string"),
    pytest.param(with_field(rb'{"a,]": "\\\"}"}'), id="signs-in-a-key"),
    pytest.param(padded(RECORD_BYTES_MAX), id="64-kib"),
    pytest.param(END.replace(b", ", b" ,\r\n\t"), id="white-space"),
]


@pytest.mark.parametrize(("body", "detail"), [*OF_A_WHOLE_BODY, *UNREADABLE, *TORN])
def test_a_body_that_is_no_object_is_kept_whole_as_unreadable(body, detail):
    assert read_one(body) == Delivery(
        body, None, Reason.UNREADABLE_BODY, [{"pointer": "", "detail": detail}]
    )


@pytest.mark.parametrize(("body", "pointers"), INVALID)
def test_an_object_that_is_no_record_is_kept_whole_as_invalid(body, pointers):
    delivery = read_one(body)

    assert delivery[:3] == (body, None, Reason.INVALID_RECORD)
    assert [error["pointer"] for error in delivery.errors] == pointers


@pytest.mark.parametrize("body", READABLE)
def test_an_object_that_is_a_record_is_read(body):
    assert read_one(body) == Delivery(body, an_end())


@pytest.mark.parametrize(("element", "detail"), UNREADABLE)
def test_an_unreadable_element_spoils_only_itself(element, detail):
    found = read(b"[%s, %s ,%s]" % (START, element, END))

    assert found.is_many
    assert found.deliveries == [
        Delivery(START, a_start()),
        Delivery(element, None, Reason.UNREADABLE_BODY, [{"pointer": "", "detail": detail}]),
        Delivery(END, an_end()),
    ]


@pytest.mark.parametrize(("element", "_"), TORN)
def test_an_array_with_a_torn_element_is_no_array_and_is_kept_whole(element, _):
    body = b"[%s, %s, %s]" % (START, element, END)

    delivery = read_one(body)

    assert delivery[:3] == (body, None, Reason.UNREADABLE_BODY)


@pytest.mark.parametrize(("element", "pointers"), INVALID)
def test_an_invalid_element_spoils_only_itself(element, pointers):
    first, second, third = read(b"[%s,%s,%s]" % (START, element, END)).deliveries

    assert (first, third) == (Delivery(START, a_start()), Delivery(END, an_end()))
    assert second[:3] == (element, None, Reason.INVALID_RECORD)
    assert [error["pointer"] for error in second.errors] == pointers


@pytest.mark.parametrize("element", READABLE)
def test_the_bytes_received_of_an_element_are_the_bytes_sent(element):
    assert read(b"[%s,\n\t%s\r\n, %s]" % (element, START, element)) == Body(
        is_many=True,
        deliveries=[
            Delivery(element, an_end()),
            Delivery(START, a_start()),
            Delivery(element, an_end()),
        ],
    )


def test_a_key_that_stands_twice_is_named():
    body = b'{"id": 1, "x": 1, "id": 2, "type": "end", "type": "end", "id": 3}'

    assert read_one(body).errors == [
        {"pointer": "/id", "detail": "appears more than once"},
        {"pointer": "/type", "detail": "appears more than once"},
    ]
