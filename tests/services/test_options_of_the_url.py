"""`options` in DATABASE_URL: the migrations and the service work with the same ones."""

from contextlib import closing

import pytest
from sqlalchemy.engine import make_url

from app.database.connections import connected
from app.database.migration import migrate
from tests.conftest import Database, Service, settings_for
from tests.factories import a_start


@pytest.fixture(scope="module")
def elsewhere(new_database):
    """A database whose tables are to be made in another schema than the usual one."""
    plain = new_database(revision="base")
    plain.rows("CREATE SCHEMA elsewhere")
    options = {"options": "-csearch_path=elsewhere -csynchronous_commit=off"}
    url = make_url(plain.url).update_query_dict(options).render_as_string(hide_password=False)
    migrate(settings_for(url, "UTC"), url)
    return plain, Database(url)


def test_both_use_the_same_tables(elsewhere):
    plain, database = elsewhere
    with closing(Service(database, "UTC")) as service:
        answer = service.app.test_client().post("/v1/call-records", json=[a_start("70")])

    assert answer.status_code == 200
    assert plain.rows("SELECT call_id FROM elsewhere.calls") == [("70",)]
    assert plain.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []


def test_no_option_replaces_a_setting_that_the_service_needs(elsewhere):
    _, database = elsewhere
    with (
        closing(Service(database, "UTC")) as service,
        service.app.app_context(),
        connected() as connection,
    ):
        found = [
            connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in ("search_path", "synchronous_commit", "statement_timeout")
        ]

    assert found == ["elsewhere", "on", "10s"]
