"""`./pulso-server suspense` and what `reconcile` does with what was suspended for a time."""

from datetime import UTC, datetime

import pytest

from tests.factories import a_start, an_end, bytes_of
from tests.intake import accept
from tests.suspending import RECEIVED_AT, audit_lines_of, state_of, suspend, suspense_id_of

LOG = "SELECT actor, act, subject, before, after FROM audit_log ORDER BY id"
PAST, FUTURE = datetime(2018, 1, 1, tzinfo=UTC), "2999-01-01T00:00:00Z"


def run(app, *arguments):
    done = app.test_cli_runner().invoke(args=arguments)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(autouse=True)
def the_user(monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "ana")


def test_retry_retries_all_of_a_reason_and_reports_the_results(app, database):
    accept(app, a_start("stored before"))
    for record in (a_start("1"), a_start("2"), a_start("stored before"), a_start("3", FUTURE)):
        suspend(database, bytes_of(record), "in-the-future")
    other_id = suspend(database, bytes_of(an_end("1")), "no-tariff")

    told = run(app, "suspense", "retry", "--reason", "in-the-future")

    assert told == "4 retried: 2 stored, 1 duplicate, 1 suspended as in-the-future.\n"
    assert state_of(database, other_id) == ("no-tariff", None, None)
    assert {actor for actor, *_ in database.rows(LOG)} == {"cli:ana"}
    assert run(app, "suspense", "retry", "--reason", "no-tariff") == "1 retried: 1 stored.\n"
    assert run(app, "suspense", "retry", "--reason", "no-tariff") == "0 retried: none.\n"


def test_write_off_closes_all_of_a_reason_with_a_note(app, database):
    closed = [suspend(database, b"{" + bytes([n]), "unreadable-body") for n in range(3)]
    other_id = suspend(database, b"{}", "invalid-record")

    told = run(
        app, "suspense", "write-off", "--reason", "unreadable-body", "--note", " noise of a test "
    )

    assert told == "3 written off.\n"
    for suspense_id in closed:
        state = state_of(database, suspense_id)
        assert state == ("unreadable-body", "written-off", "noise of a test")
        [(actor, act, before, after)] = audit_lines_of(database, suspense_id)
        assert (actor, act) == ("cli:ana", "suspense-written-off")
        assert (before["state"], after["note"]) == ("open", "noise of a test")
    assert state_of(database, other_id) == ("invalid-record", None, None)


def test_write_off_goes_on_in_chunks_and_leaves_what_arrives_meanwhile(app, database, monkeypatch):
    monkeypatch.setattr("app.services.suspense._CHUNK", 2)
    for number in range(5):
        suspend(database, b"{%d" % number, "unreadable-body")
    suspend(database, b"later", "unreadable-body", datetime(2999, 1, 1, tzinfo=UTC))

    told = run(app, "suspense", "write-off", "--reason", "unreadable-body", "--note", "noise")

    assert told == "5 written off.\n"
    assert state_of(database, suspense_id_of(b"later"))[1] is None


@pytest.mark.parametrize("note", ["", " ", "x" * 501, "a\x1bb", "a\udc80b"])
def test_write_off_asks_for_a_note(app, database, note):
    suspend(database, b"{", "unreadable-body")
    arguments = ["suspense", "write-off", "--reason", "unreadable-body", "--note", note]

    done = app.test_cli_runner().invoke(args=arguments)

    assert done.exit_code == 2
    assert "--note" in done.stderr
    assert database.rows("SELECT resolved_at FROM suspense") == [(None,)]


def resolve(database, suspense_id, resolved_at, last_received_at=RECEIVED_AT):
    """As it was resolved and received back then, which only the owner can write."""
    with database.connect() as opened, opened.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE suspense DISABLE TRIGGER suspense_audited_update;"
            " UPDATE suspense SET resolved_at = %s, resolution = 'written-off', note = 'a test',"
            " last_received_at = %s WHERE content_hash = decode(%s, 'hex');"
            " ALTER TABLE suspense ENABLE ALWAYS TRIGGER suspense_audited_update",
            (resolved_at, last_received_at, suspense_id),
        )


