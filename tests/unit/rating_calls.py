"""Calls and price lists, drawn by hypothesis where rating can go wrong."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.unit.builders import at
from tests.unit.oracle import Band

# Some changes of each zone's clock, in UTC; in a zone without, just some instants.
CHANGES = {
    "America/Sao_Paulo": ["1985-11-02 03:00", "2017-10-15 03:00", "2018-02-18 02:00"],
    "America/New_York": ["1974-01-06 07:00", "2016-03-13 07:00", "2016-11-06 06:00"],
    "Europe/Lisbon": ["1986-09-28 01:00", "2016-03-27 01:00", "2016-10-30 01:00"],
    "Australia/Lord_Howe": ["1986-03-15 15:00", "2016-04-02 15:00", "2016-10-01 15:30"],
    "Africa/Casablanca": ["2017-05-21 02:00", "2017-07-02 02:00", "2018-06-17 02:00"],
    "Asia/Kathmandu": ["1985-12-31 18:30"],
}
PLACES = {**CHANGES, "UTC": ["2016-02-29 00:00", "2017-12-31 23:00"]}
FIRST_TARIFF = [
    Band(time(6), Decimal("0.36"), Decimal("0.09")),
    Band(time(22), Decimal("0.36"), Decimal("0.00")),
]
THREE_BANDS = [
    Band(time(0), Decimal("0.10"), Decimal("0.0125")),
    Band(time(7, 30), Decimal("0.36"), Decimal("0.09")),
    Band(time(19, 59, 59), Decimal("0.2050"), Decimal("0.0333")),
]

clocks = st.one_of(
    st.times(max_value=time(3, 0)), st.times(min_value=time(22, 0)), st.times(), st.just(time(0))
).map(lambda clock: clock.replace(microsecond=0))
amounts = st.one_of(st.just(0), st.integers(0, 12_000)).map(lambda amount: Decimal(amount) / 10_000)
price_lists = st.lists(
    st.builds(Band, clocks, amounts, amounts),
    min_size=1,
    max_size=8,
    unique_by=lambda band: band.starts_at,
).map(sorted)
fractions = st.one_of(st.sampled_from([0, 1, 999_999]), st.integers(0, 999_999)).map(
    lambda microseconds: timedelta(microseconds=microseconds)
)


@st.composite
def instants(draw: DrawFn, place: datetime, bands: Sequence[Band], zone: ZoneInfo) -> datetime:
    """Draw an instant within two days of `place`: near it, near an edge, or anywhere."""
    near = timedelta(seconds=draw(st.integers(-3, 3)))
    match draw(st.sampled_from(["place", "edge", "edge", "anywhere"])):
        case "place":
            return place + near
        case "edge":
            day = place.astimezone(zone).date() + timedelta(days=draw(st.integers(-1, 1)))
            edge = f"{day} {draw(st.sampled_from(bands)).starts_at}"
            return at(edge, zone, fold=draw(st.integers(0, 1))) + near
        case _:
            return place + timedelta(seconds=draw(st.integers(-130_000, 130_000)))


@st.composite
def calls(
    draw: DrawFn, places: Mapping[str, list[str]]
) -> tuple[datetime, datetime, list[Band], ZoneInfo]:
    name = draw(st.sampled_from(sorted(places)))
    place, zone, bands = at(draw(st.sampled_from(places[name]))), ZoneInfo(name), draw(price_lists)
    some_instants = instants(place, bands, zone)
    began, ended = sorted([draw(some_instants), draw(some_instants)])
    return began, ended, bands, zone
