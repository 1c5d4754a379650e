"""How many connections the server lets the service have: the least of its limits."""

import pytest

from app.limits.deadline import Deadline
from app.services.readiness import connections_allowed
from tests.conftest import Service

BY_SERVER = """
    SELECT current_setting('max_connections')::integer
         - current_setting('superuser_reserved_connections')::integer
         - current_setting('reserved_connections')::integer
"""


@pytest.fixture
def service_of_its_own(new_database):
    service = Service(new_database(), "UTC")
    yield service
    service.close()


def allowed(service):
    with service.app.app_context():
        return connections_allowed(deadline=Deadline.start())


def test_the_server_keeps_some_for_superusers(service_of_its_own):
    [(by_server,)] = service_of_its_own.database.rows(BY_SERVER)

    assert allowed(service_of_its_own) == by_server


@pytest.mark.parametrize(("limit", "expected"), [("5", 5), ("0", 0)])
def test_a_limit_of_the_database_counts(service_of_its_own, limit, expected):
    database = service_of_its_own.database
    [(name,)] = database.rows("SELECT current_database()")

    database.rows(f'ALTER DATABASE "{name}" CONNECTION LIMIT {limit}')

    assert allowed(service_of_its_own) == expected
