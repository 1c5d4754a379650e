"""Records of a group that cannot be stored, and groups whose attempt fails."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest

from app.domain.call import Reason, Verdict
from app.domain.errors import Unavailable
from app.limits import times
from app.limits.deadline import Deadline
from app.store import calls
from tests.concurrency.single_records import accept, led_by_another, verdicts, wait_until
from tests.factories import a_start, an_end


def raising(failure):
    def fail(*_, **__):
        raise failure

    return fail


def test_what_cannot_be_stored_is_kept_in_suspense_and_leaves_the_others_alone(
    accept_together, attempts, database
):
    outcomes = accept_together(
        a_start("1"),
        a_start("1", destination="1133334444"),
        a_start("2", "2199-01-01T00:00:00Z"),
        a_start("3"),
    )

    assert verdicts(outcomes) == [
        Verdict.STORED,
        Reason.CONFLICTING_RECORD,
        Reason.IN_THE_FUTURE,
        Verdict.STORED,
    ]
    assert len(attempts) == 1, "each is judged once"
    assert database.rows("SELECT count(*), sum(times_seen) FROM suspense") == [(2, 2)]


def test_what_the_database_refuses_spoils_only_itself(accept_together, database):
    database.rows("ALTER TABLE calls ADD CONSTRAINT poison CHECK (call_id <> 'poison')")
    try:
        outcomes = accept_together(*map(a_start, ["1", "poison", "2"]))
    finally:
        database.rows("ALTER TABLE calls DROP CONSTRAINT poison")

    assert verdicts(outcomes) == [Verdict.STORED, Reason.REFUSED_BY_DATABASE, Verdict.STORED]
    assert database.rows("SELECT count(*) FROM calls") == [(2,)]


def test_a_row_that_is_locked_keeps_nobody_waiting_but_its_own_sender(app, intake, database):
    accept(app, intake, a_start("locked"))
    with database.connect() as opened, opened.cursor() as cursor, ThreadPoolExecutor(4) as threads:
        opened.set_session(autocommit=False)
        cursor.execute("SELECT FROM calls WHERE call_id = 'locked' FOR UPDATE")
        with led_by_another(intake):
            locked = threads.submit(accept, app, intake, an_end("locked"))
            others = [threads.submit(accept, app, intake, an_end(each)) for each in "ab"]
            wait_until(lambda: len(intake._waiting) == 3)
        assert verdicts(each.result(timeout=2) for each in others) == [Verdict.STORED] * 2
        later = threads.submit(accept, app, intake, an_end("later"))
        assert later.result(timeout=2).verdict is Verdict.STORED
        assert not locked.done()
        opened.commit()
        assert locked.result(timeout=20).completed


@pytest.mark.parametrize("failure", [psycopg2.OperationalError, ZeroDivisionError])
def test_where_an_attempt_fails_each_goes_again_by_itself(
    app, accept_together, attempts, database, failure
):
    attempts.before = raising(failure)
    retries = app.extensions["pulso_metrics"].database_retries.labels("none")._value
    before = retries.get()

    assert verdicts(accept_together(*map(a_start, "abc"))) == [Verdict.STORED] * 3

    assert [len(each) for each in attempts] == [3, 1, 1, 1]
    assert database.rows("SELECT count(*) FROM calls") == [(3,)]
    assert retries.get() == before + (failure is psycopg2.OperationalError)


def test_what_an_attempt_has_stored_before_it_fails_is_told_as_stored(
    app, accept_together, attempts, database, monkeypatch
):
    accept_together(an_end("passed over at first"))
    write, failures = calls.write, iter([None, psycopg2.OperationalError, None, None])

    def write_or_fail(*given, **known):
        if failure := next(failures):
            raise failure
        return write(*given, **known)

    monkeypatch.setattr(calls, "write", write_or_fail)

    outcomes = accept_together(a_start("new"), a_start("passed over at first"))

    assert verdicts(outcomes) == [Verdict.STORED] * 2
    assert [len(each) for each in attempts] == [1, 2, 1]


@pytest.fixture
def accept_meanwhile(app, intake, monkeypatch):
    """Have a record taken while somebody in trouble leads; fail if it waits for that."""
    monkeypatch.setattr(times, "LEAD_SECONDS_MAX", 8)

    def accept_meanwhile(record, *, age=0, meanwhile=lambda: None):
        deadline = Deadline(time.monotonic() - age + times.ANSWER_SECONDS_MAX)
        with ThreadPoolExecutor(1) as threads, led_by_another(intake):
            posted = threads.submit(accept, app, intake, record, deadline=deadline)
            taken = meanwhile()
            try:
                return posted.result(timeout=4)
            finally:
                if taken is not None:
                    taken.wake.release()

    return accept_meanwhile


def test_a_record_goes_by_itself_where_it_would_wait_for_one_in_trouble(
    app, intake, accept_meanwhile, monkeypatch
):
    monkeypatch.setattr(times, "LEAD_SECONDS_MAX", 0.1)

    assert accept_meanwhile(a_start()).verdict is Verdict.STORED

    assert not intake._waiting
    assert accept(app, intake, a_start()).verdict is Verdict.DUPLICATE


def test_what_was_taken_along_does_not_go_a_second_time(accept_together, attempts, monkeypatch):
    def long():
        monkeypatch.setattr(times, "LEAD_SECONDS_MAX", 0.1)
        time.sleep(1)

    attempts.before = long

    assert verdicts(accept_together(*map(a_start, "abc"))) == [Verdict.STORED] * 3
    assert len(attempts) == 1


def test_a_record_that_cannot_be_read_waits_for_nobody(accept_meanwhile, database):
    assert accept_meanwhile({"id": "unreadable"}).reason is Reason.INVALID_RECORD
    assert database.rows("SELECT count(*) FROM suspense") == [(1,)]


def test_a_record_whose_time_is_over_is_not_begun(accept_meanwhile):
    with pytest.raises(Unavailable):
        accept_meanwhile(a_start(), age=20.1)


def test_a_record_whose_time_ends_while_it_is_taken_along_is_answered(
    intake, accept_meanwhile, monkeypatch
):
    monkeypatch.setattr(times, "LEAD_SECONDS_MAX", 0.1)
    monkeypatch.setattr(times, "JOIN_SECONDS_LEFT_MIN", 0)

    def take_it_along():
        wait_until(lambda: intake._waiting)
        return intake._waiting.popleft()

    with pytest.raises(Unavailable):
        accept_meanwhile(a_start(), age=22.5, meanwhile=take_it_along)
