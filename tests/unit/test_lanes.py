"""The fast lane is a fast lane: what it takes is what the forgiving lane takes, read the same."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC
from itertools import permutations, product
from string import printable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api import fast_lane, json_reader
from app.domain.delivery import Delivery
from app.schemas.call_records import CallRecordReader
from tests.unit.bodies import RECEIVED_AT, RECORD_BYTES_MAX
from tests.unit.builders import SAO_PAULO, UTC_ZONE, a_start, an_end
from tests.unit.record_texts import END, START, record_texts

READERS = [CallRecordReader(zone) for zone in (UTC_ZONE, SAO_PAULO)]
DEFAULT, COMPACT = (", ", ": "), (",", ":")
RECORDS = {"start": (START, a_start()), "end": (END, an_end())}
# Each would slip past a count of the keys that does not know where a text begins.
KEYS_TWICE = [
    '{"call_id" :"1","call_id" :":x","id":"2","type":"end","timestamp":"2016-02-29T14:00:00Z"}',
    '{"call_id" :"1","call_id":":","id" :":","type":"end","timestamp":"2016-02-29T14:00:00Z"}',
    '{"id" :":","id" :"2","call_id":"1","type":"end","timestamp":"2016-02-29T14:00:00Z"}',
    '{"type" :"start","type" :"end","id":":2","call_id":"1","timestamp":"2016-02-29T14:00:00Z"}',
    '{"timestamp" :"","timestamp":"2016-02-29T14:00:00Z","id":":","call_id":"1","type":"end"}',
]
# The signs that mean something somewhere in a record, and one of each other kind of byte.
SIGNS = bytes({*b'"\\{}[]:,+-. TtZz019aW_\t\n\r\x00\x0b\x0c\x1f\x7f', *"\u00e9\u0661".encode()})


def taken(text: bytes) -> bool:
    """Say whether the fast lane takes `text`, which the other lane must then read the same."""
    records = [
        fast_lane.read_canonical(text, reader.billing_zone, RECEIVED_AT) for reader in READERS
    ]
    for reader, record in zip(READERS, records, strict=True):
        if record is not None:
            delivery = json_reader.read_object(text, reader, RECEIVED_AT)
            assert delivery == Delivery(text, record)
            assert repr(delivery.record) == repr(record)  # The same types and zones, too.
            assert record.timestamp.tzinfo is UTC
    assert len({record is None for record in records}) == 1
    return records[0] is not None


def changed(text: bytes, signs: Iterable[int]) -> Iterator[bytes]:
    """Yield `text` with one byte left out, changed, or put in, at every place."""
    for place in range(len(text) + 1):
        yield text[:place] + text[place + 1 :]
        for sign in signs:
            yield b"%s%c%s" % (text[:place], sign, text[place + 1 :])
            yield b"%s%c%s" % (text[:place], sign, text[place:])


def test_whatever_the_fast_lane_takes_the_forgiving_lane_reads_the_same():
    times = Counter()

    @settings(max_examples=4_000, deadline=None, derandomize=True)
    @given(record_texts())
    def holds(text):
        times[taken(text)] += 1

    holds()
    assert min(times[True], times[False]) > 500  # Both kinds were tried.


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("separators", [DEFAULT, COMPACT], ids=["default", "compact"])
def test_a_record_of_which_one_byte_is_any_other(record, separators):
    said, _ = RECORDS[record]
    text = json.dumps(said, separators=separators).encode()

    assert {taken(each) for each in changed(text, range(256))} == {True, False}


@settings(max_examples=2_000, deadline=None, derandomize=True)
@given(
    st.sampled_from([START, END]),
    st.sampled_from([DEFAULT, COMPACT]),
    st.lists(st.tuples(st.integers(0, 180), st.integers(0, 3), st.sampled_from(SIGNS)), min_size=2),
)
def test_a_record_of_which_some_bytes_are_others(said, separators, changes):
    text = bytearray(json.dumps(said, separators=separators).encode())
    for place, length, sign in changes:
        text[place : place + length] = [sign] * (length > 0 or sign % 2)
    taken(bytes(text))


@pytest.mark.parametrize("text", KEYS_TWICE)
def test_a_key_that_stands_twice_is_for_the_forgiving_lane(text):
    assert not taken(text.encode())


@pytest.mark.parametrize("said", [START, END], ids=["start", "end"])
@pytest.mark.parametrize("name", START)
def test_a_key_that_stands_twice_however_it_is_spaced(said, name):
    for first, second, value in product((":", ": ", " :"), (":", " :"), (":", ":x", "1")):
        text = json.dumps(said).removesuffix("}")
        text = text.replace(f'"{name}": ', f'"{name}"{first}')
        for id_key in ('"id": "', '"id" : ":', '"id": ":'):
            repeated = text.replace('"id": "', id_key)
            assert not taken(f'{repeated}, "{name}"{second}"{value}"}}'.encode())


def test_a_timestamp_with_something_behind_it():
    text = json.dumps(END)
    for tail in [*printable, *map("".join, product("Z+-.,:019TW z", repeat=3))]:
        taken(text.replace("00Z", f"00Z{tail}").encode())
        taken(text.replace("00Z", f"00{tail}").encode())


@pytest.mark.parametrize("size", [RECORD_BYTES_MAX - 1, RECORD_BYTES_MAX, RECORD_BYTES_MAX + 1])
@pytest.mark.parametrize("place", [b"{", b",", b"}"])
def test_a_record_padded_with_spaces(size, place):
    text = json.dumps(END).encode()

    assert taken(text.replace(place, b" " * (size - len(text)) + place, 1)) == (
        size <= RECORD_BYTES_MAX
    )


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("separators", [DEFAULT, COMPACT], ids=["default", "compact"])
def test_the_fast_lane_takes_what_a_well_made_sender_writes(record, separators):
    said, expected = RECORDS[record]
    for order in permutations(said.items()):
        text = json.dumps(dict(order), separators=separators).encode()
        assert fast_lane.read_canonical(text, UTC_ZONE, RECEIVED_AT) == expected


@pytest.mark.parametrize(
    "timestamp",
    [
        "1971-01-01T00:00:00Z",
        "2016-02-29T23:59:59Z",
        "2016-02-29T12:00:00.5Z",
        "2016-02-29T12:00:00.123456Z",
        "2016-02-29T09:00:00-03:00",
        "2016-02-29T09:00:00",
        "9999-12-31T20:59:59Z",
    ],
)
@pytest.mark.parametrize("name", [" x y"[1:], "x" * 128, "~!#$%&'()*+,-./;<=>?@[]^_`{|}"])
def test_the_fast_lane_takes_every_value_that_needs_no_normalising(timestamp, name):
    text = json.dumps(START | {"timestamp": timestamp, "call_id": name, "id": name})

    assert taken(text.encode())


@settings(max_examples=1_000, deadline=None, derandomize=True)
@given(st.lists(record_texts() | st.sampled_from([*map(json.dumps, (START, END)), *KEYS_TWICE])))
def test_an_array_is_read_at_once_as_its_elements_are_one_by_one(texts):
    elements = [each if isinstance(each, bytes) else each.encode() for each in texts]
    records = [fast_lane.read_canonical(each, UTC_ZONE, RECEIVED_AT) for each in elements]

    together = fast_lane.read_canonical_array(
        b"[" + b" , ".join(elements) + b"]", elements, UTC_ZONE, RECEIVED_AT
    )

    assert together == (None if None in records else records)


texts = st.text('"\\[]{},:/ \n\x7f\u00e9\U0001f4deab', max_size=8)
spaces = st.sampled_from(["", " ", "\r\n", "\t "])
elements_of_arrays = st.one_of(
    st.sampled_from(['{ "a" : [ ] , "b":\t{"c":[{},-0.5e+9]}\n}', "{}", "{ }", '{"]":null}']),
    st.builds('{{"{1}":{0}}}'.format, texts.map(json.dumps), st.sampled_from(["a", r"\"", r"\\"])),
    texts.map(lambda text: json.dumps({text: [text]}, ensure_ascii=False)),
)
arrays = st.builds(
    lambda elements, before, behind: (
        f"[{','.join(before + each + behind for each in elements)}]{behind}".encode()
    ),
    st.lists(elements_of_arrays, max_size=5),
    spaces,
    spaces,
)


@settings(max_examples=1_000, deadline=None, derandomize=True)
@given(arrays)
def test_both_lanes_cut_an_array_into_the_same_elements(array):
    elements = fast_lane.split_array(array, 10_000)

    assert elements is not None
    assert elements == json_reader.split_array(array, 10_000)
    assert [json.loads(each) for each in elements] == json.loads(array)


@settings(max_examples=1_000, deadline=None, derandomize=True)
@given(
    arrays,
    st.integers(1, 60),
    st.binary(max_size=2) | st.text('[]{},:"\\1 \t\x0c', max_size=3).map(str.encode),
)
def test_an_array_that_the_fast_lane_cuts_the_forgiving_lane_cuts_at_the_same_places(
    array, place, instead
):
    text = array[:place] + instead + array[place + 1 :]

    elements = fast_lane.split_array(text, 10_000)

    assert elements is None or elements == json_reader.split_array(text, 10_000)


@pytest.mark.parametrize("keys", [1, 4, 6])
def test_an_array_of_as_many_records_as_there_may_be_takes_the_fast_lane(keys):
    element = b"{" + b",".join([b'"a":1'] * keys) + b"}"

    assert fast_lane.split_array(b"[" + b",".join([element] * 50) + b"]", 50) == [element] * 50
