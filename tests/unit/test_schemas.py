"""The shape of a record: which fields it must have, and in which two dialects it comes."""

import pytest

from app.schemas.call_records import CallRecordReader, InvalidRecord
from tests.unit.builders import SAO_PAULO, UTC_ZONE, a_start, an_end, at
from tests.unit.record_texts import END, START

RECEIVED_AT = at("2016-02-29 14:00:01")


def read(value, zone=UTC_ZONE):
    return CallRecordReader(zone).read(value, RECEIVED_AT)


def errors_of(value):
    with pytest.raises(InvalidRecord) as refusal:
        read(value)
    return {error["pointer"]: error["detail"] for error in refusal.value.errors}


def without(value, *names):
    return {name: each for name, each in value.items() if name not in names}


def test_a_start_is_read():
    assert read(START) == a_start()


def test_an_end_is_read():
    assert read(END) == an_end()


@pytest.mark.parametrize(
    ("value", "record"),
    [
        pytest.param(START | {"type": "START"}, a_start(), id="start-in-capitals"),
        pytest.param(END | {"type": "End"}, an_end(), id="end-in-capitals"),
        pytest.param(END | {"id": 2, "call_id": 70}, an_end(), id="integers"),
        pytest.param(END | {"id": " 2 ", "call_id": " 70"}, an_end(), id="outer-spaces"),
        pytest.param(START | {"source": 99988526423}, a_start(), id="number-as-an-integer"),
        pytest.param(START | {"note": None, "\ud800": {}}, a_start(), id="unknown-fields"),
        pytest.param(END | {"source": "x", "destination": None}, an_end(), id="end-with-numbers"),
    ],
)
def test_what_is_understood_all_the_same(value, record):
    assert read(value) == record


@pytest.mark.parametrize(
    ("value", "record"),
    [
        (without(START, "call_id"), a_start(call_id="1", record_id="1")),
        (without(END, "call_id"), an_end(call_id="2", record_id="2")),
        (without(END, "call_id") | {"id": 2}, an_end(call_id="2", record_id="2")),
    ],
    ids=["start", "end", "integer"],
)
def test_without_a_call_id_the_id_names_the_call(value, record):
    assert read(value) == record


def test_a_timestamp_without_an_offset_is_wall_clock_of_the_billing_zone():
    record = read(END | {"timestamp": "2016-02-29T11:00:00"}, SAO_PAULO)

    assert record == an_end(ended_at="2016-02-29 14:00:00")


@pytest.mark.parametrize("name", ["id", "timestamp", "source", "destination"])
def test_a_field_that_a_start_must_have(name):
    assert errors_of(without(START, name)) == {f"/{name}": "is missing"}


@pytest.mark.parametrize("name", ["id", "timestamp", "type"])
def test_a_field_that_an_end_must_have(name):
    assert errors_of(without(END, name)) == {f"/{name}": "is missing"}


@pytest.mark.parametrize("name", START)
def test_a_field_that_must_not_be_null(name):
    value = errors_of(START | {name: None})

    assert value == {f"/{name}": "must not be null"}


def test_all_errors_are_reported_at_once():
    assert errors_of(
        {"type": "start", "id": "", "timestamp": "now", "source": "1", "destination": "1"}
    ) == {
        "/id": "must be 1 to 128 printable ASCII characters, or an integer of zero or more",
        "/timestamp": (
            "must be an ISO 8601 date and time with seconds, such as 2016-02-29T12:00:00Z"
        ),
        "/source": "must be 10 or 11 digits: area code, not beginning with 0, and number",
        "/destination": "must be 10 or 11 digits: area code, not beginning with 0, and number",
    }


@pytest.mark.parametrize("wrong", ["", "begin", "start ", ["start"], {"start": 1}, True, 1])
def test_a_type_that_is_neither_start_nor_end(wrong):
    assert errors_of(START | {"type": wrong}) == {"/type": 'must be "start" or "end"'}


def test_one_reader_reads_many_records():
    reader = CallRecordReader(UTC_ZONE)

    with pytest.raises(InvalidRecord):
        reader.read({}, RECEIVED_AT)
    assert reader.read(START, RECEIVED_AT) == a_start()
    assert reader.read(END, RECEIVED_AT) == an_end()
