"""Billing periods: which instants belong to a month, and when it may be billed (rules 15, 16)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import InvalidPeriod, PeriodNotClosed
from app.domain.period import BillingPeriod
from tests.unit.builders import SAO_PAULO, UTC_ZONE, at

MICROSECOND = timedelta(microseconds=1)
ASUNCION = ZoneInfo("America/Asuncion")
HAVANA = ZoneInfo("America/Havana")
DECEMBER = BillingPeriod(2017, 12)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2017-12", (2017, 12)),
        ("12/2017", (2017, 12)),
        ("2018-01", (2018, 1)),
        ("01/2018", (2018, 1)),
        ("1970-01", (1970, 1)),
        ("9998-12", (9998, 12)),
    ],
)
def test_a_period_is_read_in_two_spellings(text, period):
    assert BillingPeriod.read(text) == BillingPeriod(*period)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("2017", id="a-year"),
        pytest.param("2017-1", id="one-digit"),
        pytest.param("2017-012", id="three-digits"),
        pytest.param("201712", id="no-sign-between"),
        pytest.param("2017/12", id="slash-with-the-year-first"),
        pytest.param("12-2017", id="dash-with-the-month-first"),
        pytest.param("2017-12-01", id="a-day"),
        pytest.param("17-12", id="two-digits-of-year"),
        pytest.param("10000-01", id="five-digits-of-year"),
        pytest.param("+2017-12", id="sign"),
        pytest.param(" 2018-01", id="space-before"),
        pytest.param("2018-01 ", id="space-behind"),
        pytest.param("2018-01\n", id="new-line-behind"),
        pytest.param("2018-0x", id="letter"),
        pytest.param("\u0662\u0660\u0661\u0667-\u0661\u0662", id="arabic-digits"),
        pytest.param("\uff12\uff10\uff11\uff17-\uff11\uff12", id="full-width-digits"),
    ],
)
def test_what_is_no_month_is_refused(text):
    with pytest.raises(InvalidPeriod, match="written YYYY-MM"):
        BillingPeriod.read(text)


@pytest.mark.parametrize(
    "text", ["0000-01", "2018-00", "2018-13", "13/2018", "00/2018", "1968-12", "9999-01", "9999-12"]
)
def test_a_month_that_cannot_be_billed_is_refused_by_its_name(text):
    with pytest.raises(InvalidPeriod, match=f"no month {text} to bill"):
        BillingPeriod.read(text)


@pytest.mark.parametrize("period", [(1970, 1), (2017, 12), (9998, 12)])
def test_a_period_is_written_as_it_reads(period):
    assert BillingPeriod.read(str(BillingPeriod(*period))) == BillingPeriod(*period)
    assert str(BillingPeriod(2018, 1)) == "2018-01"


@pytest.mark.parametrize(
    ("zone", "period", "first", "after"),
    [
        pytest.param(
            UTC_ZONE, (2017, 12), "2017-12-01 00:00", "2018-01-01 00:00", id="utc-december"
        ),
        pytest.param(
            UTC_ZONE, (2016, 2), "2016-02-01 00:00", "2016-03-01 00:00", id="utc-leap-year"
        ),
        pytest.param(
            SAO_PAULO, (2017, 12), "2017-12-01 02:00", "2018-01-01 02:00", id="sao-paulo-summer"
        ),
        pytest.param(
            SAO_PAULO, (2018, 2), "2018-02-01 02:00", "2018-03-01 03:00", id="sao-paulo-falls-back"
        ),
        pytest.param(
            ASUNCION, (2017, 10), "2017-10-01 04:00", "2017-11-01 03:00", id="midnight-is-skipped"
        ),
        pytest.param(
            HAVANA, (2015, 11), "2015-11-01 04:00", "2015-12-01 05:00", id="midnight-comes-twice"
        ),
    ],
)
def test_bounds_are_the_first_instant_of_the_month_and_of_the_next(zone, period, first, after):
    bounds = BillingPeriod(*period).bounds(zone)

    # In UTC, since Python finds an hour that comes twice unequal to every instant elsewhere.
    assert [each.astimezone(UTC) for each in bounds] == [at(first), at(after)]


def test_a_month_whose_midnight_is_skipped_begins_at_the_hour_that_follows():
    first, _ = BillingPeriod(2017, 10).bounds(ASUNCION)

    assert first.astimezone(ASUNCION).isoformat() == "2017-10-01T01:00:00-03:00"


# The clock of St John's went from 00:01 back to 23:01 on the first of November 2009.
@pytest.mark.parametrize(
    ("instant", "period"),
    [
        pytest.param("2009-11-01 02:29:59.999999", (2009, 10), id="before-midnight"),
        pytest.param("2009-11-01 02:30:00", (2009, 11), id="the-first-midnight"),
        pytest.param("2009-11-01 02:32:00", (2009, 11), id="the-last-day-again"),
        pytest.param("2009-11-01 03:30:00", (2009, 11), id="the-second-midnight"),
    ],
)
def test_a_month_that_has_closed_does_not_open_again(instant, period):
    zone = ZoneInfo("America/St_Johns")

    found = BillingPeriod.of(at(instant), zone)

    assert found == period
    assert found.bounds(zone)[0] <= at(instant) < found.bounds(zone)[1]


@pytest.mark.parametrize(
    ("zone", "instant", "before", "after"),
    [
        pytest.param(UTC_ZONE, "2018-01-01 00:00", (2017, 12), (2018, 1), id="utc-new-year"),
        pytest.param(SAO_PAULO, "2018-01-01 02:00", (2017, 12), (2018, 1), id="sao-paulo-new-year"),
        pytest.param(SAO_PAULO, "2018-03-01 03:00", (2018, 2), (2018, 3), id="sao-paulo-march"),
        pytest.param(UTC_ZONE, "2016-03-01 00:00", (2016, 2), (2016, 3), id="leap-day"),
    ],
)
def test_the_boundary_instant_is_in_the_later_month(zone, instant, before, after):
    assert BillingPeriod.of(at(instant) - MICROSECOND, zone) == BillingPeriod(*before)
    assert BillingPeriod.of(at(instant), zone) == BillingPeriod(*after)


@pytest.mark.parametrize(
    ("now", "zone", "period"),
    [
        pytest.param("2018-01-01 00:00", UTC_ZONE, (2017, 12), id="the-first-instant-of-january"),
        pytest.param("2017-12-31 23:59:59.999999", UTC_ZONE, (2017, 11), id="a-microsecond-before"),
        pytest.param("2018-01-01 01:59:59.999999", SAO_PAULO, (2017, 11), id="not-yet-there"),
        pytest.param("2018-01-01 02:00", SAO_PAULO, (2017, 12), id="there-as-well"),
        pytest.param("2018-03-31 12:00", UTC_ZONE, (2018, 2), id="the-last-day-of-a-longer-month"),
    ],
)
def test_last_closed_is_the_month_before_the_current_one(now, zone, period):
    assert BillingPeriod.last_closed(at(now), zone) == BillingPeriod(*period)


@pytest.mark.parametrize(("zone", "closes_at"), [(UTC_ZONE, "00:00"), (SAO_PAULO, "02:00")])
def test_a_period_is_closed_from_its_end_on(zone, closes_at):
    DECEMBER.check_closed(at(f"2018-01-01 {closes_at}"), zone)
    with pytest.raises(PeriodNotClosed):
        DECEMBER.check_closed(at(f"2018-01-01 {closes_at}") - MICROSECOND, zone)


def test_a_refusal_says_when_the_period_closes():
    with pytest.raises(PeriodNotClosed) as refusal:
        DECEMBER.check_closed(at("2017-12-11 12:00"), SAO_PAULO)

    assert refusal.value.members == {"closes_at": "2018-01-01T00:00:00-02:00"}
    assert refusal.value.detail == (
        "The period 2017-12 can be billed once it has closed, at 2018-01-01T00:00:00-02:00."
    )


def test_the_last_period_that_reads_can_be_asked_for():
    with pytest.raises(PeriodNotClosed, match="at 9999-01-01T00:00:00-03:00"):
        BillingPeriod.read("9998-12").check_closed(at("2018-01-01 00:00"), SAO_PAULO)


@pytest.mark.parametrize(
    ("period", "following"), [((2017, 11), (2017, 12)), ((2017, 12), (2018, 1))]
)
def test_the_next_period(period, following):
    assert BillingPeriod(*period).next == BillingPeriod(*following)


def test_the_first_day():
    assert DECEMBER.first_day == date(2017, 12, 1)


@settings(derandomize=True)
@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from([UTC_ZONE, SAO_PAULO, ASUNCION, HAVANA, ZoneInfo("Pacific/Apia")]),
)
def test_every_instant_is_within_the_bounds_of_its_period(instant, zone):
    first, after = BillingPeriod.of(instant, zone).bounds(zone)

    assert first <= instant < after
