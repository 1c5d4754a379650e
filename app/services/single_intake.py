"""Intake of single records: those that wait for the database at the same time go together.

One statement for several calls takes PostgreSQL and the driver not much longer than one for one
(docs/decisions/0010).
"""

import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from threading import Lock

from app.db import FAILURES, RETRY_SECONDS_MAX, count_retry, single_statements
from app.driver import timed
from app.patience import ANSWER_SECONDS_MAX, seconds_left
from app.services import ingestion
from app.services.ingestion import Delivery, Outcome
from app.services.pricing import Pricing
from app.store import calls

logger = logging.getLogger(__name__)

# A row that somebody else holds is waited for so long by those who have nothing to do with it.
_LOCK_SECONDS_MAX = 0.1
# One who has the turn for longer is in trouble, and others do not wait for it.
_TURN_SECONDS_MAX = 0.25


class _Posted:
    """A record whose thread waits. Done without an outcome, it has to go by itself."""

    __slots__ = ("delivery", "is_done", "outcome", "received_at")

    def __init__(self, delivery: Delivery, received_at: datetime) -> None:
        self.delivery = delivery
        self.received_at = received_at
        self.is_done = False
        self.outcome: Outcome | None = None


class SingleIntake:
    """Takes the single records of one service, each brought by a thread of its own.

    One thread at a time has the turn: it goes to the database with all that have come by then.
    Those that come meanwhile wait for the turn, and most find then that their record is done.
    """

    def __init__(self, pricing: Pricing) -> None:
        self._pricing = pricing
        self._waiting: deque[_Posted] = deque()
        self._turn = Lock()

    def accept(self, delivery: Delivery, received_at: datetime) -> Outcome:
        """Judge and keep `delivery` as `ingestion.accept` does, and give what became of it."""
        if delivery.record is not None and seconds_left(RETRY_SECONDS_MAX):
            outcome = self._accept_together(_Posted(delivery, received_at))
            if outcome is not None:
                return outcome
        [outcome] = ingestion.accept([delivery], pricing=self._pricing, received_at=received_at)
        return outcome

    def _accept_together(self, mine: _Posted) -> Outcome | None:
        self._waiting.append(mine)
        if self._has_turn(mine):
            try:
                while not mine.is_done:
                    self._judge_those_waiting()
            finally:
                self._turn.release()
        return mine.outcome

    def _has_turn(self, mine: _Posted) -> bool:
        """Wait for the turn, unless `mine` is done before. Nobody waits long for one in trouble."""
        with timed():
            while not self._turn.acquire(timeout=_TURN_SECONDS_MAX):
                if mine.is_done or not seconds_left(ANSWER_SECONDS_MAX):
                    return False
                with suppress(ValueError):  # The one in trouble has taken it along.
                    self._waiting.remove(mine)
                    return False
        return True

    def _judge_those_waiting(self) -> None:
        """Try once to store the records that have waited longest. None is kept in suspense."""
        together: list[_Posted] = []
        with suppress(IndexError):
            while len(together) < calls.FEW:
                together.append(self._waiting.popleft())
        try:
            self._judge(together)
        except FAILURES as failure:
            logger.warning("database: %s; records go one by one", type(failure).__name__)
            count_retry(failure)
        except Exception:  # By itself, each meets what is its own.
            logger.exception("records go one by one")
        finally:
            for posted in together:
                posted.is_done = True

    def _judge(self, together: Sequence[_Posted]) -> None:
        latest = max(posted.received_at for posted in together)
        deliveries = [posted.delivery for posted in together]
        with single_statements(lock_seconds_max=_LOCK_SECONDS_MAX) as cursor:
            attempt = ingestion.Attempt(cursor, self._pricing, latest)
            try:
                attempt.judge(deliveries)
            finally:
                # What is committed is so, whatever happened to the others.
                for index, outcome in attempt.stored():
                    together[index].outcome = outcome
