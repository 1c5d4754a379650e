"""Deliveries: what a sender sent as one record, and the outcome that it is answered with."""

from collections.abc import Sequence
from typing import NamedTuple

from app.domain.call import Call, Reason, Verdict
from app.domain.call_record import CallRecord
from app.domain.suspense import SuspendedRecord


class Delivery(NamedTuple):
    """The bytes received for one record, with the record read from them or the reason why not.

    `errors` have the form of a problem's `errors`: `{"pointer", "detail"}`. `call_id` is that of an
    invalid record, if it can be read.
    """

    received: bytes
    record: CallRecord | None
    reason: Reason | None = None
    errors: Sequence[dict[str, str]] = ()
    call_id: str | None = None


class Outcome(NamedTuple):
    """The outcome of one delivery.

    A record that is stored, now or before, has the `call` it belongs to; `completed` says whether
    this record completed the call and so had it priced. A suspended record has a `reason`, the
    `errors` of a problem, and the `suspense_id` under which it is kept; `contests` says whether it
    keeps the missing half of its call from being paired (rule 3).
    """

    verdict: Verdict
    reason: Reason | None = None
    errors: Sequence[dict[str, str]] = ()
    suspense_id: str | None = None
    call: Call | None = None
    completed: bool = False
    contests: bool = False


class Found(NamedTuple):
    """What is stored of a delivery: the call with its record, the suspended record, or neither."""

    call: Call | None
    suspended: SuspendedRecord | None

    @property
    def state(self) -> str:
        """`stored`, `suspended` or `missing`."""
        if self.call is not None:
            return "stored"
        return "missing" if self.suspended is None else "suspended"
