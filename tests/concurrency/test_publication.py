"""Publication against pricing: whatever races, a call gets the tariff in force when it started.

Calls start as far ahead of the clock as is let in, and tariffs begin as soon after as is let in.
"""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app import create_app
from app.api.readers import read_body
from app.database.connections import db
from app.domain.errors import InvalidTariff, NotFound, TariffExists, TariffInUse
from app.limits.deadline import Deadline
from app.schemas.call_records import CallRecordReader
from app.schemas.tariffs import read_tariff
from app.services import ingestion, tariffs
from app.services.pricing import Pricing
from app.store import audit
from tests.concurrency.racing import together
from tests.concurrency.slack import Slack
from tests.conftest import settings_for
from tests.factories import a_pair, bytes_of
from tests.tariff_offers import offer_bytes
from tests.unit.builders import UTC_ZONE

SKEW = timedelta(seconds=1)
RACE_SECONDS, RACE_SECONDS_MAX = 5, 60
# The tariff that each call was priced by, and the one that was in force when it started.
PRICED_BY = """
    SELECT tariff_id, (SELECT id FROM tariffs WHERE effective_from <= started_at
                       ORDER BY effective_from DESC LIMIT 1)
    FROM calls
"""


def publish(app, effective_from, **fields):
    draft = read_tariff(offer_bytes(effective_from=effective_from.isoformat(), **fields))
    with app.app_context():
        return tariffs.publish(
            draft, actor="cli:ana", clock_skew_max=SKEW, deadline=Deadline.start()
        )


def withdraw(app, tariff_id):
    with app.app_context():
        return tariffs.withdraw(
            tariff_id, actor="cli:ana", clock_skew_max=SKEW, deadline=Deadline.start()
        )


def price(app, pricing, call_id, ahead, *, singly=False):
    """Take in a call that starts so much `ahead` of the clock: together, or one record singly."""
    now = datetime.now(UTC)
    start = (now + ahead).isoformat()
    body = read_body(
        b"[%s,%s]" % tuple(map(bytes_of, a_pair(call_id, start, start))),
        CallRecordReader(UTC_ZONE),
        now,
    )
    with app.app_context():
        for deliveries in zip(body.deliveries) if singly else [body.deliveries]:
            ingestion.accept(
                deliveries, pricing=pricing, received_at=now, deadline=Deadline.start()
            )


def sleep_until(instant):
    time.sleep(max(0, (instant - datetime.now(UTC)).total_seconds()))


class Workers:
    """Threads that price calls as several workers do, each with tariffs of its own in memory."""

    def __init__(self, app, number):
        self._app = app
        self._number = number
        self._stop = threading.Event()

    def __enter__(self):
        self._pool = ThreadPoolExecutor(self._number)
        self._running = [self._pool.submit(self._run, each) for each in range(self._number)]
        return self

    def _run(self, number):
        pricing = Pricing(UTC_ZONE, SKEW)
        for call in range(100_000):
            if self._stop.is_set():
                return
            price(self._app, pricing, f"{number}-{call}", SKEW, singly=call % 2 == 1)

    def __exit__(self, *_):
        self._stop.set()
        self._pool.shutdown()
        for each in self._running:
            each.result()


def test_calls_priced_while_tariffs_are_published_have_the_one_in_force(app, database):
    """A publication is just early enough, or just not."""
    slack = Slack(0.005)
    begin = time.monotonic()
    with Workers(app, 4):
        while time.monotonic() < begin + RACE_SECONDS or not slack.is_known():
            assert time.monotonic() < begin + RACE_SECONDS_MAX, vars(slack)
            try:
                publish(app, datetime.now(UTC) + SKEW + timedelta(seconds=slack.seconds))
                slack.was(enough=True)
            except InvalidTariff:
                slack.was(enough=False)

    used = Counter(database.rows(PRICED_BY))
    assert {priced_by for priced_by in used if priced_by[0] != priced_by[1]} == set()
    assert len(used) > 5


def test_calls_priced_while_tariffs_are_withdrawn_have_the_one_in_force(app, database):
    """A withdrawal comes just before it would be too late, or just after."""
    slack = Slack(0.005)
    begin = time.monotonic()
    with Workers(app, 4):
        while time.monotonic() < begin + RACE_SECONDS or not slack.is_known():
            assert time.monotonic() < begin + RACE_SECONDS_MAX, vars(slack)
            begins = datetime.now(UTC) + SKEW + timedelta(seconds=slack.seconds + 0.1)
            with suppress(InvalidTariff):
                tariff = publish(app, begins)
                sleep_until(begins - SKEW - timedelta(seconds=slack.seconds))
                try:
                    withdraw(app, tariff.tariff_id)
                    slack.was(enough=True)
                except TariffInUse:
                    slack.was(enough=False)

    used = Counter(database.rows(PRICED_BY))
    assert {priced_by for priced_by in used if priced_by[0] != priced_by[1]} == set()
    assert len(used) > 5


