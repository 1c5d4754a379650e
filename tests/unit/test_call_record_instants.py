"""How timestamps are read (rule 6)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.call_record import AmbiguousTime, is_ambiguous, read_instant
from tests.unit.builders import LISBON, LORD_HOWE, SAO_PAULO, UTC_ZONE, at

NO_DATE_TIME = "must be an ISO 8601 date and time"
DOES_NOT_EXIST = "must be a date, a time and an offset that exist"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        pytest.param("2016-02-29T12:00:00Z", "2016-02-29 12:00:00", id="utc"),
        pytest.param("2016-02-29t12:00:00z", "2016-02-29 12:00:00", id="small-letters"),
        pytest.param("2016-02-29 12:00:00Z", "2016-02-29 12:00:00", id="space"),
        pytest.param("2016-02-29T12:00:00+00:00", "2016-02-29 12:00:00", id="zero"),
        pytest.param("2016-02-29T12:00:00-00:00", "2016-02-29 12:00:00", id="minus-zero"),
        pytest.param("2016-02-29T12:00:00-03:00", "2016-02-29 15:00:00", id="hours-and-minutes"),
        pytest.param("2016-02-29T12:00:00+0530", "2016-02-29 06:30:00", id="without-colon"),
        pytest.param("2016-02-29T12:00:00-0330", "2016-02-29 15:30:00", id="behind-by-minutes"),
        pytest.param("2016-02-29T12:00:00-03", "2016-02-29 15:00:00", id="hours-alone"),
        pytest.param("2016-02-29T12:00:00+23:59", "2016-02-28 12:01:00", id="largest-offset"),
        pytest.param("2016-02-29T12:00:00-23:59", "2016-03-01 11:59:00", id="smallest-offset"),
        pytest.param("20160229T120000Z", "2016-02-29 12:00:00", id="basic"),
        pytest.param("20160229T120000-0300", "2016-02-29 15:00:00", id="basic-with-offset"),
        pytest.param("20160229T120000.5Z", "2016-02-29 12:00:00.5", id="basic-with-fraction"),
        pytest.param("2016-02-29T00:00:00Z", "2016-02-29 00:00:00", id="midnight"),
        pytest.param("2016-02-29T23:59:59Z", "2016-02-29 23:59:59", id="last-second"),
        pytest.param("1970-01-01T00:00:00.000001Z", "1970-01-01 00:00:00.000001", id="first"),
        pytest.param("1969-12-31T21:00:01-03:00", "1970-01-01 00:00:01", id="1970-elsewhere"),
        pytest.param("9999-12-31T23:59:59.999999Z", "9999-12-31 23:59:59.999999", id="last"),
        pytest.param("9999-12-31T23:59:59+01:00", "9999-12-31 22:59:59", id="last-hours"),
    ],
)
def test_instant(text, instant):
    assert read_instant(text, SAO_PAULO) == at(instant)


@pytest.mark.parametrize("sign", [".", ","])
@pytest.mark.parametrize(
    ("fraction", "microsecond"),
    [
        ("1", 100_000),
        ("12", 120_000),
        ("123", 123_000),
        ("1234", 123_400),
        ("12345", 123_450),
        ("123456", 123_456),
        ("000001", 1),
        ("0", 0),
        ("999999", 999_999),
    ],
)
def test_fraction_of_a_second(sign, fraction, microsecond):
    read = read_instant(f"2016-02-29T12:00:00{sign}{fraction}Z", UTC_ZONE)

    assert read == at("2016-02-29 12:00:00").replace(microsecond=microsecond)


@pytest.mark.parametrize(
    ("zone", "text", "instant"),
    [
        pytest.param(UTC_ZONE, "2016-02-29T12:00:00", "2016-02-29 12:00:00", id="utc"),
        pytest.param(SAO_PAULO, "2017-12-11T12:00:00", "2017-12-11 14:00:00", id="summer"),
        pytest.param(SAO_PAULO, "2017-07-11T12:00:00", "2017-07-11 15:00:00", id="winter"),
        pytest.param(
            SAO_PAULO, "2017-10-14T23:59:59.999999", "2017-10-15 02:59:59.999999", id="before-a-gap"
        ),
        pytest.param(SAO_PAULO, "2017-10-15T01:00:00", "2017-10-15 03:00:00", id="behind-a-gap"),
        pytest.param(SAO_PAULO, "2018-02-18T00:00:00", "2018-02-18 03:00:00", id="behind-a-fold"),
        pytest.param(LISBON, "2016-03-27T02:00:00", "2016-03-27 01:00:00", id="behind-lisbon-gap"),
        pytest.param(LISBON, "2016-10-30T02:00:00", "2016-10-30 02:00:00", id="behind-lisbon-fold"),
        pytest.param(SAO_PAULO, "20171211 120000", "2017-12-11 14:00:00", id="basic"),
        pytest.param(SAO_PAULO, "1969-12-31T21:00:01", "1970-01-01 00:00:01", id="1970-elsewhere"),
    ],
)
def test_without_an_offset_it_is_wall_clock_of_the_billing_zone(zone, text, instant):
    assert read_instant(text, zone) == at(instant)


@pytest.mark.parametrize(
    ("zone", "text", "readings"),
    [
        pytest.param(SAO_PAULO, "2017-10-15T00:00:00", ["03:00:00", "02:00:00"], id="gap-begins"),
        pytest.param(SAO_PAULO, "2017-10-15T00:30:00", ["03:30:00", "02:30:00"], id="in-a-gap"),
        pytest.param(SAO_PAULO, "2018-02-17T23:00:00", ["01:00:00", "02:00:00"], id="fold-begins"),
        pytest.param(SAO_PAULO, "2018-02-17T23:59:59", ["01:59:59", "02:59:59"], id="fold-ends"),
        pytest.param(LISBON, "2016-03-27T01:30:00", ["01:30:00", "00:30:00"], id="lisbon-gap"),
        pytest.param(LISBON, "2016-10-30T01:30:00", ["00:30:00", "01:30:00"], id="lisbon-fold"),
        pytest.param(LORD_HOWE, "2016-10-02T02:15:00", ["15:45:00", "15:15:00"], id="half-an-hour"),
    ],
)
def test_a_wall_clock_in_an_hour_of_change_has_two_readings(zone, text, readings):
    with pytest.raises(AmbiguousTime) as refusal:
        read_instant(text, zone)

    assert [each for each in readings if f"T{each}Z" in str(refusal.value)] == readings
    assert is_ambiguous(text, zone)
    assert not is_ambiguous(f"{text}Z", zone)


def test_an_offset_stands_above_the_billing_zone():
    assert read_instant("2017-10-15T00:30:00-02:00", SAO_PAULO) == at("2017-10-15 02:30:00")


@pytest.mark.parametrize("text", ["2016-02-29T12:00:00", "2016-02-29T12:00:00+05:30"])
def test_an_instant_is_given_in_utc(text):
    assert read_instant(text, SAO_PAULO).tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="nothing"),
        pytest.param("2016-02-29", id="a-date"),
        pytest.param("12:00:00Z", id="a-time"),
        pytest.param("2016-02-29T12:00Z", id="without-seconds"),
        pytest.param("2016-02-29T12Z", id="hours-alone"),
        pytest.param("2016-02-29T12:00:00.Z", id="empty-fraction"),
        pytest.param("2016-02-29T12:00:00;5Z", id="another-sign-for-the-fraction"),
        pytest.param("2016-02-29T12:00.5Z", id="fraction-of-a-minute"),
        pytest.param("2016-02-29_12:00:00Z", id="another-sign-between"),
        pytest.param("2016-02-29T 12:00:00Z", id="letter-and-space"),
        pytest.param("2016-02-2912:00:00Z", id="nothing-between"),
        pytest.param(" 2016-02-29T12:00:00Z", id="space-before"),
        pytest.param("2016-02-29T12:00:00Z ", id="space-behind"),
        pytest.param("2016-02-29T12:00:00Z\n", id="new-line-behind"),
        pytest.param("2016-02-29T12:00:00 Z", id="space-before-z"),
        pytest.param("2016-02-29T12:00:00 +03:00", id="space-before-the-offset"),
        pytest.param("2016-02-29T12:00:00UTC", id="zone-by-name"),
        pytest.param("2016-02-29T12:00:00+3", id="one-digit-of-offset"),
        pytest.param("2016-02-29T12:00:00+3:00", id="one-digit-of-hours"),
        pytest.param("2016-02-29T12:00:00+030", id="three-digits-of-offset"),
        pytest.param("2016-02-29T12:00:00+03:00:00", id="seconds-of-offset"),
        pytest.param("2016-02-29T12:00:00\u221203:00", id="typographic-minus"),
        pytest.param("2016-0229T12:00:00Z", id="one-dash"),
        pytest.param("201602-29T12:00:00Z", id="the-other-dash"),
        pytest.param("2016-02-29T12:0000Z", id="one-colon"),
        pytest.param("2016/02/29T12:00:00Z", id="slashes"),
        pytest.param("29-02-2016T12:00:00Z", id="day-first"),
        pytest.param("16-02-29T12:00:00Z", id="two-digits-of-year"),
        pytest.param("+2016-02-29T12:00:00Z", id="sign-before"),
        pytest.param("12016-02-29T12:00:00Z", id="five-digits-of-year"),
        pytest.param("2016-W09-1T12:00:00Z", id="week-date"),
        pytest.param("2016W091T120000Z", id="basic-week-date"),
        pytest.param("2016-060T12:00:00Z", id="day-of-the-year"),
        pytest.param("Mon, 29 Feb 2016 12:00:00 GMT", id="as-in-mail"),
        pytest.param("1456747200", id="seconds-since-1970-as-text"),
        pytest.param("\u0662016-02-29T12:00:00Z", id="one-arabic-digit"),
        pytest.param("2016-02-29T12:00:00.\u0661Z", id="arabic-digit-in-the-fraction"),
        pytest.param("2016-02-29T12:00:00+\u0660\u0663", id="arabic-digits-in-the-offset"),
        pytest.param(1456747200, id="integer"),
        pytest.param(1456747200.5, id="fraction"),
        pytest.param(True, id="true"),
        pytest.param(None, id="null"),
        pytest.param(["2016-02-29T12:00:00Z"], id="list"),
        pytest.param({}, id="object"),
    ],
)
def test_what_is_no_date_and_time(value):
    with pytest.raises(ValueError, match=NO_DATE_TIME):
        read_instant(value, UTC_ZONE)


def test_decimals_beyond_the_sixth_are_read_only_if_they_are_zero():
    assert read_instant("2016-02-29T12:00:00.123456000Z", UTC_ZONE) == at(
        "2016-02-29 12:00:00.123456"
    )
    with pytest.raises(ValueError, match="no more than six decimals"):
        read_instant("2016-02-29T12:00:00.1234567Z", UTC_ZONE)


@pytest.mark.parametrize("value", [1456747200, "1456747200"])
def test_seconds_since_1970_are_refused_by_name(value):
    with pytest.raises(ValueError, match="seconds since 1970 are not read"):
        read_instant(value, UTC_ZONE)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2016-13-01T12:00:00Z", id="month-13"),
        pytest.param("2016-00-01T12:00:00Z", id="month-0"),
        pytest.param("2016-02-30T12:00:00Z", id="february-30"),
        pytest.param("2017-02-29T12:00:00Z", id="no-leap-year"),
        pytest.param("2016-02-00T12:00:00Z", id="day-0"),
        pytest.param("2016-02-29T24:00:00Z", id="hour-24"),
        pytest.param("2016-02-29T12:60:00Z", id="minute-60"),
        pytest.param("2016-12-31T23:59:60Z", id="leap-second"),
        pytest.param("0000-01-01T00:00:00Z", id="year-0"),
        pytest.param("2016-02-29T12:00:00+24:00", id="offset-of-a-day"),
        pytest.param("2016-02-29T12:00:00-99", id="offset-of-99-hours"),
        pytest.param("2016-02-29T12:00:00+03:60", id="60-minutes-of-offset"),
        pytest.param("2016-02-29T12:00:00+0099", id="99-minutes-of-offset"),
        pytest.param("9999-12-31T23:59:59-01:00", id="beyond-the-calendar"),
        pytest.param("0001-01-01T00:00:00+01:00", id="before-the-calendar"),
        pytest.param("9999-12-31T23:00:00", id="beyond-the-calendar-by-the-billing-zone"),
    ],
)
def test_what_does_not_exist(text):
    with pytest.raises(ValueError, match=DOES_NOT_EXIST):
        read_instant(text, SAO_PAULO)


@pytest.mark.parametrize(
    "text",
    [
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:59:59.999999+01:00",
        "1969-12-31T20:59:59.999999",
        "1970-01-01T00:00:00Z",
        "1969-12-31T21:00:00",
        "0001-01-01T00:00:00Z",
    ],
)
def test_the_zero_of_the_epoch_and_what_is_before_it(text):
    with pytest.raises(ValueError, match="must be later than 1970-01-01T00:00:00Z"):
        read_instant(text, SAO_PAULO)


@settings(derandomize=True)
@given(
    st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30)),  # noqa: DTZ001
    st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_what_python_writes_is_read_as_the_same_instant(clock, offset):
    instant = clock.replace(tzinfo=offset)

    assert read_instant(instant.isoformat(), UTC_ZONE) == instant
