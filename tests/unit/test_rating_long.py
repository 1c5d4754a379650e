"""Calls on any day and over many years: the calendar that rating works out for itself is whole."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.rating import rate_call
from tests.unit import oracle
from tests.unit.builders import SAO_PAULO, UTC_ZONE, a_band, a_tariff, at
from tests.unit.oracle import Band

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

# Hours at which no band of these begins at midnight in UTC.
BANDS = [
    a_band(name="0", starts_at="05:07:11", standing_charge="0.36", minute_rate="0.09"),
    a_band(name="1", starts_at="12:30:01", standing_charge="0.10", minute_rate="0.0125"),
    a_band(name="2", starts_at="22:59:59", standing_charge="0.20", minute_rate="0"),
]


def as_the_oracle_has_it(bands):
    return [
        Band(
            each.starts_at,
            Decimal(each.standing_charge) / 10_000,
            Decimal(each.minute_rate) / 10_000,
        )
        for each in bands
    ]


@pytest.mark.parametrize("zone", [UTC_ZONE, SAO_PAULO], ids=["utc", "sao-paulo"])
def test_a_call_into_reduced_costs_the_same_on_every_evening(zone):
    tariff, noon = a_tariff(zone=zone), at("1970-01-02 12:00:00")
    evenings = [(noon + each * DAY).date() for each in range(24_800)]

    wrong = [
        str(day)
        for day in evenings
        if rate_call(at(f"{day} 21:57:13", zone), at(f"{day} 22:10:56", zone), tariff).price != 54
    ]

    assert wrong == []


def test_midnight_in_utc_ends_a_stretch_on_every_day_where_a_band_starts_then():
    bands = [a_band(starts_at="00:00:00"), a_band(name="reduced", starts_at="22:00:00")]
    tariff, midnight = a_tariff(bands=bands), at("1970-01-02 00:00:00")

    wrong = [
        midnight + each * DAY
        for each in range(24_800)
        if len(
            list(
                rate_call(
                    midnight + each * DAY - MINUTE, midnight + each * DAY + MINUTE, tariff
                ).segments
            )
        )
        != 2
    ]

    assert wrong == []


@pytest.mark.parametrize("years", [1, 4, 30])
def test_every_day_of_years_is_charged(years):
    start = at("1987-03-04 05:00:00")

    rated = rate_call(start, start + years * 365 * DAY, a_tariff())

    assert rated.amount == 3_600 + years * 365 * 960 * 900


@pytest.mark.parametrize(
    "name", ["UTC", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca"]
)
def test_400_days_are_what_walking_through_their_seconds_gives(name):
    zone, start = ZoneInfo(name), at("2016-05-06 07:08:09.10")
    end, bands = start + 400 * DAY, as_the_oracle_has_it(BANDS)

    rated = rate_call(start, end, a_tariff(zone=zone, bands=BANDS))

    assert rated.price == 100 * oracle.price_of(start, end, bands, zone)
    assert [(int(each.band.name), *each[1:]) for each in rated.segments] == list(
        oracle.stretches_of(start, end, bands, zone)
    )


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.sampled_from(["UTC", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca"]),
    st.integers(0, 30 * 365 * 86_400),
    st.integers(0, 8 * 365 * 86_400_000_000),
)
def test_the_amount_of_a_long_call_is_the_sum_of_its_parts(name, start_second, length):
    start = at("1990-01-01 00:00:00") + timedelta(seconds=start_second)
    end = start + timedelta(microseconds=length)

    rated = rate_call(start, end, a_tariff(zone=ZoneInfo(name), bands=BANDS))
    segments = list(rated.segments)

    assert [start, *(each.ended_at for each in segments)] == [
        *(each.started_at for each in segments),
        end,
    ]
    assert rated.amount == rated.standing_band.standing_charge + sum(
        (each.ended_at - each.started_at) // MINUTE * each.band.minute_rate for each in segments
    )


def test_a_tariff_that_has_rated_other_calls_rates_as_a_new_one():
    used = a_tariff(zone=SAO_PAULO, bands=BANDS)
    starts = [at(f"{year}-06-07 08:09:10") for year in (2018, 1971, 2030, 1999, 2018, 1972)]

    for start in starts:
        end = start + 500 * DAY
        new = a_tariff(zone=SAO_PAULO, bands=BANDS)
        assert rate_call(start, end, used).amount == rate_call(start, end, new).amount


def test_rating_leaves_a_tariff_what_it_was():
    used = a_tariff()

    price = rate_call(at("2017-12-11 21:57:13"), at("2017-12-11 22:10:56"), used).price

    assert price == 54
    assert used == a_tariff()
    assert hash(used) == hash(a_tariff())
