"""Numbers become pseudonyms beside senders who repeat themselves: nobody waits in a circle."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.domain.period import BillingPeriod
from app.services import privacy
from tests.concurrency.racing import wait_until_blocked
from tests.factories import a_pair
from tests.intake import accept

CALL_IDS = [f"{number:03}" for number in range(500)]
AT = "2018-01-03T14:00:00Z"
LOCK_OR_FAIL = "SELECT FROM calls WHERE call_id = ANY (%s) FOR UPDATE NOWAIT"


def pseudonymise(app):
    month, now = BillingPeriod(2018, 2), datetime(2018, 2, 3, tzinfo=UTC)
    with app.app_context():
        return privacy.pseudonymise(
            month, "k" * 32, actor="test", billing_zone=ZoneInfo("UTC"), now=now
        )


def test_rows_are_taken_in_the_order_of_the_intake(app, database):
    """A batch that holds the first one, for which it waits, gets all of the others."""
    numbers = range(11_900_000_000, 11_900_000_000 + len(CALL_IDS))
    # By number, as the bill index has them, they stand the other way round.
    for call_id, number in zip(CALL_IDS, reversed(numbers), strict=True):
        accept(app, *a_pair(call_id, AT, AT, source=f"{number}"))
    with database.connect() as batch, ThreadPoolExecutor(1) as pool:
        batch.set_session(autocommit=False)
        with batch.cursor() as cursor:
            cursor.execute(LOCK_OR_FAIL, (CALL_IDS[:1],))
            run = pool.submit(pseudonymise, app)
            wait_until_blocked(database)

            cursor.execute(LOCK_OR_FAIL, (CALL_IDS[1:],))
            batch.commit()

        assert run.result() == len(CALL_IDS)
