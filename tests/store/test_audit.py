"""No change that touches money without its line in the audit log, and no line ever changes."""

from datetime import UTC, datetime

import psycopg2
import pytest
from sqlalchemy.exc import IntegrityError

from app.database.transactions import transaction
from app.domain.audit import Act, Deed
from app.domain.key import Scope
from app.limits.deadline import Deadline
from app.services import keys
from app.store import audit
from tests.keys import a_key

SUSPENSE_ID = "00" * 32
SUSPENDED = f"""
    INSERT INTO suspense
        (content_hash, received, reason, errors, times_seen, received_at, last_received_at)
    VALUES (decode('{SUSPENSE_ID}', 'hex'), '', 'invalid-record', '[]', 1, now(), now())
"""
# Each statement, and the subject it is about.
CHANGES = {
    "tariff-inserted": (
        """
        INSERT INTO tariffs (name, effective_from, time_zone, currency)
        VALUES ('other', '2100-01-01', 'UTC', 'BRL')
        """,
        None,
    ),
    "subscriber-inserted": (
        "INSERT INTO subscribers VALUES ('11987654321', 'Ana', 'ana')",
        "11987654321",
    ),
    "suspense-resolved": (
        "UPDATE suspense SET resolved_at = now(), resolution = 'stored'",
        SUSPENSE_ID,
    ),
    "suspense-with-another-reason": ("UPDATE suspense SET reason = 'no-tariff'", SUSPENSE_ID),
    "suspense-with-another-note": ("UPDATE suspense SET note = 'x'", SUSPENSE_ID),
    "suspense-deleted": ("DELETE FROM suspense", SUSPENSE_ID),
    "billing-zone-changed": ("UPDATE installation SET billing_zone = 'UTC'", "billing zone"),
}


def change(app, statement, *deeds):
    with app.app_context(), transaction(Deadline.start()) as connection:
        connection.exec_driver_sql(statement)
        audit.record(connection, deeds)


def deed(subject):
    return Deed("cli:ana", Act.SUSPENSE_RETRIED, subject, {"x": 1}, None)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_without_its_line_is_not_committed(app, database, name):
    statement, subject = CHANGES[name]
    database.rows(SUSPENDED)

    for deeds in ([], [deed("another subject")]):
        with pytest.raises(IntegrityError, match="audit"):
            change(app, statement, *deeds)
    assert database.rows("SELECT count(*) FROM audit_log") == [(0,)]
    if subject:
        change(app, statement, deed(subject))
        assert database.rows("SELECT actor, subject FROM audit_log") == [("cli:ana", subject)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE subscribers SET name = 'Eva', search_name = 'eva'",
        "DELETE FROM subscribers",
    ],
)
def test_no_name_changes_or_goes_without_its_line(app, database, statement):
    named, subject = CHANGES["subscriber-inserted"]
    change(app, named, deed(subject))

    with pytest.raises(IntegrityError, match="audit"):
        change(app, statement)
    change(app, statement, deed(subject))


def test_no_tariff_goes_without_its_line(app, database):
    with app.app_context(), transaction(Deadline.start()) as connection:
        inserting = f"{CHANGES['tariff-inserted'][0]} RETURNING id"
        [(number,)] = connection.exec_driver_sql(inserting)
        audit.record(connection, [deed(f"{number}")])

    with pytest.raises(IntegrityError, match="audit"):
        change(app, f"DELETE FROM tariffs WHERE id = {number}")
    change(app, f"DELETE FROM tariffs WHERE id = {number}", deed(f"{number}"))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO api_keys SELECT 'other', name, scopes, secret_hash, created_at FROM api_keys",
        "UPDATE api_keys SET scopes = ARRAY['admin']",
        "UPDATE api_keys SET secret_hash = sha256('')",
        "UPDATE api_keys SET revoked_at = NULL",
        "UPDATE api_keys SET name = 'other'",
        "DELETE FROM api_keys",
    ],
)
def test_no_key_is_made_changed_or_gone_without_its_line(guarded_app, statement):
    key = a_key(Scope.INGEST)
    keys.revoke(key.key_id, actor="test", now=datetime.now(UTC), deadline=Deadline.start())
    subject = "other" if statement.startswith("INSERT") else key.key_id

    for deeds in ([], [deed("another subject")]):
        with pytest.raises(IntegrityError, match="audit"):
            change(guarded_app, statement, *deeds)
    change(guarded_app, statement, deed(subject))


def test_a_line_of_an_earlier_change_is_none_for_the_next(app, database):
    statement, subject = CHANGES["suspense-with-another-reason"]
    database.rows(SUSPENDED)
    change(app, statement, deed(subject))

    with pytest.raises(IntegrityError, match="audit"):
        change(app, "UPDATE suspense SET reason = 'invalid-record'")


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_log SET actor = 'nobody'", "DELETE FROM audit_log", "TRUNCATE audit_log"],
)
@pytest.mark.parametrize("role", ["origin", "replica"])
def test_the_log_only_grows(app, database, statement, role):
    change(app, "SELECT", deed("x"))

    with pytest.raises(psycopg2.IntegrityError, match="stays written"):
        database.rows(f"SET session_replication_role = {role}; {statement}")


@pytest.mark.parametrize("table", ["suspense", "subscribers", "api_keys"])
@pytest.mark.parametrize("role", ["origin", "replica"])
def test_no_table_of_what_is_audited_is_emptied_at_once(database, table, role):
    with pytest.raises(psycopg2.IntegrityError, match="TRUNCATE"):
        database.rows(f"SET session_replication_role = {role}; TRUNCATE {table}")


@pytest.mark.parametrize("column", ["content_hash", "received", "received_at"])
def test_what_was_received_is_kept_as_it_came(app, database, column):
    database.rows(SUSPENDED)

    with pytest.raises(IntegrityError, match="kept as it came"):
        change(app, f"UPDATE suspense SET {column} = {column}", deed(SUSPENSE_ID))


def test_another_resolution_needs_a_line(app, database):
    database.rows(SUSPENDED)
    statement, subject = CHANGES["suspense-resolved"]
    change(app, statement, deed(subject))

    with pytest.raises(IntegrityError, match="audit"):
        change(app, "UPDATE suspense SET resolution = 'duplicate'")


def test_what_only_counts_a_repeat_needs_no_line(app, database):
    database.rows(SUSPENDED)

    change(app, "UPDATE suspense SET times_seen = times_seen + 1, last_received_at = now()")
