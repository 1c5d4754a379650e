"""Tariffs that cannot be wrong by shape, and which of them is in force (rules 9 and 10)."""

from datetime import timedelta

import pytest

from app.domain.tariff import TariffBook
from tests.unit.builders import SAO_PAULO, a_band, a_tariff, at

MICROSECOND = timedelta(microseconds=1)
READ_AT = at("2018-01-01 00:00:00")
FIRST = a_tariff(tariff_id=1, effective_from="1970-01-01 00:00:00")
SECOND = a_tariff(tariff_id=7, effective_from="2017-01-01 00:00:00")
THIRD = a_tariff(tariff_id=3, effective_from="2018-06-01 00:00:00")


@pytest.mark.parametrize(
    "tariffs",
    [[FIRST, SECOND, THIRD], [THIRD, SECOND, FIRST], [SECOND, THIRD, FIRST]],
    ids=["in-order", "backwards", "mixed"],
)
@pytest.mark.parametrize(
    ("instant", "tariff"),
    [
        pytest.param(at("1970-01-01 00:00:00") - MICROSECOND, None, id="before-the-first"),
        pytest.param(at("1970-01-01 00:00:00"), FIRST, id="first-instant-of-the-first"),
        pytest.param(
            at("2017-01-01 00:00:00") - MICROSECOND, FIRST, id="last-instant-of-the-first"
        ),
        pytest.param(at("2017-01-01 00:00:00"), SECOND, id="first-instant-of-the-second"),
        pytest.param(at("2018-06-01 00:00:00") - MICROSECOND, SECOND, id="last-of-the-second"),
        pytest.param(at("2018-06-01 00:00:00"), THIRD, id="first-instant-of-the-third"),
        pytest.param(at("2099-01-01 00:00:00"), THIRD, id="for-ever-after"),
        pytest.param(
            at("2017-01-01 00:00:00").astimezone(SAO_PAULO), SECOND, id="given-in-another-zone"
        ),
    ],
)
def test_a_tariff_is_in_force_from_its_instant_until_the_next_ones(tariffs, instant, tariff):
    assert TariffBook.of(tariffs, READ_AT).in_force_at(instant) is tariff


def test_no_tariff_is_in_force_where_there_is_none():
    assert TariffBook.of([], READ_AT).in_force_at(READ_AT) is None


def test_a_tariff_is_found_by_its_id():
    book = TariffBook.of([THIRD, FIRST, SECOND], READ_AT)

    assert book.with_id(7) is SECOND
    assert book.with_id(2) is None


def test_a_book_tells_up_to_when_it_is_complete():
    assert TariffBook.of([FIRST], READ_AT).complete_until == READ_AT


@pytest.mark.parametrize(
    "hours",
    [
        pytest.param([], id="none"),
        pytest.param(["22:00:00", "06:00:00"], id="not-in-order"),
        pytest.param(["06:00:00", "06:00:00"], id="two-at-once"),
        pytest.param(["00:00:00", "06:00:00", "05:59:59"], id="the-last-one-too-early"),
    ],
)
def test_a_tariff_has_bands_in_the_order_in_which_they_start(hours):
    with pytest.raises(ValueError, match="one band or more, in the order"):
        a_tariff(
            bands=[a_band(name=str(place), starts_at=hour) for place, hour in enumerate(hours)]
        )


@pytest.mark.parametrize("hours", [["00:00:00"], ["05:59:59", "06:00:00"], ["00:00", "23:59:59"]])
def test_a_tariff_may_have_any_hours_in_order(hours):
    bands = [a_band(starts_at=hour) for hour in hours]

    assert a_tariff(bands=bands).bands == tuple(bands)


def test_a_band_keeps_its_rates_exactly():
    band = a_band(standing_charge="0.36", minute_rate="0.0125")

    assert (band.standing_charge, band.minute_rate) == (3_600, 125)


@pytest.mark.parametrize("amount", ["-0.01", "0.00001", "0.12345", "NaN", "sNaN", "Infinity"])
@pytest.mark.parametrize("field", ["standing_charge", "minute_rate"])
def test_a_band_with_an_impossible_amount_is_refused(field, amount):
    with pytest.raises(ValueError, match="must"):
        a_band(**{field: amount})
