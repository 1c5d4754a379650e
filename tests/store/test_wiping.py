"""What one test leaves behind is no matter for the next one."""

from contextlib import closing

import pytest

from tests.conftest import Service

COMPLETE_WITHOUT_A_PRICE = """
    INSERT INTO calls (call_id, start_record_id, started_at, source, destination,
        start_received_at, end_record_id, ended_at, end_received_at)
    VALUES ('70', '1', '2018-01-03Z', '11987654321', '1133334444', now(),
        '2', '2018-01-03Z', now())
"""


def test_what_the_audit_finds_fault_with_is_wiped_too(new_database):
    database = new_database()

    with (
        closing(Service(database, "UTC")) as service,
        pytest.raises(AssertionError),
        service.clean(),
    ):
        database.rows(COMPLETE_WITHOUT_A_PRICE)

    assert database.rows("SELECT FROM calls") == []
