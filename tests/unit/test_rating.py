"""What a call costs (rules 10 to 13), fact by fact; `test_rating_oracle.py` looks for the rest."""

from datetime import timedelta

import pytest

from app.domain.rating import RatedCall, rate_call
from app.domain.tariff import TimeBand
from tests.unit.builders import SAO_PAULO, UTC_ZONE, a_band, a_tariff, at

MONDAY, TUESDAY = "2017-12-11", "2017-12-12"
DAY = timedelta(days=1)


def minutes_of(rated: RatedCall) -> list[int]:
    return [segment.charged_minutes for segment in rated.segments]


def bands_of(rated: RatedCall) -> list[str]:
    return [segment.band.name for segment in rated.segments]


def two_bands(*, standard: str = "0.36", reduced: str = "1.10") -> tuple[TimeBand, ...]:
    return (
        a_band(standing_charge=standard),
        a_band(name="reduced", starts_at="22:00:00", standing_charge=reduced, minute_rate="0.05"),
    )


# The worked examples of the rules; a stretch of the reduced band has no minutes to pay.
@pytest.mark.parametrize("zone", [UTC_ZONE, SAO_PAULO], ids=str)
@pytest.mark.parametrize(
    ("started", "ended", "minutes", "price"),
    [
        pytest.param("11 21:57:13", "11 22:10:56", [2, 0], 54, id="into-reduced"),
        pytest.param("11 21:57:13", "12 06:10:56", [2, 0, 10], 144, id="each-stretch-is-floored"),
        pytest.param("11 21:59:30", "12 06:00:30", [0, 0, 0], 36, id="half-minutes-do-not-add-up"),
        pytest.param("11 05:59:30", "11 06:01:00", [0, 1], 45, id="out-of-reduced"),
        pytest.param("11 06:00:00", "11 22:00:00", [960], 8676, id="all-of-standard"),
        pytest.param("11 22:00:00", "12 06:00:00", [0], 36, id="all-of-reduced"),
        pytest.param("11 10:00:01", "12 10:59:59", [719, 0, 299], 9198, id="over-a-night"),
        pytest.param("11 12:00:00", "11 12:00:00", [], 36, id="no-length-in-standard"),
        pytest.param("11 23:00:00", "11 23:00:00", [], 36, id="no-length-in-reduced"),
        pytest.param("11 12:00:00", "12 12:00:00", [600, 0, 360], 8676, id="24-hours"),
        pytest.param("11 21:59:00", "11 22:00:00", [1], 45, id="the-end-of-a-band-is-not-in-it"),
    ],
)
def test_price_and_minutes_of_a_call_under_the_first_tariff(zone, started, ended, minutes, price):
    rated = rate_call(
        at(f"2017-12-{started}", zone), at(f"2017-12-{ended}", zone), a_tariff(zone=zone)
    )

    assert rated.price == price
    assert minutes_of(rated) == minutes


@pytest.mark.parametrize(
    ("started", "ended", "minutes"),
    [
        pytest.param("21:59:00.000000", "21:59:59.999999", [0], id="a-microsecond-short"),
        pytest.param("21:59:00.000001", "22:00:00.000000", [0], id="a-microsecond-late"),
        pytest.param("21:58:59.999999", "22:00:00.000000", [1], id="a-microsecond-more"),
        pytest.param("21:59:00.999999", "22:00:00.999999", [0, 0], id="cut-by-the-edge"),
        pytest.param(
            "21:59:59.999999", "22:00:59.999999", [0, 0], id="one-microsecond-of-standard"
        ),
        pytest.param("21:59:59.999999", "22:01:00.000000", [0, 1], id="and-a-minute-of-reduced"),
        pytest.param("05:59:59.999999", "06:01:00.000000", [0, 1], id="one-microsecond-of-reduced"),
        pytest.param("10:00:00.000001", "10:01:00.000001", [1], id="inside-a-band"),
    ],
)
def test_a_minute_is_sixty_seconds_to_the_microsecond(started, ended, minutes):
    tariff = a_tariff(bands=two_bands())

    rated = rate_call(at(f"{MONDAY} {started}"), at(f"{MONDAY} {ended}"), tariff)

    assert minutes_of(rated) == minutes


def test_a_band_may_begin_within_a_second():
    bands = [a_band(starts_at="06:00:00.5"), a_band(name="reduced", starts_at="22:00:00")]

    rated = rate_call(at(f"{MONDAY} 05:59:00"), at(f"{MONDAY} 06:01:00.5"), a_tariff(bands=bands))

    assert [segment.seconds for segment in rated.segments] == [60.5, 60]


@pytest.mark.parametrize("length", [timedelta(0), timedelta(seconds=30), 3 * DAY], ids=str)
@pytest.mark.parametrize(
    ("started", "standing_charge"),
    [
        ("05:59:59.999999", 11_000),
        ("06:00:00", 3_600),
        ("21:59:59.999999", 3_600),
        ("22:00:00", 11_000),
        ("00:00:00", 11_000),
    ],
)
def test_standing_charge_is_that_of_the_band_the_call_starts_in(started, length, standing_charge):
    start = at(f"{MONDAY} {started}")

    rated = rate_call(start, start + length, a_tariff(bands=two_bands()))

    assert rated.standing_band.standing_charge == standing_charge
    assert rated.amount - sum(segment.amount for segment in rated.segments) == standing_charge


