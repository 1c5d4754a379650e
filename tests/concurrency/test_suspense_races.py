"""Staff and senders that race for one suspended record: it becomes one thing, once."""

import random
from collections import Counter
from datetime import UTC, datetime
from functools import partial

import pytest

from app.domain.errors import AlreadyResolved
from app.limits.deadline import Deadline
from app.services import suspense, suspense_retry
from app.services.suspense import BEGINNING, Note
from app.services.suspense_retry import RetryContext
from tests.concurrency.racing import DEADLOCKS, NOW, together
from tests.factories import a_start, an_end, bytes_of
from tests.intake import accept
from tests.suspending import audit_lines_of, state_of, suspend, suspense_id_of

ROUNDS = 40
STORED = "SELECT count(*), count(started_at), count(ended_at) FROM calls"


def context_of(app):
    return RetryContext(
        "cli:ana", NOW, app.extensions["pulso_pricing"], app.extensions["pulso_read_kept"]
    )


def retry(app, suspense_id):
    with app.app_context():
        return outcome_of(
            lambda: suspense_retry.retry(
                bytes.fromhex(suspense_id), context_of(app), deadline=Deadline.start()
            )
        )


def correct(app, suspense_id, record):
    read = app.extensions["pulso_read_kept"]
    with app.app_context():
        deliveries = read(bytes_of(record), NOW)
        return outcome_of(
            lambda: suspense_retry.correct(
                bytes.fromhex(suspense_id), deliveries, context_of(app), deadline=Deadline.start()
            )
        )


def write_off(app, suspense_id):
    with app.app_context():
        try:
            suspense.write_off(
                bytes.fromhex(suspense_id),
                Note("a test", "cli:eva", NOW),
                deadline=Deadline.start(),
            )
        except AlreadyResolved:
            return "already-resolved"
        return "written-off"


def outcome_of(work):
    try:
        tried = work()
    except AlreadyResolved:
        return "already-resolved"
    return str(tried.outcome.reason or tried.outcome.verdict)


@pytest.mark.parametrize("times", [2, 6])
def test_what_is_retried_at_once_is_stored_once(app, database, times):
    for number in range(ROUNDS):
        suspense_id = suspend(database, bytes_of(a_start(f"{number}")), "in-the-future")

        told = together(*[partial(retry, app, suspense_id)] * times)

        assert Counter(told) == {"stored": 1, "already-resolved": times - 1}
        assert state_of(database, suspense_id)[1] == "stored"
        assert len(audit_lines_of(database, suspense_id)) == 1
    assert database.rows(STORED) == [(ROUNDS, ROUNDS, 0)]


def test_a_retry_and_its_correction_at_once_store_one_of_both(app, database):
    """They tell of two calls, so that only the suspended record itself is between them."""
    for number in range(ROUNDS):
        suspense_id = suspend(database, bytes_of(a_start(f"{number}")), "in-the-future")

        told = together(
            partial(retry, app, suspense_id),
            partial(correct, app, suspense_id, a_start(f"corrected {number}")),
        )

        assert sorted(told) == ["already-resolved", "stored"]
        assert len(audit_lines_of(database, suspense_id)) == 1
    assert database.rows(STORED) == [(ROUNDS, ROUNDS, 0)]


def test_a_retry_and_a_write_off_at_once_end_in_one_of_both(app, database):
    stored = 0
    for number in range(ROUNDS):
        suspense_id = suspend(database, bytes_of(a_start(f"{number}")), "in-the-future")

        told = together(partial(retry, app, suspense_id), partial(write_off, app, suspense_id))

        resolution = state_of(database, suspense_id)[1]
        assert sorted(told) == sorted(["already-resolved", resolution])
        stored += resolution == "stored"
    assert database.rows(STORED) == [(stored, stored, 0)]


def test_a_retry_and_the_same_record_at_the_intake_at_once_are_stored_once(app, database):
    for number in range(ROUNDS):
        record = a_start(f"{number}")
        suspense_id = suspend(database, bytes_of(record), "in-the-future")

        told, [outcome] = together(partial(retry, app, suspense_id), partial(accept, app, record))

        assert sorted([told, str(outcome.verdict)]) == ["duplicate", "stored"]
        assert state_of(database, suspense_id)[1] == told
    assert database.rows(STORED) == [(ROUNDS, ROUNDS, 0)]


def test_a_retry_and_the_other_half_at_the_intake_at_once_price_the_call_once(app, database):
    for number in range(ROUNDS):
        suspense_id = suspend(database, bytes_of(a_start(f"{number}")), "in-the-future")

        told, [outcome] = together(
            partial(retry, app, suspense_id), partial(accept, app, an_end(f"{number}"))
        )

        assert (told, outcome.verdict) == ("stored", "stored")
    assert database.rows("SELECT price_cents, count(*) FROM calls GROUP BY 1") == [(396, ROUNDS)]


def test_a_correction_and_the_same_bytes_at_the_intake_at_once_lose_neither(app, database):
    """Delivered behind the correction, the bytes are open again; before it, they are counted."""
    for number in range(ROUNDS):
        wrong = a_start(f"{number}", source="0")
        accept(app, wrong)
        suspense_id = suspense_id_of(bytes_of(wrong))

        told, [outcome] = together(
            partial(correct, app, suspense_id, a_start(f"{number}")), partial(accept, app, wrong)
        )

        assert (told, outcome.reason) == ("stored", "invalid-record")
        acts = [act for _, act, _, _ in audit_lines_of(database, suspense_id)]
        resolution = state_of(database, suspense_id)[1]
        assert acts == ["suspense-corrected"] + ["suspense-reopened"] * (resolution is None)


def test_pages_of_retries_write_offs_and_batches_at_once_do_not_deadlock(app, database):
    records = [a_start(f"{number}") for number in range(1_000)]
    for record in records:
        suspend(database, bytes_of(record), "in-the-future")
    before = database.rows(DEADLOCKS)

    def retry_all():
        with app.app_context():
            page = BEGINNING
            while page is not None:
                tried = suspense_retry.retry_page("in-the-future", page, context_of(app))
                assert tried.failed == []
                page = tried.next_page

    def write_off_all():
        with app.app_context():
            list(suspense.write_off_all("in-the-future", Note("a test", "cli:eva", NOW)))

    def deliver(seed):
        chance = random.Random(seed)
        for now in (datetime(2018, 1, 1, tzinfo=UTC), NOW):
            accept(app, *chance.sample(records, len(records)), now=now)

    together(retry_all, retry_all, write_off_all, partial(deliver, 1), partial(deliver, 2))

    assert database.rows(DEADLOCKS) == before
    assert database.rows(STORED) == [(1_000, 1_000, 0)]
