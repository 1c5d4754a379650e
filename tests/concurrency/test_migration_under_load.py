"""The schema changes under a service that is at work: nobody is refused, nothing is lost."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2

from app.database.migration import migrate, schema_head
from tests.conftest import settings_for

SENDERS = 4
SLOWEST_SECONDS_MAX = 5
# As release 0.1.0 writes a call: whole, or only what is not there yet.
WRITE = """
    INSERT INTO calls (call_id, start_record_id, started_at, source, destination, start_received_at,
        end_record_id, ended_at, end_received_at, price_cents, tariff_id, period, priced_at)
    VALUES (%s, '1', '2018-01-03T14:00Z', '11987654321', '1133334444', now(),
        '2', '2018-01-03T14:00Z', now(), 36, 1, '2018-01-01', now())
    ON CONFLICT (call_id) DO UPDATE SET ended_at = EXCLUDED.ended_at
    WHERE calls.price_cents IS NULL
"""
SUSPEND = """
    INSERT INTO suspense
        (content_hash, received, reason, errors, times_seen, received_at, last_received_at)
    VALUES (sha256(%s), 'x', 'invalid-record', '[]', 1, now(), now())
"""


def test_senders_do_not_notice_that_the_database_is_migrated(new_database):
    """On a real service of the release before, with 1,000,000 calls: docs/operations/upgrade.md."""
    database = new_database(revision="0003")
    migrated = threading.Event()

    def send(sender):
        seconds = []
        with closing(psycopg2.connect(database.url.replace("+psycopg2", ""))) as connection:
            while not migrated.is_set() or len(seconds) < 20:
                name = f"{sender}-{len(seconds)}"
                begin = time.monotonic()
                with connection, connection.cursor() as cursor:
                    cursor.execute(WRITE, (name,))
                    cursor.execute(SUSPEND, (name.encode(),))
                seconds.append(time.monotonic() - begin)
        return seconds

    with ThreadPoolExecutor(SENDERS) as threads:
        sending = [threads.submit(send, sender) for sender in range(SENDERS)]
        time.sleep(0.5)
        try:
            migrate(settings_for(database.url), database.url)
        finally:
            migrated.set()
        seconds = [each for sent in sending for each in sent.result()]

    assert max(seconds) < SLOWEST_SECONDS_MAX
    assert database.rows("SELECT count(*) FROM calls WHERE price_cents = 36") == [(len(seconds),)]
    assert database.rows("SELECT count(*) FROM suspense") == [(len(seconds),)]
    assert database.rows("SELECT version_num FROM alembic_version") == [(schema_head(),)]
