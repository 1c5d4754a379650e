"""The judgement of deliveries: which become halves of calls, and why the others cannot."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.domain.call import Call, Reason, Verdict
from app.domain.call_record import CallRecord, StartRecord
from app.domain.delivery import Delivery, Outcome
from app.domain.pairing import Pairing, Placed
from app.domain.suspense import Suspended
from app.domain.tariff import TariffBook
from app.services.pricing import Pricing
from app.store import calls, suspense
from app.store.contested import release as release_contested

_DETAILS = {
    Reason.CONFLICTING_RECORD: (
        "",
        "another record of this call_id and type, with other content, was stored before",
    ),
    Reason.CONTESTED_CALL: (
        "/call_id",
        "the records of the call's other half contradict each other; a person must decide",
    ),
    Reason.ENDS_BEFORE_START: ("/timestamp", "the call would end before it started"),
    Reason.IN_THE_FUTURE: ("/timestamp", "is further ahead of the server's clock than allowed"),
    Reason.NO_TARIFF: ("/timestamp", "no tariff was in force when the call started"),
}


class Judgement:
    """One attempt at some deliveries, on one connection.

    `outcomes` are the certain ones, by place: those of records that are stored, now or before, and
    of records kept in suspense. On a connection that commits each statement, they stand even if
    the attempt fails afterwards.
    """

    def __init__(
        self,
        connection: Connection,
        deliveries: Sequence[Delivery],
        *,
        pricing: Pricing,
        received_at: datetime,
        is_accepted: bool = False,
    ) -> None:
        """Judge `deliveries`, without the limits of plausibility if a person has accepted them."""
        self._doubt = (lambda _: None) if is_accepted else pricing.plausibility.doubt
        self.outcomes: dict[int, Outcome] = {}
        self._suspended: dict[int, Outcome] = {}  # By place; not kept yet.
        self._connection = connection
        self._deliveries = deliveries
        self._pricing = pricing
        self._received_at = received_at
        self._latest = received_at + pricing.clock_skew_max
        self._book: TariffBook | None = None

    def store(self) -> list[Outcome]:
        """Store the records that can be stored; return the outcome of each delivery, in order.

        The suspended ones are not kept before `keep_suspended` is called.
        """
        by_call: dict[str, list[Placed]] = {}
        for place, (_, record, reason, errors, _) in enumerate(self._deliveries):
            if record is None:
                assert reason is not None  # A delivery without a record has a reason.
                self._suspend(place, reason, errors)
            elif refusal := self._refusal_of(record):
                self._suspend(place, refusal)
            else:
                by_call.setdefault(record.call_id, []).append((place, record))
        self._pair(by_call)
        outcomes = self.outcomes | self._suspended
        return [outcomes[place] for place in range(len(outcomes))]

    def keep_suspended(self) -> None:
        """Keep in suspense what `store` could not store.

        This comes last: every writer locks rows of calls before those of suspense.
        """
        kept = []
        contested = set()
        for place, outcome in self._suspended.items():
            assert outcome.reason is not None  # It is suspended.
            delivery = self._deliveries[place]
            call_id = delivery.call_id if delivery.record is None else delivery.record.call_id
            kept.append(
                Suspended(
                    delivery.received, outcome.reason, outcome.errors, call_id, outcome.contests
                )
            )
            if outcome.contests and call_id is not None:
                contested.add(call_id)
        if kept:
            suspense.keep(self._connection, kept, self._received_at)
            self.outcomes |= self._suspended
        if contested:
            # A record that was written off before stays so, and contests nothing.
            release_contested(self._connection, contested)

    def _refusal_of(self, record: CallRecord) -> Reason | None:
        if record.timestamp > self._latest:
            return Reason.IN_THE_FUTURE
        if not isinstance(record, StartRecord):
            return None
        book = self._cover(record)
        if record.started_at > book.complete_until:
            # By the database's clock, which decides about tariffs; ours may be ahead of it.
            return Reason.IN_THE_FUTURE
        return None if book.in_force_at(record.started_at) else Reason.NO_TARIFF

    def _pair(self, by_call: Mapping[str, Collection[Placed]]) -> None:
        """Bring the records to their calls, price the complete calls, and write them.

        A call whose start is among the records is assumed to be new and not looked up. If it is
        not, or if another sender is quicker, the write passes it over. Then it is looked up as it
        is now, and written again; within a transaction this second write succeeds, since its row
        stays locked.
        """
        started = {
            call_id
            for call_id, records in by_call.items()
            for _, record in records
            if isinstance(record, StartRecord)
        }
        known = self._look_up(by_call.keys() - started)
        waiting = by_call
        while waiting:
            pairing = Pairing(waiting, known=known, price=self._price, doubt=self._doubt)
            passed_over = calls.write(self._connection, pairing.changed(), known=known.keys())
            for call_id in waiting.keys() - passed_over:
                self._settle(pairing.outcomes(call_id))
            waiting = {call_id: by_call[call_id] for call_id in passed_over}
            known = self._look_up(passed_over)

    def _look_up(self, call_ids: Collection[str]) -> dict[str, Call]:
        found = calls.look_up(self._connection, call_ids) if call_ids else {}
        for call in found.values():
            if call.start is not None:
                self._cover(call.start)
        return found

    def _cover(self, start: StartRecord) -> TariffBook:
        """Return the tariffs, read again if `start` is later than those at hand cover."""
        if self._book is None or start.started_at > self._book.complete_until:
            self._book = self._pricing.book_for(self._connection, start.started_at)
        return self._book

    def _price(self, call: Call) -> Call:
        assert self._book is not None  # `_cover` was called for the start of each call.
        return self._pricing.priced(call, self._book, self._received_at)

    def _settle(self, outcomes: Mapping[int, Outcome]) -> None:
        for place, outcome in outcomes.items():
            if outcome.reason is None:
                self.outcomes[place] = outcome
            else:
                self._suspend(place, outcome.reason, outcome.errors, contests=outcome.contests)

    def _suspend(
        self,
        place: int,
        reason: Reason,
        errors: Sequence[dict[str, str]] = (),
        *,
        contests: bool = False,
    ) -> None:
        if reason in _DETAILS:
            pointer, detail = _DETAILS[reason]
            errors = [{"pointer": pointer, "detail": detail}, *errors]
        suspended = Suspended(self._deliveries[place].received, reason, errors)
        suspense_id = suspended.content_hash.hex()
        self._suspended[place] = Outcome(
            Verdict.SUSPENDED, reason, errors, suspense_id, contests=contests
        )
