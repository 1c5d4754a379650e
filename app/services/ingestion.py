"""Intake: every delivery ends as a call's half, as a duplicate of one, or in suspense."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from app.database.retry import RefusedByDatabase, retry
from app.database.transactions import single_statements, transaction
from app.domain.call import Call, CallState, Reason, Verdict
from app.domain.call_record import CallRecord, StartRecord
from app.domain.suspense import Suspended
from app.domain.tariff import TariffBook
from app.limits.deadline import Deadline
from app.services.pricing import Pricing
from app.store import calls, suspense


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

    `call` is the call that a stored or duplicate record belongs to, and `completed` whether it was
    priced for this record; `suspense_id` is where a suspended record is found.
    """

    verdict: Verdict
    reason: Reason | None = None
    errors: Sequence[dict[str, str]] = ()
    suspense_id: str | None = None
    call: Call | None = None
    completed: bool = False


# The records of one call in one request: each with its place in the request and its bytes.
Records = list[tuple[int, bytes, CallRecord]]

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
    deliveries: Sequence[Delivery], *, pricing: Pricing, received_at: datetime, deadline: Deadline
) -> list[Outcome]:
    """Judge and keep `deliveries`, and give an outcome for each, in their order.

    On return all of it is committed. Sending any of it again is safe. Raises Unavailable when the
    database cannot be reached; then nothing has been acknowledged.
    """
    try:
        return retry(lambda: _accept_together(deliveries, pricing, received_at, deadline), deadline)
    except RefusedByDatabase as refusal:
        # A value that the database does not take slipped past validation: halve until it is alone,
        # so that it spoils only itself.
        if len(deliveries) == 1:
            [delivery] = deliveries
            guilty = refused(delivery, refusal)
            return retry(
                lambda: _accept_together([guilty], pricing, received_at, deadline), deadline
            )
        middle = len(deliveries) // 2
        return [
            outcome
            for half in (deliveries[:middle], deliveries[middle:])
            for outcome in accept(half, pricing=pricing, received_at=received_at, deadline=deadline)
        ]


def refused(delivery: Delivery, refusal: RefusedByDatabase) -> Delivery:
    """Give `delivery` as one whose record the database does not take."""
    return delivery._replace(
        record=None,
        reason=Reason.REFUSED_BY_DATABASE,
        errors=[{"pointer": "", "detail": f"SQLSTATE {refusal.sqlstate}"}],
    )


def _accept_together(
    deliveries: Sequence[Delivery], pricing: Pricing, received_at: datetime, deadline: Deadline
) -> list[Outcome]:
    # One delivery is written by one statement, to calls or to suspense: that is its transaction.
    is_one = len(deliveries) == 1
    with single_statements(deadline) if is_one else transaction(deadline) as connection:
        outcomes = judge(connection, deliveries, pricing, received_at)
        # Suspense last: everyone takes locks on calls before those on suspense.
        suspense.keep(
            connection,
            (
                Suspended(delivery.received, outcome.reason, outcome.errors)
                for delivery, outcome in zip(deliveries, outcomes, strict=True)
                if outcome.reason is not None
            ),
            received_at,
        )
    return outcomes


def judge(
    connection: Connection, deliveries: Sequence[Delivery], pricing: Pricing, now: datetime
) -> list[Outcome]:
    """Store what of `deliveries` can be stored, and give an outcome for each.

    What is suspended is not kept by this, but by the caller.
    """
    return Attempt(connection, pricing, now).judge(deliveries)


