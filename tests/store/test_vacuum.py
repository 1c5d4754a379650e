"""Bills are read from their index alone: what vacuum has seen stays so while others are posted."""

from collections import deque
from contextlib import closing
from datetime import UTC, date, datetime

import pytest

from app.database.transactions import transaction
from app.domain.call_record import EndRecord, StartRecord
from app.domain.delivery import Delivery
from app.limits.deadline import Deadline
from app.services.ingestion import accept
from app.store import bill_lines
from tests.conftest import Service

PAIRS, OPEN_CALLS = 2_000, 200
NOW = datetime(2019, 1, 1, tzinfo=UTC)


@pytest.fixture
def posting(new_database):
    """A service on a table that no autovacuum visits."""
    database = new_database()
    database.rows("ALTER TABLE calls SET (autovacuum_enabled = off)")
    with closing(Service(database, "UTC")) as service:
        yield service


def post_singly(service, month):
    """Post calls of a month record by record, each end some starts later."""
    pricing = service.app.extensions["pulso_pricing"]
    open_calls = deque()
    with service.app.app_context():
        for number in range(PAIRS):
            call_id, at = f"{number * 7919 % PAIRS}-{month}", datetime(2018, month, 2, tzinfo=UTC)
            start = StartRecord(call_id, f"{number}s", at, "11987654321", "1133334444", NOW)
            open_calls.append(EndRecord(call_id, f"{number}e", at, NOW))
            accept(
                [Delivery(b"", start)], pricing=pricing, received_at=NOW, deadline=Deadline.start()
            )
            if len(open_calls) > OPEN_CALLS:
                accept(
                    [Delivery(b"", open_calls.popleft())],
                    pricing=pricing,
                    received_at=NOW,
                    deadline=Deadline.start(),
                )
        for end in open_calls:
            accept(
                [Delivery(b"", end)], pricing=pricing, received_at=NOW, deadline=Deadline.start()
            )


def heap_fetches(service, month):
    """How many rows of the table the bills of a month look at; every line comes from the index."""
    with service.app.app_context(), transaction(Deadline.start(), read_only=True) as connection:
        [([explained],)] = connection.exec_driver_sql(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {bill_lines.BILL_RUN}",
            {"period": date(2018, month, 1)},
        )
    plan = explained["Plan"]
    assert (plan["Node Type"], plan["Actual Rows"]) == ("Index Only Scan", PAIRS)
    return plan["Heap Fetches"]


def test_the_table_is_vacuumed_early_and_its_small_holes_are_left(new_database):
    [(options,)] = new_database().rows("SELECT reloptions FROM pg_class WHERE relname = 'calls'")

    assert set(options) == {
        "fillfactor=98",
        "autovacuum_vacuum_scale_factor=0.02",
        "autovacuum_vacuum_insert_scale_factor=0.02",
    }


def test_calls_of_the_next_month_leave_the_vacuumed_one_in_peace(posting):
    post_singly(posting, month=1)
    posting.database.rows("ANALYZE calls")
    assert heap_fetches(posting, month=1) >= PAIRS

    posting.database.rows("VACUUM calls")
    assert heap_fetches(posting, month=1) == 0

    post_singly(posting, month=2)
    posting.database.rows("ANALYZE calls")
    assert heap_fetches(posting, month=1) < PAIRS / 10
