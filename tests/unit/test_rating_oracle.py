"""Rating against an oracle that walks through the seconds of a call, on thousands of calls."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import combinations_with_replacement
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from app.domain.rating import rate_call
from app.domain.tariff import Tariff, TimeBand
from tests.unit import oracle
from tests.unit.builders import SAO_PAULO, UTC_ZONE, a_tariff, at
from tests.unit.oracle import Band
from tests.unit.rating_calls import CHANGES, FIRST_TARIFF, PLACES, THREE_BANDS, calls, fractions


def tariff_of(bands: Sequence[Band], zone: ZoneInfo) -> Tariff:
    return a_tariff(
        zone=zone, bands=[TimeBand.of(str(place), *band) for place, band in enumerate(bands)]
    )


def expected(start: datetime, end: datetime, bands: Sequence[Band], zone: ZoneInfo) -> dict:
    return {
        "price": oracle.price_of(start, end, bands, zone) * 100,
        "standing": str(oracle.standing_band_of(start, bands, zone)),
        "stretches": [
            (str(band), began, ended)
            for band, began, ended in oracle.stretches_of(start, end, bands, zone)
        ],
    }


def rated(start: datetime, end: datetime, tariff: Tariff) -> dict:
    call = rate_call(start, end, tariff)
    return {
        "price": call.price,
        "standing": call.standing_band.name,
        "stretches": [(each.band.name, each.started_at, each.ended_at) for each in call.segments],
    }


@pytest.mark.parametrize(
    ("name", "change"), [(name, change) for name in CHANGES for change in CHANGES[name]]
)
def test_the_clock_does_change_there(name, change):
    zone, second = ZoneInfo(name), timedelta(seconds=1)

    before, after = (
        each.astimezone(zone).utcoffset() for each in (at(change) - second, at(change))
    )

    assert before != after


@settings(max_examples=2500, deadline=None, derandomize=True)
@given(calls(PLACES))
def test_rating_is_what_walking_through_the_seconds_gives(call):
    start, end, bands, zone = call

    assert rated(start, end, tariff_of(bands, zone)) == expected(start, end, bands, zone)


@settings(max_examples=2500, deadline=None, derandomize=True)
@given(calls(PLACES), fractions, fractions)
def test_rating_is_exact_to_the_microsecond(call, start_fraction, end_fraction):
    start, end, bands, zone = call
    start, end = sorted([start + start_fraction, end + end_fraction])

    assert rated(start, end, tariff_of(bands, zone)) == expected(start, end, bands, zone)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(calls({name: ["1989-12-27 00:00", "2016-12-20 00:00"] for name in PLACES}))
def test_rating_is_right_where_its_blocks_of_365_days_meet(call):
    start, end, bands, zone = call

    assert rated(start, end, tariff_of(bands, zone)) == expected(start, end, bands, zone)


@pytest.mark.parametrize("bands", [FIRST_TARIFF, THREE_BANDS], ids=["first-tariff", "three-bands"])
@pytest.mark.parametrize(
    ("zone", "days"),
    [
        pytest.param(UTC_ZONE, ["2017-12-11", "2017-12-12"], id="utc"),
        pytest.param(SAO_PAULO, ["2018-02-17", "2018-02-18"], id="where-the-clock-goes-back"),
    ],
)
def test_every_second_around_every_edge(bands, zone, days):
    edges = [at(f"{day} {band.starts_at}", zone) for day in days for band in bands]
    seconds = [edge + timedelta(seconds=each) for edge in sorted(edges) for each in range(-3, 4)]
    tariff = tariff_of(bands, zone)

    wrong = [
        (start, end)
        for start, end in combinations_with_replacement(seconds, 2)
        if rated(start, end, tariff) != expected(start, end, bands, zone)
    ]

    assert wrong == []
