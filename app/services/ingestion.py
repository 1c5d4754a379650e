"""Intake: every delivery ends as a call's half, as a duplicate of one, or in suspense."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from app.db import Cursor, RefusedByDatabase, retrying, transaction
from app.domain.call import Call, CallState, Reason, Verdict
from app.domain.call_record import CallRecord, StartRecord
from app.services.pricing import Pricing
from app.store import calls, suspense
from app.store.suspense import Suspended


class Delivery(NamedTuple):
    """One record as it arrived, and what was read in it: a record, or a reason why there is none.

    `errors` are as in a problem's `errors`: `{"pointer", "detail"}`.
    """

    received: bytes
    record: CallRecord | None
    reason: Reason | None = None
    errors: Sequence[dict[str, str]] = ()


class Outcome(NamedTuple):
    """What became of one delivery.

    `call` is the call that a stored or duplicate record belongs to, and `completed` whether this
    request is the one that priced it; `suspense_id` is where a suspended record is found.
    """

    verdict: Verdict
    reason: Reason | None = None
    errors: Sequence[dict[str, str]] = ()
    suspense_id: str | None = None
    call: Call | None = None
    completed: bool = False


# The records of one call in one request: bytes and record, by place in the request.
Records = Mapping[int, tuple[bytes, CallRecord]]

_DETAILS = {
    Reason.CONFLICTING_RECORD: (
        "",
        "another record of this call_id and type, with other content, was stored before",
    ),
    Reason.ENDS_BEFORE_START: ("/timestamp", "the call would end before it started"),
    Reason.IN_THE_FUTURE: ("/timestamp", "is further ahead of the server's clock than allowed"),
    Reason.NO_TARIFF: ("/timestamp", "no tariff was in force when the call started"),
}


def accept(
    deliveries: Sequence[Delivery], *, pricing: Pricing, received_at: datetime
) -> list[Outcome]:
    """Judge and keep `deliveries`, and give an outcome for each, in their order.

    On return all of it is committed. Sending any of it again is safe. Raises Unavailable when the
    database cannot be reached; then nothing has been acknowledged.
    """
    try:
        return retrying(lambda: _accept_together(deliveries, pricing, received_at))
    except RefusedByDatabase as refusal:
        # A value that the database does not take slipped past validation: halve until it is alone,
        # so that it spoils only itself.
        if len(deliveries) == 1:
            [delivery] = deliveries
            guilty = delivery._replace(
                record=None,
                reason=Reason.REFUSED_BY_DATABASE,
                errors=[{"pointer": "", "detail": f"SQLSTATE {refusal.sqlstate}"}],
            )
            return retrying(lambda: _accept_together([guilty], pricing, received_at))
        middle = len(deliveries) // 2
        return [
            outcome
            for half in (deliveries[:middle], deliveries[middle:])
            for outcome in accept(half, pricing=pricing, received_at=received_at)
        ]


def _accept_together(
    deliveries: Sequence[Delivery], pricing: Pricing, received_at: datetime
) -> list[Outcome]:
    with transaction() as cursor:
        intake = _Intake(cursor, pricing, received_at)
        outcomes = intake.judge(deliveries)
        # Suspense last: everyone takes locks on calls before those on suspense.
        suspense.keep(
            cursor,
            (
                Suspended(delivery.received, outcome.reason, outcome.errors)
                for delivery, outcome in zip(deliveries, outcomes, strict=True)
                if outcome.reason is not None
            ),
            received_at,
        )
    return outcomes


class _Intake:
    """One attempt at one request, inside one transaction."""

    def __init__(self, cursor: Cursor, pricing: Pricing, received_at: datetime) -> None:
        self._cursor = cursor
        self._pricing = pricing
        self._received_at = received_at

    def judge(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """Store what can be stored, and give an outcome for each delivery."""
        outcomes: dict[int, Outcome] = {}
        by_call: dict[str, dict[int, tuple[bytes, CallRecord]]] = {}
        for index, (received, record, reason, errors) in enumerate(deliveries):
            if record is None:
                assert reason is not None  # What could not be read says why.
                outcomes[index] = _suspended(received, reason, errors)
            elif refusal := self._refusal_of(record):
                outcomes[index] = _suspended(received, refusal)
            else:
                by_call.setdefault(record.call_id, {})[index] = (received, record)
        outcomes |= self._pair(by_call)
        return [outcomes[index] for index in range(len(deliveries))]

    def _refusal_of(self, record: CallRecord) -> Reason | None:
        if record.timestamp > self._received_at + self._pricing.clock_skew_max:
            return Reason.IN_THE_FUTURE
        if isinstance(record, StartRecord) and not self._pricing.tariff_at(
            self._cursor, record.started_at
        ):
            return Reason.NO_TARIFF
        return None

    def _pair(self, by_call: Mapping[str, Records]) -> dict[int, Outcome]:
        """Bring the records to their calls, price the complete ones, and write them.

        A call of which both halves are here is taken to be new, and spared the look. If it is not,
        or another sender is quicker, the write passes it over and leaves its row locked: then it is
        looked up as it is now, and written for certain.
        """
        outcomes: dict[int, Outcome] = {}
        known = self._look_up(
            call_id for call_id, records in by_call.items() if not _has_both_halves(records)
        )
        pending = by_call
        while pending:
            before = {call_id: known.get(call_id) or Call(call_id) for call_id in pending}
            after = {
                call_id: self._fold(before[call_id], records)
                for call_id, records in pending.items()
            }
            changed = {
                call_id: call for call_id, (call, _) in after.items() if call != before[call_id]
            }
            passed_over = changed.keys() - calls.write(self._cursor, changed.values())
            for call_id, (_, judged) in after.items():
                if call_id not in passed_over:
                    outcomes |= judged
            known = self._look_up(passed_over)
            pending = {call_id: by_call[call_id] for call_id in passed_over}
        return outcomes

    def _look_up(self, call_ids: Iterable[str]) -> dict[str, Call]:
        wanted = list(call_ids)
        return calls.look_up(self._cursor, wanted) if wanted else {}

    def _fold(self, call: Call, records: Records) -> tuple[Call, dict[int, Outcome]]:
        """Give `call` with `records` taken in order, priced if that completes it."""
        judged: dict[int, tuple[Verdict, Reason | None]] = {}
        for index, (_, record) in records.items():
            call, verdict, reason = call.take(record)
            judged[index] = verdict, reason
        completed = call.state is CallState.AWAITING_PRICE
        if completed:
            call = self._pricing.priced(self._cursor, call, self._received_at)
        return call, {
            index: _suspended(records[index][0], reason)
            if reason is not None
            else Outcome(verdict, call=call, completed=completed)
            for index, (verdict, reason) in judged.items()
        }


def _has_both_halves(records: Records) -> bool:
    return len({type(record) for _, record in records.values()}) == 2


def _suspended(received: bytes, reason: Reason, errors: Sequence[dict[str, str]] = ()) -> Outcome:
    if reason in _DETAILS:
        pointer, detail = _DETAILS[reason]
        errors = [{"pointer": pointer, "detail": detail}]
    suspense_id = Suspended(received, reason, errors).content_hash.hex()
    return Outcome(Verdict.SUSPENDED, reason, errors, suspense_id)
