"""Whole arrays and torn ones, and how much a body may hold."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api.readers import Body, unreadable_body
from app.domain.call import Reason
from app.domain.delivery import Delivery
from app.domain.errors import BodyTooLarge
from app.limits.sizes import BODY_BYTES_MAX, RECORDS_MAX
from tests.unit.bodies import END, RECORD_BYTES_MAX, START, padded, read, read_one
from tests.unit.builders import a_start, an_end

BOM = b"\xef\xbb\xbf"
NO_WHOLE_ARRAY = "is not a complete JSON array"


@pytest.mark.parametrize(
    "body", [b"[]", b"[ ]", b" \r\n\t[\r\n\t ]\n", BOM + b"[]"], ids=["", "space", "all", "bom"]
)
def test_an_empty_array_is_a_list_of_no_records(body):
    assert read(body) == Body(is_many=True, deliveries=[])


@pytest.mark.parametrize(
    "array",
    [
        pytest.param(b"[%s,%s]", id="close"),
        pytest.param(b" \t\r\n[ \t\r\n%s \t\r\n, \t\r\n%s \t\r\n] \t\r\n", id="wide"),
        pytest.param(BOM + b"[%s, %s]", id="byte-order-mark"),
        pytest.param(BOM + b"\n[%s, %s]\n", id="byte-order-mark-and-lines"),
    ],
)
def test_an_array_is_as_many_records_as_it_has_elements(array):
    assert read(array % (START, END)) == Body(
        is_many=True, deliveries=[Delivery(START, a_start()), Delivery(END, an_end())]
    )


def test_an_array_of_one_is_many_and_an_object_is_not():
    assert read(b"[%s]" % END) == Body(is_many=True, deliveries=[Delivery(END, an_end())])
    assert read(END) == Body(is_many=False, deliveries=[Delivery(END, an_end())])


@pytest.mark.parametrize("body", [BOM + END, b"\n %s\r\n" % END, BOM + b" " + END])
def test_what_stands_around_an_object_is_kept_with_it(body):
    assert read(body) == Body(is_many=False, deliveries=[Delivery(body, an_end())])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[", id="a-bracket"),
        pytest.param(b"[%s, %s" % (START, END), id="cut-behind-an-element"),
        pytest.param(b"[%s, %s" % (START, END[:-1]), id="cut-before-a-brace"),
        pytest.param(b"[%s, %s" % (START, END[:20]), id="cut-inside-of-a-string"),
        pytest.param(rb'[{"id": "\\', id="cut-behind-a-backslash"),
        pytest.param(b"[%s," % START, id="cut-behind-a-comma"),
        pytest.param(b"[%s, ]" % START, id="comma-at-the-end"),
        pytest.param(b"[, %s]" % START, id="comma-at-the-beginning"),
        pytest.param(b"[%s,, %s]" % (START, END), id="two-commas"),
        pytest.param(b"[,]", id="a-comma"),
        pytest.param(b"[%s]]" % START, id="bracket-behind"),
        pytest.param(b"[%s]x" % START, id="letter-behind"),
        pytest.param(b"[%s],[%s]" % (START, END), id="two-arrays-and-a-comma"),
        pytest.param(b"[%s][%s]" % (START, END), id="two-arrays"),
        pytest.param(b"[%s]\n%s" % (START, END), id="array-and-object"),
        pytest.param(b"[%s}" % START, id="closed-by-a-brace"),
        pytest.param(b"[]]", id="empty-and-bracket-behind"),
        pytest.param(b"[[%s]" % START, id="a-bracket-too-many"),
        pytest.param(b"\x0c[%s]" % START, id="form-feed-before"),
        pytest.param("[%s]\u00a0".encode() % START, id="hard-space-behind"),
        pytest.param(BOM + BOM + b"[%s]" % START, id="two-byte-order-marks"),
        pytest.param(b"[%s, %s" % (padded(RECORD_BYTES_MAX), END), id="large-and-cut-short"),
    ],
)
def test_what_is_no_whole_array_is_one_unreadable_delivery_with_all_bytes(body):
    delivery = read_one(body)

    assert delivery[:3] == (body, None, Reason.UNREADABLE_BODY)


def test_an_array_inside_of_an_array_is_one_unreadable_element():
    element = b"[%s, %s]" % (START, END)

    assert read(b"[%s]" % element) == Body(
        is_many=True,
        deliveries=[
            Delivery(
                element,
                None,
                Reason.UNREADABLE_BODY,
                [{"pointer": "", "detail": "is not a JSON object"}],
            )
        ],
    )


def test_an_element_may_have_64_kib():
    large, too_large = padded(RECORD_BYTES_MAX), padded(RECORD_BYTES_MAX + 1)

    assert read(b"[%s, %s, %s]" % (large, too_large, END)).deliveries == [
        Delivery(large, an_end()),
        Delivery(
            too_large,
            None,
            Reason.UNREADABLE_BODY,
            [{"pointer": "", "detail": "is larger than 64 KiB, the limit of a record"}],
        ),
        Delivery(END, an_end()),
    ]


def test_64_kib_are_bytes_and_not_letters():
    element = padded(RECORD_BYTES_MAX).replace(b"xx", "\u00e9".encode())
    too_large = padded(RECORD_BYTES_MAX).replace(b"x", "\u00e9".encode(), 1)

    first, second = read(b"[%s,%s]" % (element, too_large)).deliveries

    assert first == Delivery(element, an_end())
    assert second.reason is Reason.UNREADABLE_BODY


@pytest.mark.parametrize("body", [b"[%s]" % END, END], ids=["array", "object"])
def test_a_body_of_more_than_16_mib_is_too_large(body):
    with pytest.raises(BodyTooLarge, match="this one is larger"):
        read(body + b" " * (BODY_BYTES_MAX + 1 - len(body)))


def test_a_body_may_have_16_mib():
    body = b"[%s]" % END

    assert len(read(body + b" " * (BODY_BYTES_MAX - len(body))).deliveries) == 1


@pytest.mark.parametrize("body", [b"", END, b"[%s]" % END, padded(RECORD_BYTES_MAX + 1)])
def test_a_body_shorter_than_declared_is_unreadable_whatever_it_holds(body):
    assert unreadable_body(body, "is torn") == Body(
        is_many=False,
        deliveries=[
            Delivery(
                body,
                None,
                Reason.UNREADABLE_BODY,
                [{"pointer": "", "detail": "is torn"}],
            )
        ],
    )


def test_one_record_may_have_64_kib():
    body = padded(RECORD_BYTES_MAX + 1)

    assert read_one(padded(RECORD_BYTES_MAX)).record == an_end()
    assert read_one(body) == Delivery(
        body,
        None,
        Reason.UNREADABLE_BODY,
        [{"pointer": "", "detail": "is larger than 64 KiB, the limit of a record"}],
    )


def test_a_body_may_have_10_000_records():
    assert len(read(b"[%s]" % b",".join([END] * RECORDS_MAX)).deliveries) == 10_000


def test_a_body_with_10_001_records_is_too_large():
    with pytest.raises(BodyTooLarge, match="at most 10,000 records and 16 MiB"):
        read(b"[%s]" % b",".join([b"{}"] * 10_001))


texts = st.text('"\\[]{},: \n\u00e9\u0661\U0001f4deab', max_size=6)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(
    st.lists(st.dictionaries(texts, values, max_size=4), max_size=6),
    st.sampled_from([None, 0, 1, "\t"]),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t:\r\n")]),
    st.booleans(),
)
def test_an_array_is_cut_into_the_elements_it_was_made_of(elements, indent, separators, is_ascii):
    text = json.dumps(elements, indent=indent, separators=separators, ensure_ascii=is_ascii)
    body = text.encode()

    found = read(body)

    assert found.is_many
    assert [json.loads(each.received) for each in found.deliveries] == elements
    assert all(each.reason is Reason.INVALID_RECORD for each in found.deliveries)
    assert all(each.received in body for each in found.deliveries)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.binary(max_size=40) | st.text('[]{},:"\\1 a', max_size=40).map(str.encode))
def test_whatever_arrives_is_kept(body):
    found = read(body)

    if not found.is_many:
        assert [each.received for each in found.deliveries] == [body]
    for each in found.deliveries:
        assert each.received in body
        assert (each.record is None) == (each.reason is not None)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text('[]{},:"\\1 a', max_size=30))
def test_what_is_read_as_many_is_what_json_reads_as_an_array_or_has_a_spoilt_element(text):
    body = b"[%s]" % text.encode()
    try:
        expected = len(json.loads(body))
    except ValueError:
        expected = None

    found = read(body)

    if expected is not None:
        assert found.is_many
        assert len(found.deliveries) == expected
    elif found.is_many:
        assert Reason.UNREADABLE_BODY in {each.reason for each in found.deliveries}