@pytest.fixture
def held(monkeypatch):
    """A change of tariffs that stops where all is written and nothing committed."""
    written, go_on = threading.Event(), threading.Event()
    record = audit.record

    def hold(*arguments):
        record(*arguments)
        written.set()
        assert go_on.wait(20)

    monkeypatch.setattr(audit, "record", hold)
    return written, go_on


def test_who_would_read_the_tariffs_waits_for_one_that_is_being_published(app, database, held):
    """The race itself, held open: the tariff begins as calls start that are priced meanwhile."""
    written, go_on = held
    begins = datetime.now(UTC) + SKEW + timedelta(seconds=1)
    with ThreadPoolExecutor(2) as pool:
        publication = pool.submit(publish, app, begins)
        assert written.wait(20)
        sleep_until(begins - SKEW + timedelta(milliseconds=10))
        priced = pool.submit(price, app, Pricing(UTC_ZONE, SKEW), "70", SKEW)
        time.sleep(0.2)
        go_on.set()
        tariff = publication.result()
        priced.result()

    assert database.rows(PRICED_BY) == [(tariff.tariff_id, tariff.tariff_id)]


def test_a_publication_waits_for_who_has_read_the_tariffs(app, database):
    """And looks at the clock only then: what it says before may be too early."""
    begins = datetime.now(UTC) + SKEW + timedelta(milliseconds=100)
    with database.connect() as opened, ThreadPoolExecutor(1) as pool:
        opened.set_session(autocommit=False)
        with opened.cursor() as cursor:
            cursor.execute("SELECT FROM tariffs")
            publication = pool.submit(publish, app, begins)
            time.sleep(0.3)
            opened.commit()
        with pytest.raises(InvalidTariff):
            publication.result()


def test_of_two_tariffs_published_for_one_instant_at_once_one_is_refused(app, database):
    for number in range(20):
        begins = datetime(2100, 1, 1, tzinfo=UTC) + timedelta(days=number)

        def attempt(name, begins=begins):
            try:
                return publish(app, begins, name=name).name
            except TariffExists:
                return "refused"

        outcomes = together(*(lambda name=name: attempt(name) for name in "abcd"))

        [stands] = set(outcomes) - {"refused"}
        assert outcomes.count("refused") == 3
        assert database.rows("SELECT name FROM tariffs WHERE effective_from = %s", (begins,)) == [
            (stands,)
        ]
    assert database.rows("SELECT count(*) FROM audit_log") == [(20,)]


def test_of_two_who_withdraw_a_tariff_at_once_one_is_told_it_is_gone(app, database):
    for number in range(20):
        tariff = publish(app, datetime(2100, 1, 1, tzinfo=UTC) + timedelta(days=number))

        def attempt(tariff_id=tariff.tariff_id):
            try:
                return withdraw(app, tariff_id).tariff_id
            except NotFound:
                return None

        assert sorted(together(attempt, attempt), key=bool) == [None, tariff.tariff_id]


def test_a_worker_that_has_tariffs_in_memory_sees_a_new_one_in_time(database):
    quick = replace(settings_for(database.url), clock_skew_max=SKEW)
    one, other = create_app(quick), create_app(quick)
    try:
        now = datetime.now(UTC).isoformat()
        for each in (one, other):
            each.test_client().post("/v1/call-records", json=a_pair("warm", now, now))
        begins = datetime.now(UTC) + SKEW + timedelta(seconds=1)
        published = one.test_client().post(
            "/v1/tariffs", data=offer_bytes(effective_from=begins.isoformat())
        )
        sleep_until(begins - SKEW + timedelta(milliseconds=10))
        records = a_pair("70", *[begins.isoformat()] * 2)
        other.test_client().post("/v1/call-records", json=records)
        before = a_pair("71", *[(begins - timedelta(microseconds=1)).isoformat()] * 2)
        other.test_client().post("/v1/call-records", json=before)
    finally:
        for each in (one, other):
            with each.app_context():
                db.engine.dispose()

    assert database.rows("SELECT call_id, tariff_id FROM calls ORDER BY 1") == [
        ("70", published.json["id"]),
        ("71", 1),
        ("warm", 1),
    ]
