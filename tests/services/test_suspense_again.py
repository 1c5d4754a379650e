"""What was in suspense and is delivered again: nothing is answered `kept` that nobody would see."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.call import Verdict
from app.services import suspense
from app.store import suspense as statements
from tests.factories import a_start, bytes_of
from tests.intake import accept
from tests.suspending import audit_lines_of, state_of, suspense_id_of

NOW = datetime(2018, 2, 3, tzinfo=UTC)
WRONG = a_start(source="099")
SEEN = "SELECT times_seen, resolved_at IS NULL FROM suspense"


@pytest.fixture
def corrected(app, client):
    """The id of a record that was suspended, and stored once it was corrected."""
    accept(app, WRONG)
    suspense_id = suspense_id_of(bytes_of(WRONG))
    assert client.post(f"/v1/suspense/{suspense_id}/retry", json=a_start()).status_code == 200
    return suspense_id


@pytest.mark.parametrize(
    "others", [[], [a_start("x"), {"id": "bad"}]], ids=["alone", "with-others"]
)
def test_what_was_corrected_and_comes_again_as_bad_as_before_is_open_again(
    app, database, corrected, others
):
    [outcome, *_] = accept(app, WRONG, *others)

    assert (outcome.verdict, outcome.suspense_id) == (Verdict.SUSPENDED, corrected)
    assert state_of(database, corrected) == ("invalid-record", None, None)
    assert database.rows(f"{SEEN} WHERE times_seen > 1") == [(2, True)]
    *_, reopened = audit_lines_of(database, corrected)
    assert reopened == (
        "intake",
        "suspense-reopened",
        {"state": "resolved", "reason": "invalid-record", "resolution": "stored"},
        {"state": "open", "reason": "invalid-record", "resolution": None},
    )


def test_what_is_open_again_has_the_reason_that_holds_now(app, client, database):
    future = a_start(at="2018-03-01T00:00:00Z")
    accept(app, future)
    suspense_id = suspense_id_of(bytes_of(future))
    other = a_start(at="2018-02-01T00:00:00Z")
    client.post(f"/v1/suspense/{suspense_id}/retry", json=other)

    [outcome] = accept(app, future, now=datetime.now(UTC))

    assert outcome.reason == "conflicting-record"
    assert state_of(database, suspense_id) == ("conflicting-record", None, None)


def test_what_was_written_off_stays_so_and_is_counted(app, client, database):
    accept(app, WRONG)
    suspense_id = suspense_id_of(bytes_of(WRONG))
    client.post(f"/v1/suspense/{suspense_id}/write-off", json={"note": "a test"})

    accept(app, WRONG)
    accept(app, WRONG, WRONG)

    assert state_of(database, suspense_id) == ("invalid-record", "written-off", "a test")
    assert database.rows(SEEN) == [(4, False)]
    assert len(audit_lines_of(database, suspense_id)) == 1


def test_what_was_purged_is_kept_anew(app, client, database, corrected):
    with app.app_context():
        later = datetime.now(UTC) + timedelta(days=1)
        assert list(suspense.purge(later, actor="cli:ana")) == [1]

    accept(app, WRONG)

    assert database.rows(SEEN) == [(1, True)]


class PurgingFirst:
    """A connection: before its second statement, another one purges all that is resolved."""

    def __init__(self, connection):
        self.connection = connection
        self.sent = 0

    def execute(self, statement, *values):
        self.sent += 1
        if self.sent == 2:
            later = datetime.now(UTC) + timedelta(days=1)
            assert sum(suspense.purge(later, actor="cli:ana")) == 1
        return self.connection.execute(statement, *values)


def test_what_is_purged_between_two_statements_of_the_intake_is_kept_all_the_same(
    app, database, corrected, monkeypatch
):
    """A record alone locks nothing between meeting the resolved row and opening it again."""
    keep = statements.keep
    monkeypatch.setattr(
        statements, "keep", lambda connection, *each: keep(PurgingFirst(connection), *each)
    )

    [outcome] = accept(app, WRONG)

    assert outcome.suspense_id == corrected
    assert database.rows(SEEN) == [(1, True)]