@pytest.mark.parametrize("chunk", [1, 1_000])
def test_purge_deletes_what_was_resolved_and_last_seen_before_a_day(
    app, database, monkeypatch, chunk
):
    monkeypatch.setattr("app.services.suspense._CHUNK", chunk)
    day = datetime(2018, 2, 1, tzinfo=UTC)
    before = datetime(2018, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    old = [suspend(database, b"old %d" % number, "unreadable-body") for number in range(3)]
    for suspense_id in old:
        resolve(database, suspense_id, before)
    resolve(database, suspend(database, b"that day", "unreadable-body"), day)
    resolve(database, suspend(database, b"seen since", "unreadable-body"), before, day)
    suspend(database, b"open", "unreadable-body")

    assert run(app, "suspense", "purge", "--resolved-before", "2018-02-01") == (
        "3 resolved records deleted.\n"
    )

    left = [bytes(received) for (received,) in database.rows("SELECT received FROM suspense")]
    assert sorted(left) == [b"open", b"seen since", b"that day"]
    assert sorted(database.rows(LOG)) == [
        (
            "cli:ana",
            "suspense-purged",
            suspense_id,
            {
                "state": "resolved",
                "reason": "unreadable-body",
                "resolution": "written-off",
                "note": "a test",
            },
            None,
        )
        for suspense_id in sorted(old)
    ]


def test_the_day_of_a_purge_begins_in_the_billing_zone(sao_paulo_service):
    app, database = sao_paulo_service.app, sao_paulo_service.database
    for hour, name in ((1, b"before"), (2, b"after")):
        at = datetime(2018, 2, 1, hour, 30, tzinfo=UTC)
        resolve(database, suspend(database, name, "unreadable-body"), at)

    run(app, "suspense", "purge", "--resolved-before", "2018-02-01")

    assert [bytes(each) for (each,) in database.rows("SELECT received FROM suspense")] == [b"after"]


def test_list_gives_a_line_for_each(app, database):
    one = suspend(database, b"{", "unreadable-body")
    other = suspend(database, b"{}", "invalid-record")
    resolve(database, other, PAST)

    assert run(app, "suspense", "list").splitlines()[1].split() == [
        one[:12],
        "2018-01-05T12:30:00Z",
        "unreadable-body",
        "-",
        "-",
        "{",
    ]
    assert run(app, "suspense", "list", "--reason", "invalid-record") == ""
    assert run(app, "suspense", "list", "--state", "resolved").splitlines()[1].split() == [
        other[:12],
        "2018-01-05T12:30:00Z",
        "invalid-record",
        "written-off",
        "-",
        "{}",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["retry"],
        ["retry", "--reason", "nonsense"],
        ["write-off", "--reason", "unreadable-body"],
        ["purge"],
        ["purge", "--resolved-before", "2018-13-01"],
        ["purge", "--resolved-before", "yesterday"],
        ["list", "--state", "all"],
    ],
)
def test_what_is_missing_or_unknown_is_a_wrong_use(app, arguments):
    assert app.test_cli_runner().invoke(args=["suspense", *arguments]).exit_code == 2


def test_reconcile_resolves_what_was_stored_when_its_time_had_come(app, database):
    record = a_start(at="2018-03-01T00:00:00Z")
    accept(app, record, now=PAST)
    accept(app, record, now=datetime.now(UTC))

    told = run(app, "reconcile")

    assert told == (
        "Every complete call has its price.\n1 records suspended as in-the-future: 1 duplicate.\n"
    )
    suspense_id = suspense_id_of(bytes_of(record))
    assert state_of(database, suspense_id) == ("in-the-future", "duplicate", None)
    assert [line[:2] for line in audit_lines_of(database, suspense_id)] == [
        ("reconcile", "suspense-retried")
    ]


def test_reconcile_stores_what_is_no_longer_in_the_future_and_says_so_once(app, database):
    accept(app, a_start(at="2018-03-01T00:00:00Z"), an_end(at="2018-03-01T00:02:00Z"), now=PAST)
    accept(app, a_start("far", FUTURE), now=PAST)
    suspend(database, bytes_of(a_start("x", "1970-01-01T00:00:01Z")), "no-tariff")
    suspend(database, b"{}", "invalid-record")

    assert run(app, "reconcile").splitlines()[1:] == [
        "2 records suspended as in-the-future: 2 stored.",
        "1 records suspended as no-tariff: 1 stored.",
    ]
    assert run(app, "reconcile") == "Every complete call has its price.\n"
    assert database.rows("SELECT price_cents FROM calls WHERE call_id = '70'") == [(36,)]
    assert [line[1] for line in database.rows(LOG)] == ["suspense-retried"] * 3
