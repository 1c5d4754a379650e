"""Looking up what became of records that a sender shows: who can show a record delivered it."""

from collections.abc import Sequence

from sqlalchemy import Connection

from app.database.transactions import read
from app.domain.call import Call, Verdict
from app.domain.delivery import Delivery, Found
from app.domain.suspense import content_hash_of
from app.limits.deadline import Deadline
from app.store import calls, suspense


def look_up(deliveries: Sequence[Delivery], *, deadline: Deadline) -> list[Found]:
    """Return what is stored of each of `deliveries`, in their order; nothing is changed."""
    return read(lambda connection: _look_up(connection, deliveries), deadline=deadline)


def _look_up(connection: Connection, deliveries: Sequence[Delivery]) -> list[Found]:
    call_ids = {delivery.record.call_id for delivery in deliveries if delivery.record}
    stored = calls.look_up(connection, call_ids) if call_ids else {}
    with_call = [_call_of(delivery, stored) for delivery in deliveries]
    hashes = [content_hash_of(delivery.received) for delivery in deliveries]
    others = {each for each, call in zip(hashes, with_call, strict=True) if call is None}
    suspended = suspense.find_each(connection, others) if others else {}
    return [
        Found(call, None if call else suspended.get(content_hash))
        for content_hash, call in zip(hashes, with_call, strict=True)
    ]


def _call_of(delivery: Delivery, stored: dict[str, Call]) -> Call | None:
    """Return the call that has the delivery's record as a half, or None."""
    call = stored.get(delivery.record.call_id) if delivery.record else None
    if call is None or delivery.record is None:
        return None
    _, verdict, _ = call.take(delivery.record)
    return call if verdict is Verdict.DUPLICATE else None
