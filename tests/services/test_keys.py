"""Keys are checked in memory, and what happens to them is honoured within seconds."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app import create_app
from app.domain.errors import NotFound, Unavailable
from app.domain.key import Credential, Scope
from app.limits import times
from app.limits.deadline import Deadline
from app.services import keys
from tests.conftest import settings_for
from tests.cutting import cut_off_after_the_commit
from tests.keys import a_key, status


@pytest.fixture
def app(guarded_app):
    return guarded_app


def shown_by(ring, credential):
    return ring.key_shown_by(credential, deadline=Deadline.start())


def test_two_keys_live_at_once_until_one_is_revoked(client, monkeypatch):
    monkeypatch.setattr(times, "FRESH_KEYS_SECONDS", 0.2)
    old, new = a_key(Scope.READ_BILLS), a_key(Scope.READ_BILLS)
    assert status(client, old) == status(client, new) == 200

    keys.revoke(old.key_id, actor="test", now=datetime.now(UTC), deadline=Deadline.start())
    time.sleep(0.3)

    assert (status(client, old), status(client, new)) == (401, 200)
    with pytest.raises(NotFound):
        keys.revoke(old.key_id, actor="test", now=datetime.now(UTC), deadline=Deadline.start())


def test_a_new_key_works_within_a_second(client):
    assert status(client, a_key(Scope.READ_BILLS)) == 200
    newer = a_key(Scope.READ_BILLS)
    time.sleep(0.6)

    assert status(client, newer) == 200


def test_a_key_whose_commit_was_cut_off_is_the_one_that_is_shown(
    app, client, database, monkeypatch
):
    with cut_off_after_the_commit(monkeypatch):
        key = a_key(Scope.READ_BILLS)

    assert database.rows("SELECT key_id FROM api_keys") == [(key.key_id,)]
    assert database.rows("SELECT act FROM audit_log") == [("key-created",)]
    assert status(client, key) == 200


def test_a_key_whose_revocation_was_cut_off_is_revoked_once(app, database, monkeypatch):
    key = a_key(Scope.READ_BILLS)
    with cut_off_after_the_commit(monkeypatch):
        keys.revoke(key.key_id, actor="test", now=datetime.now(UTC), deadline=Deadline.start())

    assert keys.all_keys(deadline=Deadline.start())[0].revoked_at is not None
    assert database.rows("SELECT act FROM audit_log ORDER BY id") == [
        ("key-created",),
        ("key-revoked",),
    ]


def test_checking_keys_costs_no_statement_a_request(database, record_statements, app):
    key = a_key(Scope.INGEST)
    ring = keys.KeyRing(time.monotonic)
    client, sent = record_statements(database)
    with client.application.app_context():
        for _ in range(100):
            assert shown_by(ring, key) is not None

    assert len([each for each in sent if "api_keys" in each]) <= 2


def test_a_use_is_noted_to_the_minute(app):
    key = a_key(Scope.READ_BILLS)
    ring = keys.KeyRing(time.monotonic)
    first = datetime(2026, 11, 27, 12, tzinfo=UTC)
    noted = []
    for seconds in (0, 30, 59, 61):
        assert shown_by(ring, key)
        ring.note_used(first + timedelta(seconds=seconds), deadline=Deadline.start())
        noted += [each.last_used_at for each in keys.all_keys(deadline=Deadline.start())]

    assert noted == [first, first, first, first + timedelta(seconds=61)]


def test_a_use_that_could_not_be_noted_is_noted_later(app, monkeypatch):
    key = a_key(Scope.READ_BILLS)
    ring = keys.KeyRing(time.monotonic)
    assert shown_by(ring, key)

    with monkeypatch.context() as away:
        away.setattr(keys, "transaction", lambda *_: 1 / 0)
        away.setattr(keys, "FAILURES", ZeroDivisionError)
        ring.note_used(datetime.now(UTC), deadline=Deadline.start())
    ring.note_used(datetime.now(UTC), deadline=Deadline.start())

    assert keys.all_keys(deadline=Deadline.start())[0].last_used_at is not None


def test_while_the_database_is_away_keys_are_trusted_for_a_minute(app, monkeypatch):
    key = a_key(Scope.INGEST)
    ring = keys.KeyRing(time.monotonic)
    assert shown_by(ring, key)

    def away(*_, **__):
        raise Unavailable("away")

    monkeypatch.setattr(keys, "retry", away)
    ring._read_at -= 50
    assert shown_by(ring, key)
    ring._read_at -= 20
    with pytest.raises(Unavailable):
        shown_by(ring, key)


def test_nobody_gets_in_with_a_revoked_key_while_another_thread_reads_keys(app, database):
    key = a_key(Scope.INGEST)
    ring = keys.KeyRing(time.monotonic)
    assert shown_by(ring, key)
    keys.revoke(key.key_id, actor="test", now=datetime.now(UTC), deadline=Deadline.start())
    ring._read_at -= 50  # Nothing was asked for so long.

    def ask(_):
        with app.app_context():
            return shown_by(ring, key)

    with database.connect() as holder, ThreadPoolExecutor(4) as threads:
        holder.set_session(autocommit=False)
        with holder.cursor() as statements:
            statements.execute("LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE")
        asking = threads.map(ask, range(4))
        time.sleep(0.5)
        holder.commit()
        let_in = list(asking)

    assert let_in == [None] * 4


def test_those_who_wait_for_keys_in_vain_are_all_told_in_time(monkeypatch):
    monkeypatch.setattr(times, "ANSWER_SECONDS_MAX", times.LAST_TRY_SECONDS + 1.0)
    nowhere = settings_for("postgresql+psycopg2://pulso@127.0.0.1:1/pulso")
    guarded = create_app(replace(nowhere, is_auth_required=True))

    def ask(_):
        begin = time.monotonic()
        return status(guarded.test_client(), "a.b"), time.monotonic() - begin

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(ask, range(6)))

    assert {each for each, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) < 2


def test_keys_that_are_trusted_are_not_waited_for_one_by_one(app, database, monkeypatch):
    monkeypatch.setattr(times, "READ_KEYS_SECONDS_MAX", 1.0)
    key = a_key(Scope.INGEST)
    ring = keys.KeyRing(time.monotonic)
    assert shown_by(ring, key)
    ring._read_at -= 50

    def ask(_):
        with app.app_context():
            begin = time.monotonic()
            return shown_by(ring, key) is not None, time.monotonic() - begin

    with database.connect() as holder, ThreadPoolExecutor(6) as threads:
        holder.set_session(autocommit=False)
        with holder.cursor() as statements:
            statements.execute("LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE")
        answers = list(threads.map(ask, range(6)))

    assert all(is_let_in for is_let_in, _ in answers)
    assert max(seconds for _, seconds in answers) < 3


def test_nobody_waits_for_the_keys_longer_than_his_request_can():
    ring = keys.KeyRing(time.monotonic)
    begin = time.monotonic()
    deadline = Deadline.after(times.LAST_TRY_SECONDS + 0.2)

    with (
        ring._refreshing,  # As if another thread read them, for a younger request.
        pytest.raises(Unavailable),
    ):
        ring.key_shown_by(Credential.make(), deadline=deadline)

    assert time.monotonic() - begin < 2


def test_the_command_line_makes_lists_and_revokes_keys(app):
    run = app.test_cli_runner().invoke
    made = run(args=["keys", "create", "--name", "switch-01", "--scope", "ingest"])
    key_id, _, secret = made.output.strip().partition(".")

    listed = run(args=["keys", "list"]).output
    revoked = [run(args=["keys", "revoke", key_id]) for _ in range(2)]

    assert made.exit_code == 0
    header, row = listed.splitlines()
    assert header.split() == ["id", "scopes", "created", "last", "used", "revoked", "name"]
    assert [*row.split()[:2], *row.split()[3:]] == [key_id, "ingest", "-", "-", "switch-01"]
    assert secret not in listed
    assert [each.exit_code for each in revoked] == [0, 1]
    [shown] = map(json.loads, run(args=["keys", "list", "--json"]).output.splitlines())
    assert shown["revoked"].endswith("Z")
    assert run(args=["keys", "create", "--name", "x", "--scope", "root"]).exit_code == 2
