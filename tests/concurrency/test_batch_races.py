"""Batches that meet each other, and single records, on the same calls at the same instant."""

import random
from collections import Counter
from functools import partial

from app.domain.call import Reason, Verdict
from tests.concurrency.racing import DEADLOCKS, PRICES, together
from tests.factories import a_start, an_end
from tests.intake import accept

CALLS = [f"{number}" for number in range(1_000)]


def shuffled(records, seed):
    return random.Random(seed).sample(records, len(records))


def test_the_same_ends_in_two_batches_at_once_are_stored_by_one_of_them(app, database):
    accept(app, *map(a_start, CALLS))
    ends = [an_end(each) for each in CALLS]

    outcomes = together(*(partial(accept, app, *shuffled(ends, seed)) for seed in (1, 2)))

    verdicts = Counter(each.verdict for batch in outcomes for each in batch)
    assert verdicts == {Verdict.STORED: len(CALLS), Verdict.DUPLICATE: len(CALLS)}
    assert sum(each.completed for batch in outcomes for each in batch) == len(CALLS)
    assert database.rows(PRICES) == [(396, len(CALLS))]


def test_of_two_batches_of_contradicting_ends_at_once_the_first_one_stands(app, database):
    accept(app, *map(a_start, CALLS))
    early = [an_end(each, "2018-01-03T14:58:05Z") for each in CALLS]
    late = [an_end(each, "2018-01-03T15:58:05Z") for each in CALLS]

    outcomes = together(*(partial(accept, app, *batch) for batch in (early, late)))

    assert Counter(each.reason or each.verdict for batch in outcomes for each in batch) == {
        Verdict.STORED: len(CALLS),
        Reason.CONFLICTING_RECORD: len(CALLS),
    }
    assert database.rows(
        "SELECT bool_and(price_cents = CASE ended_at WHEN '2018-01-03 14:58:05Z' THEN 396"
        " WHEN '2018-01-03 15:58:05Z' THEN 936 END) FROM calls"
    ) == [(True,)]
    assert database.rows("SELECT count(*) FROM suspense") == [(len(CALLS),)]


def test_single_ends_against_a_batch_of_them_are_stored_once(app, database):
    accept(app, *map(a_start, CALLS))
    ends = [an_end(each) for each in CALLS]

    def one_by_one():
        return [outcome for end in shuffled(ends, 1)[:200] for outcome in accept(app, end)]

    batch, *singles = together(lambda: accept(app, *ends), one_by_one, one_by_one)

    completed = sum(each.completed for outcomes in (batch, *singles) for each in outcomes)
    assert completed == len(CALLS), "each call is priced by one of its senders"
    assert database.rows(PRICES) == [(396, len(CALLS))]
    assert database.rows("SELECT 1 FROM suspense") == []


def test_new_calls_in_batches_of_other_orders_at_once_do_not_deadlock(app, database):
    """All of them are copied straight in, and meet there."""
    before = database.rows(DEADLOCKS)
    for number in range(5):
        starts = [a_start(f"{number}-{each}") for each in CALLS]

        outcomes = together(*(partial(accept, app, *shuffled(starts, seed)) for seed in range(4)))

        assert sum(each.verdict is Verdict.STORED for batch in outcomes for each in batch) == 1_000
    assert database.rows(DEADLOCKS) == before
