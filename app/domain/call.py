"""Calls: two records under one `call_id`, and the price that their pair gets once."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from app.domain.call_record import CallRecord, EndRecord, StartRecord
from app.domain.money import Cents
from app.domain.period import BillingPeriod


class Verdict(StrEnum):
    """What became of a record."""

    STORED = "stored"  # A new half, committed.
    DUPLICATE = "duplicate"  # The same half again; nothing changed.
    SUSPENDED = "suspended"  # Kept, with a reason, for a person to look at.


class Reason(StrEnum):
    """Why a record could not be stored as a call's half (rule 8)."""

    UNREADABLE_BODY = "unreadable-body"
    INVALID_RECORD = "invalid-record"
    CONFLICTING_RECORD = "conflicting-record"
    CONTESTED_CALL = "contested-call"
    ENDS_BEFORE_START = "ends-before-start"
    AMBIGUOUS_TIME = "ambiguous-time"
    IN_THE_FUTURE = "in-the-future"
    NO_TARIFF = "no-tariff"
    IMPLAUSIBLE = "implausible"
    REFUSED_BY_DATABASE = "refused-by-database"


class CallState(StrEnum):
    """How far a call has come."""

    AWAITING_START = "awaiting-start"
    AWAITING_END = "awaiting-end"
    AWAITING_PRICE = "awaiting-price"  # Both halves, no price: only what `reconcile` looks for.
    PRICED = "priced"


# Records of one call_id and type that are this close together are a repeat with jitter (rule 3).
_JITTER = timedelta(minutes=1)


class Price(NamedTuple):
    """What a call cost, by which tariff, and in which month's bill it stands: frozen (rule 14)."""

    cents: Cents
    tariff_id: int
    period: BillingPeriod
    priced_at: datetime


class Call(NamedTuple):
    """What is known of a call. A half or a price that is there never changes."""

    call_id: str
    start: StartRecord | None = None
    end: EndRecord | None = None
    price: Price | None = None
    # A half is missing, and a record in suspense contradicts the other: a person must say to which
    # of the two the missing half belongs (rule 3).
    is_contested: bool = False

    @property
    def state(self) -> CallState:
        """How far it has come."""
        if self.price is not None:
            return CallState.PRICED
        if self.start is None:
            return CallState.AWAITING_START
        return CallState.AWAITING_END if self.end is None else CallState.AWAITING_PRICE

    @property
    def duration(self) -> timedelta | None:
        """How long it lasted, once both halves are there."""
        if self.start is None or self.end is None:
            return None
        return self.end.ended_at - self.start.started_at

    def take(self, record: CallRecord) -> tuple["Call", Verdict, Reason | None]:
        """Give the call with `record` in it, and what became of the record.

        The first record of an identity stands: a later one is a duplicate or a conflict (rule 3).
        A conflict while the other half is missing makes the call contested, and then it takes no
        half. An end before its start is impossible, whichever came later (rule 7).
        """
        start, end = self.start, self.end
        if isinstance(record, StartRecord):
            if start is not None:
                return self._judge_again(record, is_same=start.says_the_same(record))
            start = record
        else:
            if end is not None:
                return self._judge_again(record, is_same=end.says_the_same(record))
            end = record
        if self.is_contested:
            return self, Verdict.SUSPENDED, Reason.CONTESTED_CALL
        if start is not None and end is not None and end.ended_at < start.started_at:
            return self, Verdict.SUSPENDED, Reason.ENDS_BEFORE_START
        return Call(self.call_id, start, end, self.price), Verdict.STORED, None

    def is_contested_by(self, conflict: CallRecord) -> bool:
        """Return whether `conflict`, of the stored half's type, could be of another call (rule 3).

        It could not once the call has both halves, nor if it is a repeat with jitter.
        """
        half = self.start if isinstance(conflict, StartRecord) else self.end
        if half is None or self.duration is not None:
            return False
        if abs(half.timestamp - conflict.timestamp) >= _JITTER:
            return True
        return (
            isinstance(half, StartRecord)
            and isinstance(conflict, StartRecord)
            and half.differs_in_number(conflict)
        )

    def _judge_again(
        self, record: CallRecord, *, is_same: bool
    ) -> tuple["Call", Verdict, Reason | None]:
        if is_same:
            return self, Verdict.DUPLICATE, None
        becomes_contested = not self.is_contested and self.is_contested_by(record)
        after = self._replace(is_contested=True) if becomes_contested else self
        return after, Verdict.SUSPENDED, Reason.CONFLICTING_RECORD


class OpenState(StrEnum):
    """Which open calls to list: those without a price."""

    OPEN = "open"  # All of them.
    AWAITING_START = "awaiting-start"
    AWAITING_END = "awaiting-end"
    CONTESTED = "contested"


class OpenCallsPage(NamedTuple):
    """Where a page of open calls begins: behind the call that stood last on the page before."""

    since: datetime
    call_id: str
