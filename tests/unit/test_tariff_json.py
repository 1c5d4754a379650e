"""Tariffs as JSON: what is read, and what is refused, all of it at once and where it stands."""

import json
from datetime import time

import pytest

from app.domain.errors import BodyTooLarge, InvalidTariff, UnreadableJson
from app.schemas.tariffs import read_tariff, tariff_json
from tests.tariff_offers import band_json, offer_bytes, tariff_offer
from tests.unit.builders import SAO_PAULO, a_band, at


def errors_of(text):
    with pytest.raises(InvalidTariff) as refusal:
        read_tariff(text)
    return {each["pointer"]: each["detail"] for each in refusal.value.members["errors"]}


def test_a_tariff_is_read():
    draft = read_tariff(offer_bytes())

    assert draft == (
        "dear",
        at("2100-01-01 00:00:00"),
        SAO_PAULO,
        "BRL",
        (a_band(), a_band(name="reduced", starts_at="22:00:00", minute_rate="0.0125")),
    )


def test_what_was_read_is_written_as_it_was_offered():
    assert tariff_json(read_tariff(offer_bytes()).with_id(7)) == {"id": 7, **tariff_offer()}


@pytest.mark.parametrize(
    ("fields", "attribute", "value"),
    [
        ({"effective_from": "2100-01-01T00:00:00-03:00"}, "effective_from", "2100-01-01 03:00:00"),
        ({"effective_from": "2100-01-01T00:00:00.5Z"}, "effective_from", "2100-01-01 00:00:00.5"),
    ],
)
def test_an_instant_may_have_another_offset_and_a_fraction(fields, attribute, value):
    assert getattr(read_tariff(offer_bytes(**fields)), attribute) == at(value)


def test_bands_may_be_offered_in_any_order():
    hours = ["22:00", "00:00", "06:00:01", "05:59"]

    draft = read_tariff(offer_bytes(bands=[band_json(starts_at=hour) for hour in hours]))

    assert [band.starts_at for band in draft.bands] == [
        time(0),
        time(5, 59),
        time(6, 0, 1),
        time(22),
    ]


@pytest.mark.parametrize("number", [1, 48])
def test_how_many_bands_a_day_may_have(number):
    bands = [band_json(starts_at=f"{half // 2:02d}:{half % 2 * 3}0") for half in range(number)]

    assert len(read_tariff(offer_bytes(bands=bands)).bands) == number


@pytest.mark.parametrize(
    ("rate", "amount"),
    [
        ("0", 0),
        ("0.0001", 1),
        ("12", 120_000),
        ("0.1", 1_000),
        ("99999999.9999", 999_999_999_999),
    ],
)
def test_a_rate_is_exact_to_four_decimals(rate, amount):
    [band] = read_tariff(offer_bytes(bands=[band_json(minute_rate=rate)])).bands

    assert band.minute_rate == amount


def test_other_fields_are_refused_by_name():
    with pytest.raises(InvalidTariff) as refusal:
        read_tariff(offer_bytes(id=9, note={"a": None}))

    assert [each["pointer"] for each in refusal.value.members["errors"]] == ["/id", "/note"]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("name", ["", " ", "a\nb", "a\0b", "\ud800", "x" * 101, "\u202eabc", 7, None, ["x"]]),
        (
            "effective_from",
            [
                *[
                    "2100-01-01T00:00:00",
                    "2100-01-01",
                    "2100-02-30T00:00:00Z",
                    "",
                    4102444800,
                    None,
                ],
                *["2100-01-01T00:00:00+24:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"],
            ],
        ),
        (
            "time_zone",
            ["America/Nowhere", "localtime", "../UTC", "utc", "-03:00", "", "UTC\0", 3, None, []],
        ),
        ("currency", ["R$", "brl", "BRLX", "\uff22RL", "", 986, None]),
        ("bands", [[], {}, "all day", None, 7, [band_json()] * 49]),
    ],
)
def test_a_value_that_a_tariff_cannot_have(name, wrong):
    for each in wrong:
        assert list(errors_of(offer_bytes(**{name: each}))) == [f"/{name}"], each


RATES = ["-0.01", "0.00001", "0.09000", "100000000", "9" * 21, "1e2", "+1", " 1", "1.", ".5"]
RATES += ["0,09", "", "NaN", "Infinity", "\uff11", 0.09, 1, True, None, ["0.09"]]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("name", ["", "\x7f", 7, None]),
        ("starts_at", ["24:00", "6:00", "06", "06:00:00.5", "06:60", "06:00Z", "", 6, None]),
        ("standing_charge", RATES),
        ("minute_rate", RATES),
    ],
)
def test_a_value_that_a_band_cannot_have(name, wrong):
    for each in wrong:
        bands = [band_json(starts_at="00:00"), band_json(**{name: each})]
        assert list(errors_of(offer_bytes(bands=bands))) == [f"/bands/1/{name}"], each


@pytest.mark.parametrize("name", tariff_offer())
def test_a_field_that_a_tariff_must_have(name):
    offer = tariff_offer()
    del offer[name]

    assert errors_of(json.dumps(offer).encode()) == {f"/{name}": "is missing"}


@pytest.mark.parametrize("name", band_json())
def test_a_field_that_a_band_must_have(name):
    band = band_json()
    del band[name]

    assert errors_of(offer_bytes(bands=[band])) == {f"/bands/0/{name}": "is missing"}


def test_two_bands_cannot_start_at_once():
    hours = ["06:00", "22:00", "06:00:00", "06:00"]
    bands = [band_json(starts_at=hour) for hour in hours]

    assert errors_of(offer_bytes(bands=bands)) == dict.fromkeys(
        ["/bands/2/starts_at", "/bands/3/starts_at"], "another band starts at the same time"
    )


def test_a_field_that_stands_twice_is_refused_in_a_band_too():
    text = offer_bytes().replace(b'"name": "dear"', b'"name": "dear", "name": "cheap"')
    text = text.replace(b'"name": "reduced"', b'"name": "reduced", "minute_rate": "0.00"')

    assert errors_of(text) == {
        "/name": "appears more than once",
        "/bands/1/minute_rate": "appears more than once",
    }


def test_all_errors_are_reported_at_once():
    bands = [band_json(minute_rate=0.09), 7, band_json(name=""), band_json()]

    assert errors_of(offer_bytes(currency="R$", time_zone=3, bands=bands)).keys() == {
        "/time_zone",
        "/currency",
        "/bands/0/minute_rate",
        "/bands/1",
        "/bands/2/name",
        "/bands/2/starts_at",
        "/bands/3/starts_at",
    }


@pytest.mark.parametrize("text", [b"[]", b'"x"', b"7", b"null", b"true"])
def test_a_value_that_is_not_an_object_is_refused(text):
    assert errors_of(text) == {"": "must be an object"}


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"\xff", b'{"a": NaN}', b"[" * 60_000, b"9" * 5_000, offer_bytes()[:-1]],
    ids=range(7),
)
def test_invalid_json_is_refused(text):
    with pytest.raises(UnreadableJson):
        read_tariff(text)


def test_a_text_that_is_too_long_is_not_looked_at():
    with pytest.raises(BodyTooLarge):
        read_tariff(offer_bytes(note="x" * 65_536))


def test_a_byte_order_mark_does_not_matter():
    assert read_tariff(b"\xef\xbb\xbf" + offer_bytes()) == read_tariff(offer_bytes())
