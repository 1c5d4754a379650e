"""Trying many suspended records again: in pages, each by itself where one is in the way."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.errors import Unavailable
from app.limits.deadline import Deadline
from app.services import suspense, suspense_retry
from app.services.judgement import Judgement
from app.services.suspense import BEGINNING
from app.services.suspense_retry import RetryContext
from tests.factories import a_pair, a_start, bytes_of
from tests.suspending import RECEIVED_AT, audit_lines_of, state_of, suspend

NOW = datetime(2018, 2, 3, tzinfo=UTC)
STATES = "SELECT reason, resolution, count(*) FROM suspense GROUP BY 1, 2 ORDER BY 1, 2"
CALLS = "SELECT count(*) FROM calls"


def pages(app, reason, now=NOW):
    """What `retry_page` gives until there is no next page."""
    context = RetryContext(
        "cli:ana", now, app.extensions["pulso_pricing"], app.extensions["pulso_read_kept"]
    )
    page, found = BEGINNING, []
    with app.app_context():
        while page is not None:
            tried = suspense_retry.retry_page(reason, page, context)
            found.append(tried)
            page = tried.next_page
    return found[:-1]


def retried(tried):
    return [outcome.reason or outcome.verdict for _, _, outcome in tried.retried]


def test_pages_follow_each_other_whatever_becomes_of_their_records(app, database, monkeypatch):
    monkeypatch.setattr(suspense_retry, "_PAGE", 3)
    for number in range(7):
        at = "2018-01-03T14:18:05Z" if number % 2 else "2999-01-03T14:18:05Z"
        suspend(
            database,
            bytes_of(a_start(f"{number}", at)),
            "in-the-future",
            RECEIVED_AT + timedelta(seconds=number // 2),
        )

    found = [retried(tried) for tried in pages(app, "in-the-future")]

    assert [len(each) for each in found] == [3, 3, 1]
    assert sum(each.count("stored") for each in found) == 3
    assert database.rows(STATES) == [("in-the-future", "stored", 3), ("in-the-future", None, 4)]


def test_a_retry_that_changes_nothing_writes_nothing(app, database):
    written = "SELECT xmin, xmax, ctid, (SELECT count(*) FROM audit_log) FROM suspense"
    suspend(database, bytes_of(a_start(at="2999-01-03T14:18:05Z")), "in-the-future")
    pages(app, "in-the-future")
    before = database.rows(written)

    assert [retried(tried) for tried in pages(app, "in-the-future")] == [["in-the-future"]]
    assert database.rows(written) == before


def test_bytes_that_are_many_make_pages_of_few(app, database, monkeypatch):
    for number in range(4):
        suspend(database, b" " * (6 * 2**20) + b"%d" % number, "unreadable-body")

    assert [len(tried.retried) for tried in pages(app, "unreadable-body")] == [3, 1]


def test_what_arrives_after_the_attempt_began_is_left(app, database):
    suspend(database, bytes_of(a_start()), "in-the-future", NOW + timedelta(seconds=1))

    assert pages(app, "in-the-future") == []


def test_records_of_one_call_and_repeats_on_one_page_are_told_apart(app, database):
    for number, record in enumerate(
        [*a_pair("70", "2018-01-03T14:18:05Z", "2018-01-03T14:58:05Z"), a_start(id="again")]
    ):
        received_at = RECEIVED_AT + timedelta(seconds=number)
        suspend(database, bytes_of(record), "in-the-future", received_at)

    [tried] = pages(app, "in-the-future")

    assert retried(tried) == ["stored", "stored", "duplicate"]
    assert database.rows("SELECT price_cents FROM calls") == [(396,)]


def test_a_value_that_the_database_refuses_spoils_only_itself(app, database):
    ids = {
        call_id: suspend(database, bytes_of(a_start(call_id)), "in-the-future")
        for call_id in ("1", "poison", "3")
    }
    database.rows("ALTER TABLE calls ADD CONSTRAINT poison CHECK (call_id <> 'poison')")
    try:
        [tried] = pages(app, "in-the-future")
    finally:
        database.rows("ALTER TABLE calls DROP CONSTRAINT poison")

    assert sorted(retried(tried)) == ["refused-by-database", "stored", "stored"]
    assert state_of(database, ids["poison"]) == ("refused-by-database", None, None)


@pytest.fixture
def failing(database):
    """The table fails, in no way that is foreseen, where a call is named `poison`."""
    database.rows(
        """
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'unforeseen'; END $$;
        CREATE TRIGGER fail BEFORE INSERT ON calls FOR EACH ROW
            WHEN (NEW.call_id = 'poison') EXECUTE FUNCTION fail()
        """
    )
    yield
    database.rows("DROP TRIGGER fail ON calls; DROP FUNCTION fail")


def test_one_that_fails_is_told_and_the_others_go_on(app, database, failing):
    ids = {
        call_id: suspend(database, bytes_of(a_start(call_id)), "in-the-future")
        for call_id in ("1", "poison", "3")
    }

    [tried] = pages(app, "in-the-future")

    assert retried(tried) == ["stored", "stored"]
    assert tried.failed == [bytes.fromhex(ids["poison"])]
    assert state_of(database, ids["poison"]) == ("in-the-future", None, None)


def test_the_command_ends_with_status_1_then(app, database, failing):
    suspense_id = suspend(database, bytes_of(a_start("poison")), "in-the-future")

    done = app.test_cli_runner().invoke(args=["suspense", "retry", "--reason", "in-the-future"])

    assert done.exit_code == 1
    assert f"{suspense_id} failed" in done.stderr
    assert done.stdout == "1 retried: 1 failed.\n"


def test_a_database_out_of_reach_ends_it(app, database, monkeypatch):
    suspend(database, bytes_of(a_start()), "in-the-future")

    def out_of_reach(*_):
        raise Unavailable("away")

    monkeypatch.setattr(Judgement, "store", out_of_reach)

    with pytest.raises(Unavailable):
        pages(app, "in-the-future")
    done = app.test_cli_runner().invoke(args=["suspense", "retry", "--reason", "in-the-future"])
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (
        1,
        "Error: The database failed: away",
    )
    assert done.stdout == "0 retried: none.\n"


def test_one_that_somebody_else_resolves_meanwhile_is_left_and_the_others_go_on(
    app, database, monkeypatch
):
    ids = [suspend(database, bytes_of(a_start(f"{n}")), "in-the-future") for n in range(3)]
    store, note = Judgement.store, suspense.Note("a test", "cli:eva", NOW)

    def written_off_first(judgement):
        if state_of(database, ids[1])[1] is None:
            suspense.write_off(bytes.fromhex(ids[1]), note, deadline=Deadline.start())
        return store(judgement)

    monkeypatch.setattr(Judgement, "store", written_off_first)

    [tried] = pages(app, "in-the-future")

    assert retried(tried) == ["stored", "stored"]
    assert tried.failed == []
    assert state_of(database, ids[1])[1] == "written-off"
    assert database.rows(CALLS) == [(2,)]
    assert [line[1] for line in audit_lines_of(database, ids[1])] == ["suspense-written-off"]
