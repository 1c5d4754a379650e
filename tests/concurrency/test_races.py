"""Senders that race: real connections, released together, committing for real."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from psycopg2 import Binary

from app.domain.call import Reason, Verdict
from tests.concurrency.racing import DEADLOCKS, PRICES, together, wait_until_blocked
from tests.factories import a_pair, a_start, an_end, bytes_of
from tests.intake import accept


def test_both_halves_at_once_are_priced_exactly_once(app, database):
    calls = 2_000
    barrier = threading.Barrier(2)

    def send(half):
        completed = 0
        for number in range(calls):
            barrier.wait()
            [outcome] = accept(app, half(f"{number}"))
            assert outcome.verdict is Verdict.STORED
            completed += outcome.completed
        return completed

    completed = together(lambda: send(a_start), lambda: send(an_end))

    assert sum(completed) == calls, "each call is priced by one of its senders"
    assert min(completed) > 0, "or they did not race"
    assert database.rows(PRICES) == [(396, calls)]


def test_batches_of_opposite_halves_at_once_are_priced_exactly_once(app, database):
    calls = [f"{number}" for number in range(1_000)]
    starts, ends = [a_start(each) for each in calls], [an_end(each) for each in reversed(calls)]

    outcomes = together(lambda: accept(app, *starts), lambda: accept(app, *ends))

    assert {each.verdict for half in outcomes for each in half} == {Verdict.STORED}
    assert database.rows(PRICES) == [(396, len(calls))]


def test_the_second_sender_waits_for_the_first_and_then_sees_its_half(app, database):
    """The race itself, held open: a start that is written and not yet committed."""
    accept(app, a_start("other"))
    with database.connect() as opened, ThreadPoolExecutor(1) as pool:
        opened.set_session(autocommit=False)
        with opened.cursor() as cursor:
            cursor.execute(
                "INSERT INTO calls (call_id, start_record_id, started_at, source, destination,"
                " start_received_at) SELECT '70', start_record_id, started_at, source,"
                " destination, start_received_at FROM calls WHERE call_id = 'other'"
            )
            second = pool.submit(accept, app, an_end("70"))
            wait_until_blocked(database)
            opened.commit()
        [outcome] = second.result()

    assert (outcome.verdict, outcome.completed) == (Verdict.STORED, True)


def test_one_record_from_many_connections_is_stored_once(app, database):
    for number in range(20):
        halves = [a_start(f"{number}"), an_end(f"{number}")] * 6

        outcomes = together(*(lambda half=half: accept(app, half)[0] for half in halves))

        assert Counter(outcome.verdict for outcome in outcomes) == {
            Verdict.STORED: 2,
            Verdict.DUPLICATE: 10,
        }
    assert database.rows(PRICES) == [(396, 20)]
    assert database.rows("SELECT 1 FROM suspense") == []


def test_of_two_contents_at_once_one_stands_and_one_is_told(app, database):
    for number in range(200):
        one = a_start(f"{number}", "2018-01-03T14:00:00Z")
        other = a_start(f"{number}", "2018-01-03T14:00:01Z")

        outcomes = together(*(partial(accept, app, each) for each in (one, other)))

        verdicts = [outcome.reason or outcome.verdict for [outcome] in outcomes]
        assert sorted(verdicts) == [Reason.CONFLICTING_RECORD, Verdict.STORED]
        loser = (one, other)[verdicts.index(Reason.CONFLICTING_RECORD)]
        kept = database.rows(
            "SELECT count(*) FROM suspense WHERE received = %s", (Binary(bytes_of(loser)),)
        )
        assert kept == [(1,)]


def test_an_end_before_its_start_at_once_leaves_one_half_and_one_suspended(app, database):
    for number in range(100):
        start = a_start(f"{number}", "2018-01-03T14:00:01Z")
        end = an_end(f"{number}", "2018-01-03T14:00:00Z")

        outcomes = together(*(partial(accept, app, each) for each in (start, end)))

        verdicts = sorted(outcome.reason or outcome.verdict for [outcome] in outcomes)
        assert verdicts == [Reason.ENDS_BEFORE_START, Verdict.STORED]


@pytest.mark.parametrize("writers", [2, 4])
def test_overlapping_shuffled_batches_do_not_deadlock(app, database, writers):
    corpus = [
        record
        for number in range(1_000)
        for record in a_pair(f"{number}", "2018-01-03T14:18:05Z", "2018-01-03T14:58:05Z")
    ]
    corpus += [{"id": f"bad {number}"} for number in range(100)]
    before = database.rows(DEADLOCKS)
    batches = [random.Random(seed).sample(corpus, len(corpus)) for seed in range(writers)]

    outcomes = together(*(lambda batch=batch: accept(app, *batch) for batch in batches))

    stored = sum(each.verdict is Verdict.STORED for batch in outcomes for each in batch)
    assert stored == 2_000
    assert database.rows(PRICES) == [(396, 1_000)]
    assert database.rows("SELECT count(*), sum(times_seen) FROM suspense") == [(100, 100 * writers)]
    assert database.rows(DEADLOCKS) == before
