"""Contested calls: a person says which records belong together (rule 3)."""

from collections.abc import Collection

from sqlalchemy import Connection

from app.database.transactions import read
from app.domain.audit import Act
from app.domain.errors import InvalidRequest, NotFound
from app.limits.deadline import Deadline
from app.services.trials import Retried, RetryContext, Trial, as_it_is, try_together
from app.store import suspense


def settle_call(
    call_id: str,
    *,
    other_call_id: str,
    content_hashes: Collection[bytes],
    context: RetryContext,
    deadline: Deadline,
) -> list[Retried]:
    """Store some suspended records of a call as another call; then retry the rest of the call's.

    The records of `content_hashes` become those of `other_call_id`; the others keep theirs. Returns
    what became of each, the moved ones first. A record that cannot be stored stays in suspense.
    Raises NotFound for a call without open suspended records, InvalidRequest for a hash of another
    record or of an unreadable one, and AlreadyResolved if another session resolves one meanwhile.
    """
    trials = read(lambda connection: _trials(connection, call_id, context), deadline=deadline)
    if not trials:
        raise NotFound("No open suspended record has this call_id.")
    unknown = set(content_hashes).difference(each.suspended.content_hash for each in trials)
    moved = [
        _moved(each, other_call_id)
        for each in trials
        if each.suspended.content_hash in content_hashes
    ]
    if unknown or any(each.delivery.record is None for each in moved):
        detail = "must list open suspended records of this call that can be read"
        raise InvalidRequest(
            "The body has an invalid field.", errors=[{"pointer": "/records", "detail": detail}]
        )
    kept = [each for each in trials if each.suspended.content_hash not in content_hashes]
    # In two transactions: the first ends the contest that the second's records wait for.
    settled = try_together(moved, context, deadline)
    return settled + (try_together(kept, context, deadline) if kept else [])


def _trials(connection: Connection, call_id: str, context: RetryContext) -> list[Trial]:
    records = suspense.open_of_calls(connection, [call_id]).get(call_id, [])
    found = [suspense.find(connection, each.content_hash) for each in records]
    return [as_it_is(*each, context) for each in found if each is not None]


def _moved(trial: Trial, other_call_id: str) -> Trial:
    record = trial.delivery.record
    renamed = None if record is None else record._replace(call_id=other_call_id)
    return Trial(trial.suspended, trial.delivery._replace(record=renamed), Act.CALL_SETTLED)
