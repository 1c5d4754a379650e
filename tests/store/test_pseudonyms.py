"""The one change of a priced call that there is, and all that is near to it and refused."""

import psycopg2
import pytest
from psycopg2.errors import IntegrityError

from tests.factories import a_pair

PSEUDONYM, OTHER = "p" + "0" * 20, "p" + "1" * 20
REPLACED = f"source = '{PSEUDONYM}', destination = '{PSEUDONYM}'"
AUDITED = "INSERT INTO audit_log (actor, act, subject) VALUES ('x', 'calls-pseudonymised', '{}')"


@pytest.fixture
def priced(client, database):
    client.post(
        "/v1/call-records", json=a_pair("70", "2018-01-03T21:57:13Z", "2018-01-03T22:10:56Z")
    )
    return database


def update(database, assignments, *, role="origin", period="2018-01"):
    """Update the call in one transaction with a line of the audit log about `period`."""
    with database.connect() as opened, opened.cursor() as statements:
        statements.execute(f"SET session_replication_role = {role}")
        opened.set_session(autocommit=False)
        if period:
            statements.execute(AUDITED.format(period))
        statements.execute(f"UPDATE calls SET {assignments}")
        opened.commit()


def test_both_numbers_can_become_pseudonyms(priced):
    update(priced, REPLACED)

    assert priced.rows("SELECT source, destination, price_cents FROM calls") == [
        (PSEUDONYM, PSEUDONYM, 54)
    ]


@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize("period", [None, "2018-02"])
def test_not_without_a_line_about_its_month(priced, role, period):
    with pytest.raises(psycopg2.IntegrityError, match="audit"):
        update(priced, REPLACED, role=role, period=period)


@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize(
    "assignments",
    [
        f"{REPLACED}, price_cents = 1",
        f"{REPLACED}, price_cents = NULL, tariff_id = NULL, period = NULL, priced_at = NULL",
        f"{REPLACED}, tariff_id = 2",
        f"{REPLACED}, period = '2018-02-01'",
        f"{REPLACED}, priced_at = now()",
        f"{REPLACED}, started_at = started_at - interval '1 microsecond'",
        f"{REPLACED}, ended_at = ended_at + interval '1 hour'",
        f"{REPLACED}, start_received_at = now()",
        f"{REPLACED}, call_id = '71'",
        f"{REPLACED}, start_record_id = ''",
        f"source = '{PSEUDONYM}'",
        f"destination = '{PSEUDONYM}'",
        "source = '11987654321'",
        "source = '11987654321', destination = '11987654321'",
        "source = 'p', destination = 'p'",
        "source = NULL, destination = NULL",
        f"source = '{PSEUDONYM}', destination = NULL",
        "price_cents = price_cents",
        "source = source",
    ],
)
def test_nothing_else_of_a_priced_call_changes(priced, assignments, role):
    before = priced.rows("SELECT * FROM calls")

    with pytest.raises(IntegrityError, match="never changes"):
        update(priced, assignments, role=role)

    assert priced.rows("SELECT * FROM calls") == before


@pytest.mark.parametrize(
    "assignments",
    [
        f"source = '{OTHER}', destination = '{OTHER}'",
        "source = '99988526423', destination = '9933468278'",
        "price_cents = 1",
    ],
)
def test_a_pseudonym_stays(priced, assignments):
    update(priced, REPLACED)

    with pytest.raises(IntegrityError, match="never changes"):
        update(priced, assignments)


def test_a_call_with_pseudonyms_is_not_deleted_either(priced):
    update(priced, REPLACED)

    with pytest.raises(IntegrityError, match="never changes"):
        priced.rows("DELETE FROM calls")
