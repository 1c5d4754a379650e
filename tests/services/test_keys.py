"""Keys are checked in memory, and what happens to them is honoured within seconds."""

import time

import pytest

from app.domain.errors import NotFound, Unavailable
from app.domain.key import Scope
from app.services import keys
from tests.cutting import cut_off_after_the_commit
from tests.keys import a_key, status


@pytest.fixture
def app(guarded_app):
    return guarded_app


def test_two_keys_live_at_once_until_one_is_revoked(client, monkeypatch):
    monkeypatch.setattr(keys, "FRESH_SECONDS", 0.2)
    old, new = a_key(Scope.READ_BILLS), a_key(Scope.READ_BILLS)
    assert status(client, old) == status(client, new) == 200

    keys.revoke(old.key_id, actor="test")
    time.sleep(0.3)

    assert (status(client, old), status(client, new)) == (401, 200)
    with pytest.raises(NotFound):
        keys.revoke(old.key_id, actor="test")


def test_a_new_key_works_within_a_second(client):
    assert status(client, a_key(Scope.READ_BILLS)) == 200
    newer = a_key(Scope.READ_BILLS)
    time.sleep(0.6)

    assert status(client, newer) == 200


def test_a_key_whose_commit_was_cut_off_is_the_one_that_is_shown(
    app, client, database, monkeypatch
):
    with cut_off_after_the_commit(keys, monkeypatch):
        key = a_key(Scope.READ_BILLS)

    assert database.rows("SELECT key_id FROM api_keys") == [(key.key_id,)]
    assert database.rows("SELECT act FROM audit_log") == [("key-created",)]
    assert status(client, key) == 200


def test_a_key_whose_revocation_was_cut_off_is_revoked_once(app, database, monkeypatch):
    key = a_key(Scope.READ_BILLS)
    with cut_off_after_the_commit(keys, monkeypatch):
        keys.revoke(key.key_id, actor="test")

    assert keys.all_keys()[0].revoked_at is not None
    assert database.rows("SELECT act FROM audit_log ORDER BY id") == [
        ("key-created",),
        ("key-revoked",),
    ]


def test_checking_keys_costs_no_statement_a_request(database, record_statements, app):
    key = a_key(Scope.INGEST)
    ring = keys.KeyRing()
    client, sent = record_statements(database)
    with client.application.app_context():
        for _ in range(100):
            assert ring.key_shown_by(key) is not None

    assert len([each for each in sent if "api_keys" in each]) <= 2


def test_when_it_was_last_used_is_noted(client, monkeypatch):
    monkeypatch.setattr(keys, "FRESH_SECONDS", 0.0)
    key = a_key(Scope.READ_BILLS)
    for _ in range(3):
        status(client, key)

    assert keys.all_keys()[0].last_used_at is not None


def test_while_the_database_is_away_keys_are_trusted_for_a_minute(app, monkeypatch):
    key = a_key(Scope.INGEST)
    ring = keys.KeyRing()
    assert ring.key_shown_by(key)

    def away(*_, **__):
        raise Unavailable("away")

    monkeypatch.setattr(keys, "retrying", away)
    ring._read_at -= 50
    assert ring.key_shown_by(key)
    ring._read_at -= 20
    with pytest.raises(Unavailable):
        ring.key_shown_by(key)


def test_the_command_line_makes_lists_and_revokes_keys(app):
    run = app.test_cli_runner().invoke
    made = run(args=["keys", "create", "--name", "switch-01", "--scope", "ingest"])
    key_id, _, secret = made.output.strip().partition(".")

    listed = run(args=["keys", "list"]).output
    revoked = [run(args=["keys", "revoke", key_id]) for _ in range(2)]

    assert made.exit_code == 0
    assert listed == f"{key_id}  ingest  never used  switch-01\n"
    assert secret not in listed
    assert [each.exit_code for each in revoked] == [0, 1]
    assert "revoked" in run(args=["keys", "list"]).output
    assert run(args=["keys", "create", "--name", "x", "--scope", "root"]).exit_code == 2
