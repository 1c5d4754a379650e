"""Intake of single records: those that wait for the database at the same time go together.

One statement for several calls takes PostgreSQL and the driver not much longer than one for one
(docs/decisions/0010).
"""

import logging
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from threading import Lock

from app.database.connections import KeptConnection
from app.database.retry import FAILURES, count_retry
from app.database.statements import timed
from app.limits import times
from app.limits.deadline import Deadline
from app.services import ingestion
from app.services.ingestion import Delivery, Outcome
from app.services.pricing import Pricing
from app.store import calls

logger = logging.getLogger(__name__)


class _Posted:
    """A record whose thread waits to be told: that it leads, or that its record is done.

    Done without an outcome, it has to go by itself.
    """

    __slots__ = ("deadline", "delivery", "leads", "outcome", "received_at", "told")

    def __init__(self, delivery: Delivery, received_at: datetime, deadline: Deadline) -> None:
        self.delivery = delivery
        self.deadline = deadline
        self.received_at = received_at
        self.leads = False
        self.outcome: Outcome | None = None
        self.told = Lock()
        self.told.acquire()


class SingleIntake:
    """Takes the single records of one service, each brought by a thread of its own.

    One thread at a time leads: it goes to the database with all that have come by then. Of those
    that come meanwhile, the first leads next.
    """

    def __init__(self, pricing: Pricing) -> None:
        self._pricing = pricing
        self._connection = KeptConnection(  # Of the thread that leads.
            lock_seconds_max=times.SHARED_LOCK_SECONDS_MAX
        )
        self._waiting: deque[_Posted] = deque()
        self.is_led = False  # Whether a thread is at the database for single records.
        self._lock = Lock()  # Of the two above, and of who leads.

    def accept(self, delivery: Delivery, received_at: datetime, *, deadline: Deadline) -> Outcome:
        """Judge and keep `delivery` as `ingestion.accept` does, and give what became of it."""
        has_time = deadline.seconds_left() > times.JOIN_SECONDS_LEFT_MIN
        if delivery.record is not None and has_time:
            outcome = self._accept_together(_Posted(delivery, received_at, deadline))
            if outcome is not None:
                return outcome
        [outcome] = ingestion.accept(
            [delivery], pricing=self._pricing, received_at=received_at, deadline=deadline
        )
        return outcome

    def _accept_together(self, mine: _Posted) -> Outcome | None:
        with self._lock:
            self._waiting.append(mine)
            if not self.is_led:
                self._pass_lead()
        with timed():
            self._wait_until_told(mine)
        if mine.leads:
            self._lead()
        return mine.outcome

    def _pass_lead(self) -> None:
        """Have the first of those that wait lead, if there is one."""
        self.is_led = bool(self._waiting)
        if self.is_led:
            first = self._waiting[0]
            first.leads = True
            first.told.release()

    def _wait_until_told(self, mine: _Posted) -> None:
        """Wait, but not long for one in trouble, unless that one has taken `mine` along."""
        while not mine.told.acquire(timeout=times.LEAD_SECONDS_MAX):
            with self._lock:
                if mine in self._waiting and not mine.leads:
                    self._waiting.remove(mine)
                    return
            if not mine.deadline.seconds_left():
                return

    def _lead(self) -> None:
        """Try once to store the records that have waited longest. None is kept in suspense."""
        with self._lock:
            number = min(len(self._waiting), calls.FEW)
            together = [self._waiting.popleft() for _ in range(number)]
        try:
            self._judge(together)
        except FAILURES as failure:
            logger.warning("database: %s; records go one by one", type(failure).__name__)
            count_retry(failure)
        except Exception:  # By itself, each meets what is its own.
            logger.exception("records go one by one")
        finally:
            with self._lock:
                self._pass_lead()
            for posted in together[1:]:  # The first is the one that leads.
                posted.told.release()

    def _judge(self, together: Sequence[_Posted]) -> None:
        latest = max(posted.received_at for posted in together)
        deliveries = [posted.delivery for posted in together]
        # The first is the thread that leads.
        with self._connection.single_statements(together[0].deadline) as connection:
            attempt = ingestion.Attempt(connection, self._pricing, latest)
            try:
                attempt.judge(deliveries)
            finally:
                # What is committed is so, whatever happened to the others.
                for index, outcome in attempt.stored():
                    together[index].outcome = outcome
