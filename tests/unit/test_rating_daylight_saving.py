"""Calls over a change of the clock last as long as they lasted, and bands follow the wall clock."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.rating import rate_call
from tests.unit.builders import LORD_HOWE, NEW_YORK, SAO_PAULO, a_band, a_tariff, at

HOUR = timedelta(hours=1)

# Wall clock on either side of a change, so far away from it that it is not ambiguous.
GAP = {
    SAO_PAULO: ("2017-10-14 23:30:00", "2017-10-15 01:30:00"),  # 00:00 becomes 01:00.
    NEW_YORK: ("2016-03-13 01:30:00", "2016-03-13 03:30:00"),  # 02:00 becomes 03:00.
    LORD_HOWE: ("2016-10-02 01:30:00", "2016-10-02 03:00:00"),  # 02:00 becomes 02:30.
}
FOLD = {
    SAO_PAULO: ("2018-02-17 22:50:00", "2018-02-18 00:10:00"),  # 00:00 becomes 23:00.
    NEW_YORK: ("2016-11-06 00:50:00", "2016-11-06 02:10:00"),  # 02:00 becomes 01:00.
    LORD_HOWE: ("2016-04-03 01:20:00", "2016-04-03 02:10:00"),  # 02:00 becomes 01:30.
}


def stretches(zone: ZoneInfo, around: tuple[str, str], *hours: str) -> list[tuple[str, int]]:
    """Give band and minutes of each stretch, in a tariff of bands named by their hours."""
    bands = [a_band(name=hour, starts_at=hour) for hour in sorted(hours)]
    rated = rate_call(*(at(text, zone) for text in around), a_tariff(zone=zone, bands=bands))
    return [(segment.band.name, segment.charged_minutes) for segment in rated.segments]


@pytest.mark.parametrize(
    ("zone", "around", "minutes"),
    [
        pytest.param(SAO_PAULO, GAP[SAO_PAULO], 60, id="sao-paulo-forward"),
        pytest.param(NEW_YORK, GAP[NEW_YORK], 60, id="new-york-forward"),
        pytest.param(LORD_HOWE, GAP[LORD_HOWE], 60, id="lord-howe-half-an-hour-forward"),
        pytest.param(SAO_PAULO, FOLD[SAO_PAULO], 140, id="sao-paulo-back"),
        pytest.param(NEW_YORK, FOLD[NEW_YORK], 140, id="new-york-back"),
        pytest.param(LORD_HOWE, FOLD[LORD_HOWE], 80, id="lord-howe-half-an-hour-back"),
    ],
)
def test_a_change_of_the_clock_alone_ends_no_stretch(zone, around, minutes):
    assert stretches(zone, around, "06:00") == [("06:00", minutes)]


@pytest.mark.parametrize(
    ("zone", "hours", "expected"),
    [
        pytest.param(
            SAO_PAULO, ["00:30", "22:00"], [("22:00", 30), ("00:30", 30)], id="inside-an-hour"
        ),
        pytest.param(
            SAO_PAULO, ["00:00", "22:00"], [("22:00", 30), ("00:00", 30)], id="where-it-begins"
        ),
        pytest.param(
            SAO_PAULO, ["01:00", "22:00"], [("22:00", 30), ("01:00", 30)], id="where-it-ends"
        ),
        pytest.param(
            LORD_HOWE, ["02:15", "22:00"], [("22:00", 30), ("02:15", 30)], id="inside-half-an-hour"
        ),
    ],
)
def test_a_band_whose_beginning_is_skipped_begins_when_the_clock_jumps(zone, hours, expected):
    assert stretches(zone, GAP[zone], *hours) == expected


def test_a_band_that_is_skipped_whole_has_no_stretch():
    assert stretches(NEW_YORK, GAP[NEW_YORK], "01:00", "02:10", "02:50") == [
        ("01:00", 30),
        ("02:50", 30),
    ]


def test_a_band_that_is_skipped_whole_does_not_cut_the_one_around_it():
    assert stretches(NEW_YORK, GAP[NEW_YORK], "02:10", "02:50") == [("02:50", 60)]


@pytest.mark.parametrize(
    ("zone", "hours", "expected"),
    [
        pytest.param(
            SAO_PAULO,
            ["06:00", "23:30"],
            [("06:00", 40), ("23:30", 30), ("06:00", 30), ("23:30", 40)],
            id="inside-an-hour",
        ),
        pytest.param(
            NEW_YORK,
            ["06:00", "01:30"],
            [("06:00", 40), ("01:30", 30), ("06:00", 30), ("01:30", 40)],
            id="inside-an-hour-of-the-morning",
        ),
        pytest.param(
            LORD_HOWE,
            ["06:00", "01:45"],
            [("06:00", 25), ("01:45", 15), ("06:00", 15), ("01:45", 25)],
            id="inside-half-an-hour",
        ),
        pytest.param(
            NEW_YORK,
            ["01:15", "01:45"],
            [("01:45", 25), ("01:15", 30), ("01:45", 30), ("01:15", 30), ("01:45", 25)],
            id="a-band-around-the-change-goes-on",
        ),
    ],
)
def test_a_clock_going_back_over_an_edge_enters_the_earlier_band_again(zone, hours, expected):
    assert stretches(zone, FOLD[zone], *hours) == expected


@pytest.mark.parametrize(
    ("zone", "hours", "expected"),
    [
        pytest.param(
            NEW_YORK,
            ["01:00", "06:00"],
            [("06:00", 10), ("01:00", 130)],
            id="where-it-goes-back-to",
        ),
        pytest.param(
            NEW_YORK, ["02:00", "06:00"], [("06:00", 130), ("02:00", 10)], id="where-it-comes-from"
        ),
        pytest.param(SAO_PAULO, ["00:00", "06:00"], [("06:00", 130), ("00:00", 10)], id="midnight"),
    ],
)
def test_an_edge_where_the_clock_goes_back_is_passed_once(zone, hours, expected):
    assert stretches(zone, FOLD[zone], *hours) == expected


@pytest.mark.parametrize("fold", [0, 1], ids=["first", "second"])
def test_a_band_begins_in_both_passes_of_an_hour(fold):
    edge = at("2016-11-06 01:30:00", NEW_YORK, fold=fold)
    bands = [a_band(name=hour, starts_at=hour) for hour in ("01:30", "06:00")]
    tariff = a_tariff(zone=NEW_YORK, bands=bands)

    before, after = (
        rate_call(instant, instant, tariff).standing_band.name
        for instant in (edge - timedelta(microseconds=1), edge)
    )

    assert (before, after) == ("06:00", "01:30")


@pytest.mark.parametrize(
    ("first_hour", "hours"),
    [
        pytest.param("2017-10-15 01:00:00", 23, id="short"),
        pytest.param("2018-02-17 00:00:00", 25, id="long"),
        pytest.param("2017-12-11 00:00:00", 24, id="ordinary"),
    ],
)
def test_a_day_has_the_hours_it_has(first_hour, hours):
    start = at(first_hour, SAO_PAULO)
    bands = [a_band(), a_band(name="reduced", starts_at="22:00:00", minute_rate="0.01")]

    rated = rate_call(start, start + hours * HOUR, a_tariff(zone=SAO_PAULO, bands=bands))

    minutes = [segment.charged_minutes for segment in rated.segments]
    assert minutes == [(hours - 18) * 60, 960, 120] if hours < 24 else [360, 960, hours * 60 - 1320]
