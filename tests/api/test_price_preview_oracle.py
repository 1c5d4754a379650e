"""A preview against the price that the same call really gets, and against the oracle."""

import itertools
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import a_pair
from tests.tariffs import FIRST_TARIFF, published
from tests.unit import oracle
from tests.unit.builders import SAO_PAULO, UTC_ZONE, at
from tests.unit.oracle import Band

LATER_BEGINS = at("2018-06-01 12:00:00")
LATER_TARIFF = [Band(time(0), Decimal(1), Decimal("0.0125"))]
# Where the tariff changes, where clocks in São Paulo are put forward and back, and band edges.
ANCHORS = [
    LATER_BEGINS,
    *(at(text) for text in ("2017-10-15 03:00", "2018-02-18 02:00", "2018-01-04 00:00")),
]
lengths = st.one_of(
    st.timedeltas(timedelta(0), timedelta(hours=9)),
    st.timedeltas(timedelta(0), timedelta(days=7)),
)
instants = st.one_of(
    st.builds(
        lambda anchor, off: anchor + off,
        st.sampled_from(ANCHORS),
        st.timedeltas(timedelta(hours=-9), timedelta(hours=9)),
    ),
    st.builds(
        lambda off: ANCHORS[0] + off, st.timedeltas(timedelta(days=-400), timedelta(days=400))
    ),
)
# How a switch may write an instant: with Z, with an offset, or as the billing zone's wall clock.
zones = st.sampled_from([UTC, UTC_ZONE, SAO_PAULO, None])


def written(instant, zone):
    if zone is None:
        return instant.astimezone(SAO_PAULO).replace(tzinfo=None).isoformat()
    return instant.astimezone(zone).isoformat()


@pytest.fixture
def two_tariffs(sao_paulo_service):
    """A client of a service in São Paulo, where a flat tariff follows the first one."""
    with published(sao_paulo_service.database, "later", LATER_BEGINS, "0.0125"):
        yield sao_paulo_service.app.test_client()


_numbers = itertools.count()


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(instants, lengths, zones)
def test_a_call_gets_the_price_that_the_preview_gave(two_tariffs, start, length, zone):
    call_id = f"{next(_numbers)}"
    texts = written(start, zone), written(start + length, zone)

    shown = two_tariffs.get(
        "/v1/price-preview", query_string=dict(zip(("start", "end"), texts, strict=True))
    )
    two_tariffs.post("/v1/call-records", json=a_pair(call_id, *texts))
    call = two_tariffs.get(f"/v1/calls/{call_id}").json

    if call.get("state") != "priced":  # One of the texts has two readings.
        assert shown.status_code == 422
        return
    same = "price", "amount", "currency", "duration", "duration_seconds", "tariff", "breakdown"
    assert {name: shown.json[name] for name in same} == {name: call[name] for name in same}
    assert shown.json["started_at"] == call["start"]["timestamp"]
    assert shown.json["ended_at"] == call["end"]["timestamp"]
    begin, until = (datetime.fromisoformat(shown.json[name]) for name in ("started_at", "ended_at"))
    bands = (FIRST_TARIFF, SAO_PAULO) if begin < LATER_BEGINS else (LATER_TARIFF, UTC_ZONE)
    assert Decimal(shown.json["amount"]) == oracle.price_of(begin, until, *bands)
