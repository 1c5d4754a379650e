"""Records that are posted singly and wait for the database together, in one process."""

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import chain

import pytest

from app.database.statements import sql_seconds
from app.database.transactions import transaction
from app.domain.call import CallState, Verdict
from app.limits.deadline import Deadline
from app.server.gunicorn_config import connections_in_use
from app.services.single_intake import SingleIntake
from app.store.calls import FEW
from tests.concurrency.racing import DEADLOCKS, PRICES, together
from tests.concurrency.single_records import NOW, accept, led_by_another, verdicts, wait_until
from tests.factories import a_pair, a_start, an_end

SECOND = timedelta(seconds=1)


def test_those_that_wait_go_together_and_each_sender_hears_of_its_own(accept_together, attempts):
    calls = [f"{number}" for number in range(5)]

    outcomes = accept_together(*map(a_start, calls))

    assert attempts == [[f"{call}-start" for call in calls]]
    assert [outcome.call.call_id for outcome in outcomes] == calls
    assert {outcome.verdict for outcome in outcomes} == {Verdict.STORED}


def test_a_few_go_at_once_and_in_the_order_in_which_they_came(accept_together, attempts):
    calls = [f"{number}" for number in range(2 * FEW + 3)]

    outcomes = accept_together(*map(a_start, calls))

    assert [len(each) for each in attempts] == [FEW, FEW, 3]
    assert [*chain(*attempts)] == [f"{call}-start" for call in calls]
    assert {outcome.verdict for outcome in outcomes} == {Verdict.STORED}


def test_who_comes_meanwhile_goes_next(app, intake, attempts):
    with ThreadPoolExecutor(3) as threads:
        posted = []

        def two_more():
            posted.extend(threads.submit(accept, app, intake, a_start(each)) for each in "bc")
            wait_until(lambda: len(intake._waiting) == 2)

        attempts.after = two_more
        assert accept(app, intake, a_start("a")).verdict is Verdict.STORED
        assert verdicts(each.result(timeout=20) for each in posted) == [Verdict.STORED] * 2

    assert [sorted(each) for each in attempts] == [["a-start"], ["b-start", "c-start"]]


@pytest.mark.parametrize("halves", [(a_start, an_end), (an_end, a_start)])
def test_a_call_whose_halves_meet_is_priced_once_for_one_of_them(accept_together, database, halves):
    outcomes = accept_together(*(half() for half in halves))

    assert verdicts(outcomes) == [Verdict.STORED] * 2
    assert [outcome.completed for outcome in outcomes] == [False, True]
    assert {outcome.call.state for outcome in outcomes} == {CallState.PRICED}
    assert database.rows(PRICES) == [(396, 1)]


def test_one_record_that_meets_itself_is_stored_once(accept_together, database):
    outcomes = accept_together(an_end(), an_end(), an_end())

    assert verdicts(outcomes) == [Verdict.STORED, Verdict.DUPLICATE, Verdict.DUPLICATE]
    assert database.rows("SELECT count(*) FROM calls") == [(1,)]


def test_the_time_of_a_groups_statements_counts_for_each_and_the_wait_does_not(
    app, intake, attempts
):
    def waited(record):
        before = sql_seconds()
        accept(app, intake, record)
        return sql_seconds() - before

    def slowly():
        with app.app_context(), transaction(Deadline.start()) as connection:
            connection.exec_driver_sql("SELECT pg_sleep(0.2)")

    attempts.before = slowly
    with ThreadPoolExecutor(2) as threads:
        with led_by_another(intake):
            posted = [threads.submit(waited, a_start(each)) for each in "ab"]
            wait_until(lambda: len(intake._waiting) == 2)
            time.sleep(0.5)
        leader, follower = (each.result(timeout=20) for each in posted)

    assert 0.2 <= leader < 0.5
    assert follower == pytest.approx(leader, abs=0.05)


def test_the_connection_of_who_leads_is_in_use(app, intake):
    with led_by_another(intake):
        assert connections_in_use(app) == 1
        with app.app_context(), transaction(Deadline.start()):
            assert connections_in_use(app) == 2
    assert connections_in_use(app) == 0


def test_what_goes_together_was_received_when_the_last_of_it_was(accept_together, app, database):
    skew = app.extensions["pulso_pricing"].clock_skew_max
    instants = [NOW + 2 * SECOND, NOW, NOW + SECOND]
    latest_that_may_end = (NOW + 2 * SECOND + skew).isoformat()

    outcomes = accept_together(
        an_end("1", latest_that_may_end), an_end("2"), a_start("2"), instants=instants
    )

    assert verdicts(outcomes) == [Verdict.STORED] * 3
    assert database.rows("SELECT priced_at FROM calls WHERE price_cents > 0") == [(instants[0],)]
    assert database.rows(
        "SELECT start_received_at, end_received_at FROM calls WHERE call_id = '2'"
    ) == [(NOW + SECOND, NOW)]


@pytest.mark.parametrize("workers", [1, 2])
def test_threads_that_race_store_each_record_once_and_price_each_call_once(app, database, workers):
    calls = [f"{number}" for number in range(300)]
    records = [
        record
        for each in calls
        for record in a_pair(each, "2018-01-03T14:18:05Z", "2018-01-03T14:58:05Z")
    ]
    intakes = [SingleIntake(app.extensions["pulso_pricing"]) for _ in range(workers)]
    before = database.rows(DEADLOCKS)

    def send(seed):
        order = random.Random(seed // 2).sample(records, len(records))
        intake = intakes[seed % workers]
        received = [
            NOW + (8 * number + seed) * timedelta.resolution for number in range(len(order))
        ]
        return [accept(app, intake, *each) for each in zip(order, received, strict=True)]

    outcomes = [*chain(*together(*(partial(send, seed) for seed in range(8))))]

    assert Counter(each.verdict for each in outcomes) == {
        Verdict.STORED: len(records),
        Verdict.DUPLICATE: 7 * len(records),
    }
    assert sum(each.completed for each in outcomes) == len(calls)
    assert database.rows(PRICES) == [(396, len(calls))]
    assert database.rows(DEADLOCKS) == before


def test_metrics_count_a_call_whose_halves_meet_once(app, intake):
    priced = app.extensions["pulso_metrics"].calls_priced
    before = priced._value.get()
    with ThreadPoolExecutor(2) as threads:
        with led_by_another(intake):
            posted = [
                threads.submit(app.test_client().post, "/v1/call-records", json=half())
                for half in (a_start, an_end)
            ]
            wait_until(lambda: len(intake._waiting) == 2)
        assert [each.result(timeout=20).status_code for each in posted] == [201, 201]
    assert priced._value.get() == before + 1
