"""`/health`: live while the process answers, ready while it can do its work."""

import pytest

from app import create_app
from app.database import connections
from tests.conftest import settings_for


def test_a_service_on_a_migrated_and_durable_database_is_ready(client):
    assert client.get("/health/live").json == {"status": "live"}
    assert client.get("/health/ready").json == {"status": "ready"}


def refusal(url):
    client = create_app(settings_for(url)).test_client()
    answer = client.get("/health/ready")
    assert client.get("/health/live").status_code == 200
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    return answer.json["detail"]


def test_without_a_database_it_lives_and_is_not_ready():
    assert "cannot be reached" in refusal("postgresql+psycopg2://pulso@127.0.0.1:1/pulso")


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_with_an_older_schema_it_is_not_ready(new_database, revision):
    assert "an older schema" in refusal(new_database(revision=revision).url)


def test_with_no_schema_at_all_it_is_not_ready(new_database):
    database = new_database()
    database.rows("DROP TABLE alembic_version")

    assert "an older schema" in refusal(database.url)


def test_with_the_schema_of_the_next_release_it_is_ready(new_database):
    database = new_database()
    database.rows("UPDATE alembic_version SET version_num = '9999'")
    client = create_app(settings_for(database.url)).test_client()

    assert client.get("/health/ready").status_code == 200


@pytest.mark.parametrize("parameter", ["fsync", "full_page_writes"])
def test_on_a_database_that_could_lose_what_it_acknowledged_it_is_not_ready(
    new_database, parameter
):
    database = new_database()
    client = create_app(settings_for(database.url)).test_client()
    database.rows(f"ALTER SYSTEM SET {parameter} = off")
    try:
        database.rows("SELECT pg_reload_conf()")
        answer = _eventually(lambda: client.get("/health/ready"), 503)
        assert "could lose" in answer.json["detail"]
    finally:
        database.rows(f"ALTER SYSTEM RESET {parameter}")
        database.rows("SELECT pg_reload_conf()")
        _eventually(lambda: client.get("/health/ready"), 200)


def test_where_commits_do_not_wait_for_the_disk_it_is_not_ready(new_database, monkeypatch):
    """A connection through a pooler that ignores the settings of a session."""
    monkeypatch.setitem(connections.SESSION, "synchronous_commit", "off")

    assert "could lose" in refusal(new_database().url)


def test_what_the_server_says_of_commits_is_no_matter_where_each_session_says_otherwise(
    new_database,
):
    database = new_database()
    name = database.rows("SELECT current_database()")[0][0]
    database.rows(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    client = create_app(settings_for(database.url)).test_client()

    assert client.get("/health/ready").status_code == 200


def test_on_a_database_that_only_reads_it_is_not_ready(new_database):
    database = new_database()
    name = database.rows("SELECT current_database()")[0][0]
    database.rows(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')

    assert "only reads" in refusal(database.url)


def _eventually(ask, status):
    for _ in range(100):
        answer = ask()
        if answer.status_code == status:
            return answer
    raise AssertionError(f"never answered {status}")
