"""Pairing: records are brought to their calls, and each call that this completes is priced."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping

from app.domain.call import Call, CallState, Reason
from app.domain.call_record import CallRecord
from app.domain.delivery import Outcome

# A record, and its place among the deliveries of a request.
Placed = tuple[int, CallRecord]


class Pairing:
    """Pairs the records of some calls with what is stored of these calls.

    It works on values alone and never waits: PostgreSQL can write its first calls while it judges
    the next ones.
    """

    def __init__(
        self,
        records: Mapping[str, Collection[Placed]],
        *,
        known: Mapping[str, Call],
        price: Callable[[Call], Call],
    ) -> None:
        """Take records by `call_id`, the calls that have a stored half, and how to price a call."""
        self._records = records
        self._known = known
        self._price = price
        self._outcomes: dict[str, dict[int, Outcome]] = {}

    def changed(self) -> Iterator[Call]:
        """Judge the records and yield the calls that they change, in bytewise order of the ids."""
        for call_id in sorted(self._records):
            before = self._known.get(call_id) or Call(call_id)
            after = self._take(before, self._records[call_id])
            if after is not before:
                yield after

    def outcomes(self, call_id: str) -> dict[int, Outcome]:
        """Return the outcomes of a call's records, by place, once `changed` has judged them.

        That of a record that the call does not take has only a verdict and a reason.
        """
        return self._outcomes[call_id]

    def _take(self, call: Call, records: Collection[Placed]) -> Call:
        """Let `call` take `records`, and price it if that completes it."""
        outcomes: dict[int, Outcome] = {}
        taken = []
        completing = None
        for place, record in _conflicts_first(call, records):
            call, verdict, reason = call.take(record)
            if reason is not None:
                contests = reason is Reason.CONFLICTING_RECORD and call.is_contested_by(record)
                outcomes[place] = Outcome(verdict, reason, contests=contests)
                continue
            taken.append((place, verdict))
            if call.state is CallState.AWAITING_PRICE:
                call, completing = self._price(call), place
        for place, verdict in taken:
            outcomes[place] = Outcome(verdict, call=call, completed=place == completing)
        self._outcomes[call.call_id] = outcomes
        return call


def _conflicts_first(call: Call, records: Collection[Placed]) -> Collection[Placed]:
    """Return `records` in an order in which a half is missing when its call becomes contested.

    Records that arrive together count as received at the same instant, so a conflict among them
    must be seen before the pair is complete (rule 3). First come the records of the stored half's
    type; without a stored half, those of the type that has more records.
    """
    if len(records) == 1 or (len(records) == 2 and call.start is None and call.end is None):
        return records
    numbers = Counter(record.record_type for _, record in records)
    stored = {half.record_type for half in (call.start, call.end) if half is not None}

    def place(placed: Placed) -> tuple[bool, int]:
        record_type = placed[1].record_type
        return record_type not in stored, -numbers[record_type]

    return sorted(records, key=place)
