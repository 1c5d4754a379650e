"""Any tariff, and anything at all, offered for publication."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import BillingError
from app.domain.rating import rate_call
from app.schemas.tariffs import read_tariff
from tests.tariff_offers import band_json, offer_bytes, offer_of, tariff_offer
from tests.unit import oracle
from tests.unit.rating_calls import PLACES, calls, fractions

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
bands_of_anything = st.lists(
    anything
    | st.builds(
        lambda name, value: band_json(**{name: value}), st.sampled_from([*band_json()]), anything
    ),
    max_size=3,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.sampled_from([*tariff_offer()]), anything | bands_of_anything)
def test_whatever_a_field_holds_it_is_read_or_refused(name, value):
    text = offer_bytes(**{name: value})
    try:
        read_tariff(text)
    except BillingError as refusal:
        # What is told can be sent.
        json.dumps(refusal.members).encode()


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.binary(max_size=60))
def test_whatever_the_bytes_are_they_are_refused(text):
    with pytest.raises(BillingError):
        read_tariff(text)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(calls(PLACES), fractions, fractions, st.randoms(use_true_random=False))
def test_an_offered_tariff_prices_as_walking_through_the_seconds_does(call, first, last, chance):
    start, end, bands, zone = call
    start, end = sorted([start + first, end + last])
    offer = offer_of(bands, zone)
    chance.shuffle(offer["bands"])

    tariff = read_tariff(json.dumps(offer).encode()).with_id(1)

    assert rate_call(start, end, tariff).price == oracle.price_of(start, end, bands, zone) * 100
