"""What a new call becomes by some records, and what becomes of each of them."""

from app.domain.call import Call, Reason, Verdict
from app.domain.call_record import CallRecord

STORED = (Verdict.STORED, None)
DUPLICATE = (Verdict.DUPLICATE, None)
CONFLICT = (Verdict.SUSPENDED, Reason.CONFLICTING_RECORD)
CONTESTED = (Verdict.SUSPENDED, Reason.CONTESTED_CALL)
IMPOSSIBLE = (Verdict.SUSPENDED, Reason.ENDS_BEFORE_START)


def fold(*records: CallRecord) -> tuple[Call, list[tuple[Verdict, Reason | None]]]:
    """Give what a new call becomes by `records`, and what becomes of them."""
    call, fates = Call("70"), []
    for record in records:
        call, verdict, reason = call.take(record)
        fates.append((verdict, reason))
    return call, fates
