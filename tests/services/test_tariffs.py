"""Publication: what is stored is what was offered, whole or not at all, even when it is cut off."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings

from app.domain.rating import rate_call
from app.limits.deadline import Deadline
from app.schemas.tariffs import read_tariff
from app.services import billing, tariffs
from app.store import audit
from app.store import tariffs as store
from tests.cutting import cut_off_after_the_commit
from tests.factories import a_pair
from tests.intake import accept
from tests.tariff_offers import offer_bytes, offer_of
from tests.unit import oracle
from tests.unit.rating_calls import PLACES, calls

SKEW = timedelta(hours=1)
COUNTS = """
    SELECT (SELECT count(*) FROM tariffs), (SELECT count(*) FROM time_bands),
           (SELECT count(*) FROM audit_log)
"""
days = count(1)


def publish(app, **fields):
    with app.app_context():
        return tariffs.publish(
            read_tariff(offer_bytes(**fields)),
            actor="cli:ana",
            clock_skew_max=SKEW,
            deadline=Deadline.start(),
        )


def withdraw(app, tariff_id):
    with app.app_context():
        return tariffs.withdraw(
            tariff_id, actor="cli:ana", clock_skew_max=SKEW, deadline=Deadline.start()
        )


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(call=calls(PLACES))
def test_what_was_published_is_read_back_and_prices_as_the_seconds_do(app, call):
    start, end, bands, zone = call
    begins = datetime(2100, 1, 1, tzinfo=UTC) + timedelta(days=next(days))
    offer = offer_of(bands, zone) | {"effective_from": begins.isoformat()}
    draft = read_tariff(json.dumps(offer).encode())

    with app.app_context():
        published = tariffs.publish(
            draft,
            actor="cli:ana",
            clock_skew_max=SKEW,
            is_confirmed=True,
            deadline=Deadline.start(),
        )
        read, _ = tariffs.one_tariff(published.tariff_id, begins, deadline=Deadline.start())

    assert read == published == draft.with_id(published.tariff_id)
    assert rate_call(start, end, read).price == oracle.price_of(start, end, bands, zone) * 100


@pytest.mark.parametrize("step", ["add", "record"])
def test_what_fails_midway_leaves_nothing(app, database, monkeypatch, step):
    before = database.rows(COUNTS)
    monkeypatch.setattr(audit if step == "record" else store, step, lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        publish(app)

    assert database.rows(COUNTS) == before


def test_a_publication_cut_off_while_it_commits_is_found_done(app, database, monkeypatch):
    with cut_off_after_the_commit(monkeypatch):
        tariff = publish(app)

    assert database.rows("SELECT max(id) FROM tariffs") == [(tariff.tariff_id,)]
    assert database.rows("SELECT count(*) FROM audit_log") == [(1,)]


def test_a_withdrawal_cut_off_while_it_commits_is_found_done(app, database, monkeypatch):
    tariff = publish(app)
    with cut_off_after_the_commit(monkeypatch):
        assert withdraw(app, tariff.tariff_id) == tariff

    assert database.rows("SELECT max(id) FROM tariffs") == [(1,)]
    assert database.rows("SELECT count(*) FROM audit_log") == [(2,)]


def test_a_bill_run_that_nobody_reads_on_keeps_no_publication_waiting(app, database):
    for subscriber in ("11987654321", "11987654322"):
        accept(app, *a_pair(subscriber, *["2018-01-03T14:00:00Z"] * 2, source=subscriber))
    pricing = app.extensions["pulso_pricing"]
    pricing._book = None
    with app.app_context():
        bills = billing.bill_run(
            None, pricing=pricing, now=datetime(2018, 2, 3, tzinfo=UTC), deadline=Deadline.start()
        )
        next(bills)

        waiting = "SELECT mode FROM pg_locks WHERE relation = 'tariffs'::regclass"
        assert database.rows(waiting) == []
        assert len(list(bills)) == 1