class Attempt:
    """One attempt at some deliveries, which count as received at one instant.

    It is inside of one transaction, or each of its statements is one.
    """

    def __init__(self, connection: Connection, pricing: Pricing, received_at: datetime) -> None:
        self._connection = connection
        self._pricing = pricing
        self._received_at = received_at
        self._latest = received_at + pricing.clock_skew_max
        self._book: TariffBook | None = None
        self._outcomes: dict[int, Outcome] = {}
        self._pending: Mapping[str, Records] = {}

    def judge(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """Store what can be stored, and give an outcome for each delivery."""
        by_call: dict[str, Records] = {}
        for index, (received, record, reason, errors) in enumerate(deliveries):
            if record is None:
                assert reason is not None  # What could not be read says why.
                self._outcomes[index] = _suspended(received, reason, errors)
            elif refusal := self._refusal_of(record):
                self._outcomes[index] = _suspended(received, refusal)
            else:
                by_call.setdefault(record.call_id, []).append((index, received, record))
        self._pair(by_call)
        return [self._outcomes[index] for index in range(len(deliveries))]

    def stored(self) -> Iterator[tuple[int, Outcome]]:
        """Yield the outcomes of what is stored by now, also of an attempt that has failed since.

        Each comes with its place. It is certain where each statement is committed by itself.
        """
        pending = {index for records in self._pending.values() for index, _, _ in records}
        for index, outcome in self._outcomes.items():
            if outcome.reason is None and index not in pending:
                yield index, outcome

    def _refusal_of(self, record: CallRecord) -> Reason | None:
        if not isinstance(record, StartRecord):
            return Reason.IN_THE_FUTURE if record.ended_at > self._latest else None
        started_at = record.started_at
        if started_at > self._latest:
            return Reason.IN_THE_FUTURE
        book = self._book_for(started_at)
        if started_at > book.complete_until:
            # By the database's clock, which publication goes by and ours may be ahead of.
            return Reason.IN_THE_FUTURE
        return None if book.in_force_at(started_at) else Reason.NO_TARIFF

    def _book_for(self, started_at: datetime) -> TariffBook:
        if self._book is None or started_at > self._book.complete_until:
            self._book = self._pricing.book_for(self._connection, started_at)
        return self._book

    def _pair(self, by_call: Mapping[str, Records]) -> None:
        """Bring the records to their calls, price the complete ones, and write them.

        A call whose start is here is taken to be new, and spared the look. If it is not, or another
        sender is quicker, the write passes it over: then it is looked up as it is now, and written
        again; in a transaction for certain, since its row stays locked.
        """
        started = {
            call_id
            for call_id, records in by_call.items()
            for _, _, record in records
            if isinstance(record, StartRecord)
        }
        known = self._look_up(by_call.keys() - started)
        self._pending = by_call
        while self._pending:
            passed_over = calls.write(
                self._connection, self._changed(self._pending, known), likely_new=not known
            )
            self._pending = {call_id: by_call[call_id] for call_id in passed_over}
            known = self._look_up(passed_over)

    def _look_up(self, call_ids: Collection[str]) -> dict[str, Call]:
        if not call_ids:
            return {}
        found = calls.look_up(self._connection, call_ids)
        # Their tariffs are read now, since nothing can be while they are written.
        for call in found.values():
            if call.start is not None:
                self._book_for(call.start.started_at)
        return found

    def _changed(self, pending: Mapping[str, Records], known: Mapping[str, Call]) -> Iterator[Call]:
        """Yield the calls that their records change, in the order of their ids.

        The write takes them while PostgreSQL is at work, so that no statement may be sent here.
        """
        for call_id in sorted(pending):
            before = known.get(call_id) or Call(call_id)
            after = self._fold(before, pending[call_id])
            if after is not before:
                yield after

    def _fold(self, call: Call, records: Records) -> Call:
        """Give `call` with `records` taken in order, priced if that completes it."""
        taken = []
        completing = None
        for index, received, record in records:
            call, verdict, reason = call.take(record)
            if reason is None:
                taken.append((index, verdict))
                if call.state is CallState.AWAITING_PRICE:
                    assert self._book is not None  # No start is taken, or found, without one.
                    call = self._pricing.priced(call, self._book, self._received_at)
                    completing = index
            else:
                self._outcomes[index] = _suspended(received, reason)
        for index, verdict in taken:
            self._outcomes[index] = Outcome(verdict, call=call, completed=index == completing)
        return call


def _suspended(received: bytes, reason: Reason, errors: Sequence[dict[str, str]] = ()) -> Outcome:
    if reason in _DETAILS:
        pointer, detail = _DETAILS[reason]
        errors = [{"pointer": pointer, "detail": detail}]
    suspense_id = Suspended(received, reason, errors).content_hash.hex()
    return Outcome(Verdict.SUSPENDED, reason, errors, suspense_id)
