"""A GET writes nothing: each reads in a transaction that could not."""

import pytest
from sqlalchemy.exc import InternalError

from app.database.transactions import transaction
from app.limits.deadline import Deadline
from tests.factories import SUBSCRIBER, a_pair

PATHS = [
    f"/v1/bills/{SUBSCRIBER}?period=2018-01",
    "/v1/calls/70",
    "/v1/calls?state=open",
    "/v1/bills?period=2018-01",
    f"/v1/subscribers/{SUBSCRIBER}",
    "/v1/subscribers?name=a",
    "/v1/price-preview?start=2018-01-03T14:00:00Z&end=2018-01-03T14:10:00Z",
    "/v1/suspense",
    f"/v1/suspense/{'0' * 64}",
    "/health/ready",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_get_reads_in_a_transaction_that_cannot_write(database, record_statements, path):
    client, sent = record_statements(database)
    client.post("/v1/call-records", json=a_pair("70", *["2018-01-03T14:00:00Z"] * 2))
    sent.clear()

    client.get(path)

    assert sent[0] == "SET TRANSACTION READ ONLY"


def test_what_reads_cannot_write(app):
    with (
        app.app_context(),
        pytest.raises(InternalError, match="read-only"),
        transaction(Deadline.start(), read_only=True) as connection,
    ):
        connection.exec_driver_sql("DELETE FROM suspense")