@pytest.mark.parametrize(
    ("standing_charge", "minute_rate", "minutes", "price"),
    [
        pytest.param("0", "0.0049", 1, 0, id="below-half"),
        pytest.param("0", "0.0050", 1, 1, id="half-goes-up"),
        pytest.param("0", "0.0125", 2, 3, id="half-of-an-even-cent-goes-up"),
        pytest.param("0", "0.0450", 1, 5, id="not-to-even"),
        pytest.param("0.0025", "0.0025", 1, 1, id="charge-and-minutes-are-rounded-together"),
        pytest.param("0.0050", "0.0050", 1, 1, id="rounded-once"),
        pytest.param("0.3649", "0.0001", 1, 37, id="fourth-decimal-counts"),
        pytest.param("0.10", "0.10", 2, 30, id="no-float"),
    ],
)
def test_price_is_rounded_once_half_up(standing_charge, minute_rate, minutes, price):
    band = a_band(standing_charge=standing_charge, minute_rate=minute_rate)
    start = at(f"{MONDAY} 10:00:00")

    rated = rate_call(start, start + timedelta(minutes=minutes), a_tariff(bands=[band]))

    assert rated.price == price


def test_stretches_are_not_rounded_on_their_own():
    bands = [
        a_band(standing_charge="0", minute_rate="0.0050"),
        a_band(name="reduced", starts_at="22:00:00", standing_charge="0", minute_rate="0.0050"),
    ]

    rated = rate_call(at(f"{MONDAY} 21:59:00"), at(f"{MONDAY} 22:01:00"), a_tariff(bands=bands))

    assert rated.price == 1


@pytest.mark.parametrize(
    ("started", "ended", "minutes"),
    [
        pytest.param("11 05:59:30", "11 06:00:30", 1, id="over-its-own-beginning"),
        pytest.param("11 23:59:30", "12 00:00:30", 1, id="over-midnight"),
        pytest.param("11 00:00:30", "15 00:00:00", 4 * 1440 - 1, id="over-days"),
    ],
)
def test_one_band_is_one_stretch_however_long(started, ended, minutes):
    tariff = a_tariff(bands=[a_band()])

    rated = rate_call(at(f"2017-12-{started}"), at(f"2017-12-{ended}"), tariff)

    assert minutes_of(rated) == [minutes]
    assert rated.amount == 3_600 + minutes * 900


def test_midnight_alone_ends_no_stretch():
    tariff = a_tariff(bands=two_bands())

    rated = rate_call(at(f"{MONDAY} 23:59:30"), at(f"{TUESDAY} 00:00:30"), tariff)

    assert minutes_of(rated) == [1]


def test_midnight_ends_a_stretch_where_a_band_starts_then():
    tariff = a_tariff(bands=[a_band(starts_at="00:00:00"), *two_bands()])

    rated = rate_call(at(f"{MONDAY} 23:59:30"), at(f"{TUESDAY} 00:00:30"), tariff)

    assert minutes_of(rated) == [0, 0]


@pytest.mark.parametrize("days", [1, 2, 7, 29, 366])
def test_whole_days_are_not_dropped(days):
    start = at("2016-02-01 12:00:00")

    rated = rate_call(start, start + days * DAY, a_tariff())

    assert rated.amount == 3_600 + days * 960 * 900


def test_bands_are_wall_clock_of_the_tariffs_zone():
    # 22:30 in Sao Paulo, where it is summer, is 00:30 of the next day in UTC.
    rated = rate_call(
        at(f"{TUESDAY} 00:30:00"), at(f"{TUESDAY} 00:40:00"), a_tariff(zone=SAO_PAULO)
    )

    assert bands_of(rated) == ["reduced"]


def test_the_zone_in_which_an_instant_is_given_does_not_matter():
    start, end = at(f"{MONDAY} 21:57:13"), at(f"{MONDAY} 22:10:56")

    rated = rate_call(start.astimezone(SAO_PAULO), end, a_tariff())

    assert rated.price == 54
    assert [segment.started_at for segment in rated.segments] == [start, at(f"{MONDAY} 22:00:00")]


def test_segments_follow_each_other_from_start_to_end():
    start, end = at(f"{MONDAY} 21:57:13.5"), at("2017-12-14 03:00:00.25")

    segments = list(rate_call(start, end, a_tariff()).segments)

    assert [each.started_at for each in segments] == [start, *(s.ended_at for s in segments[:-1])]
    assert segments[-1].ended_at == end
    assert [each.band.name for each in segments] == ["standard", "reduced"] * 3


def test_segments_tell_seconds_as_a_whole_number_unless_there_is_a_fraction():
    rated = rate_call(at(f"{MONDAY} 21:57:13.5"), at(f"{MONDAY} 22:10:56"), a_tariff())

    assert [repr(segment.seconds) for segment in rated.segments] == ["166.5", "656"]


def test_a_call_that_ends_before_it_starts_is_not_rated():
    start = at(f"{MONDAY} 12:00:00")

    with pytest.raises(ValueError, match="ends before it starts"):
        rate_call(start, start - timedelta(microseconds=1), a_tariff())
