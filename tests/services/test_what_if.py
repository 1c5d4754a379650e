"""What-if: a month's frozen prices against another tariff, added up once more from the rules."""

import random
import threading
import tracemalloc
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from app.domain.period import BillingPeriod
from app.limits.deadline import Deadline
from app.services.what_if import what_if
from tests.conftest import Service
from tests.factories import a_pair, a_start
from tests.tariffs import FIRST_TARIFF, published
from tests.unit import oracle
from tests.unit.builders import UTC_ZONE, at
from tests.unit.oracle import Band

JANUARY = BillingPeriod(2018, 1)
OTHER_TARIFF = [Band(time(0), Decimal(1), Decimal("0.0525"))]
HASH = "SELECT count(*), md5(string_agg(calls::text, '' ORDER BY call_id)) FROM calls"


def compare(app, tariff_id, *, period=JANUARY, progress=lambda calls, _: nullcontext(calls)):
    with app.app_context():
        return what_if(
            period,
            tariff_id,
            pricing=app.extensions["pulso_pricing"],
            now=datetime.now(UTC),
            deadline=Deadline.start(),
            progress=progress,
        )


@pytest.fixture
def other_tariff(database):
    """The id of a tariff that nothing was priced under."""
    with published(database, "other", "2100-01-01Z", "0.0525") as tariff_id:
        yield tariff_id


@pytest.fixture
def calls(client):
    """Calls of some months, as (call_id, start, end): any length, many about midnight."""
    chance = random.Random(7)
    made = []
    for number in range(400):
        start = at("2017-12-28") + chance.random() * timedelta(days=40)
        length = chance.choice([0, 59, 600, 7200, 90_000]) * chance.random()
        made.append((f"{number}", start, start + timedelta(seconds=round(length, 6))))
    records = [
        record
        for call_id, start, end in made
        for record in a_pair(call_id, start.isoformat(), end.isoformat())
    ]
    records.append(a_start("open", "2018-01-03T14:00:00Z"))
    assert client.post("/v1/call-records", json=records).json["calls_priced"] == len(made)
    return made


def test_the_sums_are_those_of_the_rules_over_the_calls_that_ended_in_the_month(
    app, calls, other_tariff
):
    prices = {
        call_id: tuple(
            int(100 * oracle.price_of(start, end, bands, UTC_ZONE))
            for bands in (FIRST_TARIFF, OTHER_TARIFF)
        )
        for call_id, start, end in calls
        if (end.year, end.month) == (2018, 1)
    }
    assert 200 < len(prices) < len(calls)

    tariff, found = compare(app, other_tariff)

    assert tariff.name == "other"
    assert found.count == len(prices)
    assert found.frozen == sum(frozen for frozen, _ in prices.values())
    assert found.under_tariff == sum(other for _, other in prices.values())
    assert found.dearer == sum(other > frozen for frozen, other in prices.values()) > 0
    assert found.cheaper == sum(other < frozen for frozen, other in prices.values()) > 0
    differences = sorted((abs(other - frozen) for frozen, other in prices.values()), reverse=True)
    assert [abs(call.difference) for call in found.largest] == differences[:20]
    for call in found.largest:
        assert (call.frozen, call.under_tariff) == prices[call.call_id]


def test_under_the_tariff_that_was_in_force_nothing_differs(app, calls):
    _, found = compare(app, 1)

    assert (found.difference, found.largest) == (0, [])
    assert found.same == found.count > 200


def test_it_writes_nothing_and_could_not(database, record_statements):
    client, sent = record_statements(database)
    client.post("/v1/call-records", json=a_pair("70", *["2018-01-03T14:00:00Z"] * 2))
    before = database.rows(HASH)
    assert before[0][0] == 1
    sent.clear()

    assert compare(client.application, 1)[1].count == 1

    assert sent[0] == "SET TRANSACTION READ ONLY"
    assert not [each for each in sent[1:] if each.startswith("SET TRANSACTION")]
    assert database.rows(HASH) == before


def test_it_begins_again_when_the_connection_is_cut(app, calls, other_tariff, database):
    expected = compare(app, other_tariff)[1]
    begun = []

    @contextmanager
    def progress(compared, count):
        begun.append(count)
        if len(begun) == 1:
            database.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND application_name = 'pulso'"
            )
        yield compared

    found = compare(app, other_tariff, progress=progress)[1]

    assert begun == [found.count] * 2
    assert vars(found) == vars(expected)


def test_it_may_take_longer_than_a_server_may_be_silent(app, calls, monkeypatch):
    monkeypatch.setattr("app.limits.times.SILENT_SECONDS_MAX", 0.1)
    begun = []

    @contextmanager
    def progress(compared, count):
        begun.append(count)
        threading.Event().wait(1.2)  # The watchdog looks twice a second.
        yield compared

    _, found = compare(app, 1, progress=progress)

    assert begun == [found.count]


def test_a_large_month_takes_no_more_memory_than_a_small_one(new_database):
    database = new_database()
    database.rows(
        """
        INSERT INTO calls (call_id, start_record_id, started_at, source, destination,
            start_received_at, end_record_id, ended_at, end_received_at, price_cents, tariff_id,
            period, priced_at)
        SELECT n::text, '', started_at, (11900000000 + n % 3000)::text, '1133334444',
            started_at, '', started_at + n % 600 * interval '1 second', started_at, 81, 1,
            CASE WHEN n <= 60000 THEN date '2018-01-01' ELSE '2017-12-01' END, started_at
        FROM generate_series(1, 66000) AS n,
            LATERAL (SELECT timestamptz '2018-01-03 12:00+00' AS started_at)
        """
    )
    small = BillingPeriod(2017, 12)
    with closing(Service(database, "UTC")) as service:
        assert compare(service.app, 1, period=small)[1].count == 6_000
        # The least of three, since the peak is that of all threads there are.
        large_peak, small_peak = (
            min(peak_of(service.app, period) for _ in range(3)) for period in (JANUARY, small)
        )
        assert large_peak < 1.1 * small_peak


def peak_of(app, period):
    """The most bytes that a what-if had at once."""
    tracemalloc.start()
    try:
        compare(app, 1, period=period)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
