"""Intake of single records: those that wait for the database at the same time are stored together.

One statement for several calls takes PostgreSQL and the driver little longer than a statement for
one (docs/decisions/0010).
"""

import logging
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from threading import Lock

from app.database.connections import KeptConnection
from app.database.retry import FAILURES, count_retry
from app.database.statements import add_sql_seconds, sql_seconds
from app.domain.delivery import Delivery, Outcome
from app.limits import times
from app.limits.deadline import Deadline
from app.services import ingestion
from app.services.judgement import Judgement
from app.services.pricing import Pricing
from app.store import calls
from app.telemetry.metrics import count_outcomes

logger = logging.getLogger(__name__)


class _Posted:
    """A record whose thread sleeps until it leads, or until a leader is done with the record.

    Without an outcome by then, the record goes to the database alone.
    """

    __slots__ = (
        "deadline",
        "delivery",
        "is_leader",
        "outcome",
        "received_at",
        "sql_seconds",
        "wake",
    )

    def __init__(self, delivery: Delivery, received_at: datetime, deadline: Deadline) -> None:
        self.delivery = delivery
        self.received_at = received_at
        self.deadline = deadline
        self.is_leader = False
        self.outcome: Outcome | None = None
        self.sql_seconds = 0.0  # What the statements of its group took.
        self.wake = Lock()  # Locked until this thread is woken.
        self.wake.acquire()


class SingleIntake:
    """Takes the single records of one worker, each on a thread of its own.

    One thread at a time leads: it stores all records that wait by then. The first of those that
    arrive meanwhile leads next.
    """

    def __init__(self, pricing: Pricing) -> None:
        self._pricing = pricing
        self._connection = KeptConnection(  # The leader's.
            lock_seconds_max=times.SHARED_LOCK_SECONDS_MAX
        )
        self._waiting: deque[_Posted] = deque()
        self.is_led = False  # Whether a leader uses the connection.
        self._lock = Lock()  # Guards `_waiting`, `is_led`, and who leads.

    def accept(self, delivery: Delivery, received_at: datetime, *, deadline: Deadline) -> Outcome:
        """Judge and keep `delivery` as `ingestion.accept` does; return its outcome."""
        has_time = deadline.seconds_left() > times.JOIN_SECONDS_LEFT_MIN
        if delivery.record is not None and has_time:
            outcome = self._join_group(_Posted(delivery, received_at, deadline))
            if outcome is not None:
                return outcome
        [outcome] = ingestion.accept(
            [delivery], pricing=self._pricing, received_at=received_at, deadline=deadline
        )
        return outcome

    def _join_group(self, mine: _Posted) -> Outcome | None:
        with self._lock:
            self._waiting.append(mine)
            if not self.is_led:
                self._pass_lead()
        self._sleep(mine)
        if mine.is_leader:
            self._lead()
        else:
            add_sql_seconds(mine.sql_seconds)
        return mine.outcome

    def _pass_lead(self) -> None:
        """Make the first waiting record's thread the leader, if there is one."""
        self.is_led = bool(self._waiting)
        if self.is_led:
            first = self._waiting[0]
            first.is_leader = True
            first.wake.release()

    def _sleep(self, mine: _Posted) -> None:
        """Wait to be woken; give up if no leader has taken `mine` after `LEAD_SECONDS_MAX`."""
        while not mine.wake.acquire(timeout=times.LEAD_SECONDS_MAX):
            with self._lock:
                if mine in self._waiting and not mine.is_leader:
                    self._waiting.remove(mine)
                    return
            if not mine.deadline.seconds_left():
                return

    def _lead(self) -> None:
        """Try once to store, or to keep in suspense, the records that have waited longest."""
        with self._lock:
            number = min(len(self._waiting), calls.FEW)
            group = [self._waiting.popleft() for _ in range(number)]
        begun = sql_seconds()
        try:
            self._attempt(group)
        except FAILURES as failure:
            logger.warning("database: %s; records go one by one", type(failure).__name__)
            count_retry(failure)
        except Exception:  # Alone, each record meets only its own failure.
            logger.exception("records go one by one")
        finally:
            taken = sql_seconds() - begun
            with self._lock:
                self._pass_lead()
            for posted in group[1:]:  # The first is the leader.
                posted.sql_seconds = taken
                posted.wake.release()

    def _attempt(self, group: Sequence[_Posted]) -> None:
        with self._connection.single_statements(group[0].deadline) as connection:
            judgement = Judgement(
                connection,
                [posted.delivery for posted in group],
                pricing=self._pricing,
                received_at=max(posted.received_at for posted in group),
            )
            try:
                judgement.store()
                judgement.keep_suspended()
            finally:
                # Each statement is committed by itself: what is certain stays so after a failure.
                for place, outcome in judgement.outcomes.items():
                    group[place].outcome = outcome
                count_outcomes(judgement.outcomes.values())
