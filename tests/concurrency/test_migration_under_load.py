"""The schema changes under a service that is at work: nobody is refused, nothing is lost."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from app.database.migration import migrate, schema_head
from tests.conftest import Service, settings_for
from tests.factories import a_pair

SENDERS = 4
SLOWEST_SECONDS_MAX = 5


def test_senders_do_not_notice_that_the_database_is_migrated(new_database):
    """On a real service of the release before, with 1,000,000 calls: docs/operations/upgrade.md."""
    database = new_database(revision="0003")
    migrated = threading.Event()

    def send(sender):
        client, answers = service.app.test_client(), []
        while not migrated.is_set() or len(answers) < 20:
            pair = a_pair(f"{sender}-{len(answers)}", *["2018-01-03T14:00:00Z"] * 2)
            begin = time.monotonic()
            answer = client.post("/v1/call-records", json=pair)
            answers.append((answer.status_code, time.monotonic() - begin))
        return answers

    with closing(Service(database, "UTC")) as service, ThreadPoolExecutor(SENDERS) as threads:
        sending = [threads.submit(send, sender) for sender in range(SENDERS)]
        time.sleep(0.5)
        try:
            migrate(settings_for(database.url), database.url)
        finally:
            migrated.set()
        answers = [answer for each in sending for answer in each.result()]

    assert {status for status, _ in answers} == {200}
    assert max(seconds for _, seconds in answers) < SLOWEST_SECONDS_MAX
    assert database.rows("SELECT count(*) FROM calls WHERE price_cents = 36") == [(len(answers),)]
    assert database.rows("SELECT version_num FROM alembic_version") == [(schema_head(),)]
