"""How the values of a record are read: identifiers, types, telephone numbers (rules 3 to 5)."""

import pytest

from app.domain.call_record import (
    RecordType,
    read_identifier,
    read_record_type,
    read_telephone_number,
)
from app.domain.errors import InvalidSubscriber
from app.domain.subscriber import is_telephone_number, subscriber_number
from tests.unit.builders import SAO_PAULO, a_start, an_end, at

ARABIC_DIGITS = "".join(chr(0x660 + int(digit)) for digit in "99988526423")
NOT_TEXT = [
    pytest.param(None, id="null"),
    pytest.param(True, id="true"),
    pytest.param(False, id="false"),
    pytest.param(9998852642.0, id="fraction"),
    pytest.param(float("inf"), id="infinity"),
    pytest.param([], id="list"),
    pytest.param(["9998852642"], id="list-of-text"),
    pytest.param({}, id="object"),
    pytest.param(b"9998852642", id="bytes"),
    pytest.param(-1, id="negative"),
    pytest.param(-9998852642, id="negative-of-ten-digits"),
    pytest.param(10**128, id="integer-of-129-digits"),
    pytest.param(10**5000, id="integer-of-5001-digits"),
]


@pytest.mark.parametrize(
    ("value", "identifier"),
    [
        pytest.param("70", "70", id="digits"),
        pytest.param("007", "007", id="zeros-before-stay"),
        pytest.param(70, "70", id="integer"),
        pytest.param(0, "0", id="zero"),
        pytest.param(10**128 - 1, "9" * 128, id="integer-of-128-digits"),
        pytest.param("  70 ", "70", id="outer-spaces-are-trimmed"),
        pytest.param("a b", "a b", id="inner-spaces-stay"),
        pytest.param("Ab", "Ab", id="capitals-stay"),
        pytest.param("a/b?c#d%2F~\"'\\", "a/b?c#d%2F~\"'\\", id="signs"),
        pytest.param("x", "x", id="shortest"),
        pytest.param("x" * 128, "x" * 128, id="longest"),
        pytest.param(" " + "x" * 128 + " ", "x" * 128, id="longest-with-spaces"),
    ],
)
def test_identifier(value, identifier):
    assert read_identifier(value) == identifier


@pytest.mark.parametrize(
    "value",
    [
        *NOT_TEXT,
        pytest.param("", id="nothing"),
        pytest.param("   ", id="spaces"),
        pytest.param("x" * 129, id="too-long"),
        pytest.param("a\nb", id="new-line"),
        pytest.param("ab\n", id="new-line-behind"),
        pytest.param("\tab", id="tab-before"),
        pytest.param("a\x00b", id="nul"),
        pytest.param("a\x7fb", id="delete"),
        pytest.param("a\x1fb", id="control-sign"),
        pytest.param("a\u00e9", id="latin"),
        pytest.param("\u00a0ab", id="hard-space-before"),
        pytest.param("a\ud800", id="lone-surrogate"),
        pytest.param(ARABIC_DIGITS, id="arabic-digits"),
    ],
)
def test_what_is_no_identifier(value):
    with pytest.raises(ValueError, match="1 to 128 printable ASCII characters"):
        read_identifier(value)


@pytest.mark.parametrize("value", ["start", "START", "Start", "sTART"])
def test_start_in_capitals_or_not(value):
    assert read_record_type(value) is RecordType.START


@pytest.mark.parametrize("value", ["end", "END", "End"])
def test_end_in_capitals_or_not(value):
    assert read_record_type(value) is RecordType.END


@pytest.mark.parametrize(
    "value", ["", "starts", " start", "end ", "\u017ftart", None, True, 0, 1, ["start"], {"end": 1}]
)
def test_what_is_no_type(value):
    with pytest.raises(ValueError, match='must be "start" or "end"'):
        read_record_type(value)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        pytest.param("9993468278", "9993468278", id="ten-digits"),
        pytest.param("99988526423", "99988526423", id="eleven-digits"),
        pytest.param("1000000000", "1000000000", id="smallest"),
        pytest.param(9993468278, "9993468278", id="integer-of-ten-digits"),
        pytest.param(99988526423, "99988526423", id="integer-of-eleven-digits"),
    ],
)
def test_telephone_number(value, number):
    assert read_telephone_number(value) == number


NO_NUMBERS = [
    pytest.param("", id="nothing"),
    pytest.param("999346827", id="nine-digits"),
    pytest.param("999885264231", id="twelve-digits"),
    pytest.param("0993468278", id="area-code-begins-with-0"),
    pytest.param(" 9993468278", id="space-before"),
    pytest.param("9993468278 ", id="space-behind"),
    pytest.param("9993468278\n", id="new-line-behind"),
    pytest.param("+5599934682", id="plus"),
    pytest.param("99 93468278", id="space-inside"),
    pytest.param("(99)9346827", id="brackets"),
    pytest.param("99-9346-8278", id="dashes"),
    pytest.param("999346827a", id="letter"),
    pytest.param("9_993468278", id="underscore"),
    pytest.param(ARABIC_DIGITS, id="arabic-digits"),
    pytest.param("\u0661993468278", id="one-arabic-digit"),
]


@pytest.mark.parametrize(
    "value",
    [
        *NOT_TEXT,
        *NO_NUMBERS,
        pytest.param(999346827, id="integer-of-nine-digits"),
        pytest.param(999885264231, id="integer-of-twelve-digits"),
    ],
)
def test_what_is_no_telephone_number(value):
    with pytest.raises(ValueError, match="must be 10 or 11 digits"):
        read_telephone_number(value)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_subscriber(text):
    assert not is_telephone_number(text)
    with pytest.raises(InvalidSubscriber, match="10 or 11 digits"):
        subscriber_number(text)


def test_a_subscriber_is_a_telephone_number():
    assert subscriber_number("99988526423") == "99988526423"


def test_a_records_timestamp_is_that_of_its_end_of_the_call():
    assert a_start(started_at="2016-02-29 12:00:00").timestamp == at("2016-02-29 12:00:00")
    assert an_end(ended_at="2016-02-29 14:00:00").timestamp == at("2016-02-29 14:00:00")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({}, id="all"),
        pytest.param({"record_id": "another"}, id="but-the-id"),
        pytest.param({"received_at": "2017-01-01 00:00:00"}, id="but-received-later"),
    ],
)
def test_records_that_say_the_same(other):
    assert a_start().says_the_same(a_start(**other))
    assert an_end().says_the_same(an_end(**other))


@pytest.mark.parametrize(
    "other",
    [
        {"started_at": "2016-02-29 12:00:00.000001"},
        {"source": "99988526424"},
        {"destination": "9993468279"},
    ],
    ids=str,
)
def test_starts_that_say_different_things(other):
    assert not a_start().says_the_same(a_start(**other))


def test_ends_that_say_different_things():
    assert not an_end().says_the_same(an_end(ended_at="2016-02-29 14:00:00.000001"))


def test_records_say_the_same_whatever_zone_their_instant_is_written_in():
    start = a_start()
    elsewhere = start._replace(started_at=start.started_at.astimezone(SAO_PAULO))

    assert start.says_the_same(elsewhere)
