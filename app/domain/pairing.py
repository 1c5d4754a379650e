"""Pairing: records are brought to their calls, and each call that this completes is priced."""

from collections.abc import Callable, Collection, Iterator, Mapping

from app.domain.call import Call, CallState, Reason, Verdict
from app.domain.call_record import CallRecord, RecordType, StartRecord, instant_text
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
        doubt: Callable[[Call], dict[str, str] | None],
    ) -> None:
        """Take records by `call_id`, and the calls that have a stored half.

        `price` prices a complete call, and `doubt` returns why a priced one is implausible.
        """
        self._records = records
        self._known = known
        self._price = price
        self._doubt = doubt
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
            after, verdict, reason = call.take(record)
            if reason is not None:
                contests = reason is Reason.CONFLICTING_RECORD and after.is_contested_by(record)
                errors = [*_differences(call, record)]
                outcomes[place] = Outcome(verdict, reason, errors, contests=contests)
            elif after.state is CallState.AWAITING_PRICE:
                after = self._price(after)
                if error := self._doubt(after):
                    outcomes[place] = Outcome(Verdict.SUSPENDED, Reason.IMPLAUSIBLE, [error])
                    continue
                completing = place
            if reason is None:
                taken.append((place, verdict))
            call = after
        for place, verdict in taken:
            outcomes[place] = Outcome(verdict, call=call, completed=place == completing)
        self._outcomes[call.call_id] = outcomes
        return call


def _differences(call: Call, record: CallRecord) -> Iterator[dict[str, str]]:
    """Yield in what `record` differs from the half that it contradicts, as errors of a problem.

    The numbers of another sender are not shown.
    """
    is_start = isinstance(record, StartRecord)
    same, other = (call.start, call.end) if is_start else (call.end, call.start)
    if same is not None and same.timestamp != record.timestamp:
        stored = instant_text(same.timestamp)
        yield {"pointer": "/timestamp", "detail": f"the stored {same.record_type} has {stored}"}
    if isinstance(same, StartRecord) and isinstance(record, StartRecord):
        for name in ("source", "destination"):
            if getattr(same, name) != getattr(record, name):
                yield {"pointer": f"/{name}", "detail": "the stored start has another number"}
    if same is None and other is not None:
        stored = instant_text(other.timestamp)
        yield {"pointer": "/timestamp", "detail": f"the stored {other.record_type} has {stored}"}


def _conflicts_first(call: Call, records: Collection[Placed]) -> Collection[Placed]:
    """Return `records` in an order in which a half is missing when its call becomes contested.

    Records that arrive together count as received at the same instant, so two that contradict each
    other must be seen before one of them is paired (rule 3). First come the records of the stored
    half's type; without a stored half, several starts.
    """
    if len(records) == 1 or (len(records) == 2 and call.start is None and call.end is None):
        return records
    if call.start is None and call.end is None:
        starts = [record for _, record in records if record.record_type is RecordType.START]
        first = RecordType.START if len(starts) > 1 else None
    else:
        first = RecordType.END if call.start is None else RecordType.START
    return sorted(records, key=lambda placed: placed[1].record_type is not first)
