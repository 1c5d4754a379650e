"""Seventeen ways to change a frozen price, none of which does (rule 14)."""

from datetime import UTC, datetime

import psycopg2
import pytest
from alembic import command
from psycopg2.errors import IntegrityError
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError as SqlalchemyIntegrityError

from app.database.connections import db
from app.database.migration import alembic_config
from app.database.models import Call
from app.database.transactions import transaction
from app.domain.money import Cents
from app.limits.deadline import Deadline
from app.store import calls
from tests.conftest import settings_for
from tests.factories import a_pair, a_start, an_end

EVERYTHING = "SELECT * FROM calls ORDER BY call_id"
TARIFFS = "SELECT * FROM tariffs JOIN time_bands ON tariff_id = id ORDER BY id, starts_at"


@pytest.fixture
def frozen(client, database):
    """A priced call; after the test its row and its tariff are what they were, to the bit."""
    client.post(
        "/v1/call-records", json=a_pair("70", "2018-01-03T21:57:13Z", "2018-01-03T22:10:56Z")
    )
    before = database.rows(EVERYTHING), database.rows(TARIFFS)
    yield database
    assert (database.rows(EVERYTHING), database.rows(TARIFFS)) == before


STATEMENTS = {
    "update": "UPDATE calls SET price_cents = 1",
    "update-to-the-same": "UPDATE calls SET price_cents = price_cents",
    "update-of-another-column": "UPDATE calls SET ended_at = ended_at + interval '1 hour'",
    "delete": "DELETE FROM calls",
    "truncate": "TRUNCATE calls",
    "truncate-from-the-tariffs": "TRUNCATE tariffs CASCADE",
    "upsert": """
        INSERT INTO calls SELECT * FROM calls
        ON CONFLICT (call_id) DO UPDATE SET price_cents = 1
    """,
    "merge": """
        MERGE INTO calls USING (SELECT '70' AS call_id) AS other ON calls.call_id = other.call_id
        WHEN MATCHED THEN UPDATE SET price_cents = 1
    """,
    "second-insert": "INSERT INTO calls SELECT * FROM calls",
    "period-recomputation": "UPDATE calls SET period = date_trunc('month', started_at)",
    "take-the-price-back": """
        UPDATE calls SET price_cents = NULL, tariff_id = NULL, period = NULL, priced_at = NULL
    """,
    "tariff-edit": "UPDATE time_bands SET minute_rate = 9",
    "tariff-dated-otherwise": "UPDATE tariffs SET effective_from = now() + interval '1 year'",
    "tariff-delete": "DELETE FROM tariffs",
    "band-delete": "DELETE FROM time_bands",
    "band-slipped-in": "INSERT INTO time_bands VALUES (1, '12:00', 'noon', 9, 9)",
    "tariff-dated-back": """
        INSERT INTO tariffs (name, effective_from, time_zone, currency)
        VALUES ('sly', now() - interval '1 hour', 'UTC', 'BRL')
    """,
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS.keys())
@pytest.mark.parametrize("role", ["origin", "replica"])
def test_a_statement_by_hand_is_refused(frozen, statement, role):
    with frozen.connect() as opened, opened.cursor() as cursor:
        cursor.execute(f"SET session_replication_role = {role}")
        with pytest.raises(IntegrityError):
            cursor.execute(statement)


def test_the_roles_own_connection_is_refused(app, frozen):
    with (
        app.app_context(),
        pytest.raises(SqlalchemyIntegrityError),
        transaction(Deadline.start()) as connection,
    ):
        connection.exec_driver_sql("UPDATE calls SET price_cents = 1")


def test_a_flush_of_the_orm_is_refused(app, frozen):
    with app.app_context():
        db.session.get(Call, "70").price_cents = 1
        with pytest.raises(SqlalchemyIntegrityError):
            db.session.commit()
        db.session.rollback()


def test_a_bulk_update_is_refused(app, frozen):
    with app.app_context():
        with pytest.raises(SqlalchemyIntegrityError):
            db.session.execute(update(Call).values(price_cents=1))
        db.session.rollback()


def test_the_stores_own_write_passes_a_priced_call_over(app, frozen):
    with app.app_context(), transaction(Deadline.start()) as connection:
        [call] = calls.look_up(connection, ["70"]).values()
        dearer = call._replace(price=call.price._replace(cents=Cents(99_999)))

        assert calls.write(connection, iter([dearer]), known={"70"}) == {"70"}


def test_neither_repeat_nor_conflict_at_intake_moves_it(client, frozen):
    again = [
        a_start("70", "2018-01-03T21:57:13Z"),
        a_start("70", "2018-01-03T10:00:00Z"),
        an_end("70", "2018-01-03T23:10:56Z"),
        *a_pair("70", "2018-01-03T10:00:00Z", "2018-01-03T23:10:56Z"),
    ]

    for body in (*again, again):
        client.post("/v1/call-records", json=body)


def test_reconcile_leaves_it(app, frozen):
    with app.app_context():
        assert app.extensions["pulso_pricing"].reconcile(datetime.now(UTC)) == 0


def test_a_new_tariff_leaves_it(app, frozen):
    audited = """
        WITH changed AS ({} RETURNING id)
        INSERT INTO audit_log (actor, act, subject) SELECT 'test', 'test', id::text FROM changed
    """
    frozen.rows(
        audited.format(
            """
            INSERT INTO tariffs (name, effective_from, time_zone, currency)
            VALUES ('dear', now() + interval '2 hours', 'UTC', 'BRL')
            """
        )
    )
    # It has not begun.
    frozen.rows(audited.format("DELETE FROM tariffs WHERE name = 'dear'"))


def test_a_migration_runs_into_the_same_protection(new_database):
    database = new_database(revision="0003")
    database.rows(
        """
        INSERT INTO calls (call_id, start_record_id, started_at, source, destination,
            start_received_at, end_record_id, ended_at, end_received_at, price_cents, tariff_id,
            period, priced_at)
        VALUES ('70', '1', now(), '1', '2', now(), '2', now(), now(), 36, 1, '2018-01-01', now())
        """
    )
    settings = settings_for(database.url)
    with pytest.raises(Exception, match="there are priced calls"):
        command.downgrade(alembic_config(settings, database.url), "0002")


def test_without_the_trigger_the_same_statement_would_go_through(client, database):
    """The control: it is the trigger that refuses, and nothing else."""
    client.post(
        "/v1/call-records", json=a_pair("70", "2018-01-03T21:57:13Z", "2018-01-03T22:10:56Z")
    )
    with database.connect() as opened:
        opened.set_session(autocommit=False)
        with opened.cursor() as cursor:
            cursor.execute("ALTER TABLE calls DISABLE TRIGGER calls_frozen")
            cursor.execute("UPDATE calls SET price_cents = 1")
            assert cursor.rowcount == 1
        opened.rollback()


def test_a_start_cannot_be_half_written(database):
    with pytest.raises(psycopg2.errors.CheckViolation):
        database.rows("INSERT INTO calls (call_id, started_at) VALUES ('70', now())")
