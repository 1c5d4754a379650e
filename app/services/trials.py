"""Trials: suspended records go through the intake again, in one transaction.

A record becomes a call's half and leaves suspense, or it stays, with the reason that holds now. The
call and the change in suspense are committed together.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.database.transactions import write
from app.domain.audit import Act, Deed
from app.domain.call import Reason
from app.domain.delivery import Delivery, Outcome
from app.domain.suspense import Resolution, SuspendedRecord
from app.limits.deadline import Deadline
from app.services.judgement import Judgement
from app.services.pricing import Pricing
from app.services.suspense import as_logged, contests_ending, lock_all_open
from app.store import audit, resolutions
from app.telemetry.metrics import count_outcomes


class RetryContext(NamedTuple):
    """Who retries, when, with which pricing, and how to read the bytes received.

    `read_received` takes the bytes and the instant at which they were received.
    """

    actor: str
    now: datetime
    pricing: Pricing
    read_received: Callable[[bytes, datetime], Sequence[Delivery]]


class Trial(NamedTuple):
    """A suspended record, and the delivery to try: its own record, or a changed one.

    `act` is what the audit log calls it. A changed record that cannot be stored is not kept. An
    accepted one may exceed the limits of plausibility; `note` says why.
    """

    suspended: SuspendedRecord
    delivery: Delivery
    act: Act = Act.SUSPENSE_RETRIED
    note: str | None = None


class Retried(NamedTuple):
    """A suspended record as it is after a trial, the delivery tried, and its outcome."""

    suspended: SuspendedRecord
    delivery: Delivery
    outcome: Outcome


def as_it_is(suspended: SuspendedRecord, received: bytes, context: RetryContext) -> Trial:
    """Return the trial of a suspended record by the bytes received."""
    # The half counts as received when its bytes first came, not when it is retried.
    deliveries = context.read_received(received, suspended.received_at)
    return Trial(suspended, only_one(received, deliveries))


def only_one(received: bytes, deliveries: Sequence[Delivery]) -> Delivery:
    """Return the one delivery that bytes hold; if they hold several, an unreadable one."""
    if len(deliveries) == 1:
        return deliveries[0]
    detail = f"holds {len(deliveries)} records, and must hold one to be tried again"
    return Delivery(received, None, Reason.UNREADABLE_BODY, [{"pointer": "", "detail": detail}])


def try_together(
    trials: Sequence[Trial], context: RetryContext, deadline: Deadline
) -> list[Retried]:
    """Judge `trials` and write what changes in suspense, in one transaction.

    Rows of suspense are locked after those of calls, as at the intake. If another session resolved
    one of the records meanwhile, the transaction is refused, with AlreadyResolved or NotFound.
    """

    def settle(connection: Connection) -> list[Retried]:
        with contests_ending(
            connection, [each.suspended.content_hash for each in trials]
        ) as ending:
            deliveries = [each.delivery for each in trials]
            judgement = Judgement(
                connection,
                deliveries,
                pricing=context.pricing,
                received_at=context.now,
                is_accepted=all(each.act is Act.SUSPENSE_ACCEPTED for each in trials),
            )
            retried = [
                Retried(_after(trial, outcome, context.now), trial.delivery, outcome)
                for trial, outcome in zip(trials, judgement.store(), strict=True)
            ]
            _write_changes(connection, trials, retried, context.actor)
            # A correction that contests a call is not kept, so it contests it no longer.
            ending.update(
                delivery.record.call_id
                for _, delivery, outcome in retried
                if outcome.contests and delivery.record is not None
            )
        return retried

    retried = write(settle, deadline=deadline)
    count_outcomes(each.outcome for each in retried)
    return retried


def _write_changes(
    connection: Connection, trials: Sequence[Trial], retried: Sequence[Retried], actor: str
) -> None:
    changed = {
        tried.suspended.content_hash: (trial, tried.suspended)
        for trial, tried in zip(trials, retried, strict=True)
        if tried.suspended != trial.suspended
    }
    if changed:
        before = lock_all_open(connection, changed)
        resolutions.write(connection, [after for _, after in changed.values()])
        deeds = [_deed(was, *changed[was.content_hash], actor) for was in before]
        audit.record(connection, deeds)


def _after(trial: Trial, outcome: Outcome, now: datetime) -> SuspendedRecord:
    suspended = trial.suspended
    if outcome.reason is None:
        return suspended._replace(resolved_at=now, resolution=Resolution(outcome.verdict))
    if trial.act in (Act.SUSPENSE_CORRECTED, Act.CALL_SETTLED):
        return suspended
    record = trial.delivery.record
    call_id = trial.delivery.call_id if record is None else record.call_id
    errors, contests = list(outcome.errors), outcome.contests
    return suspended._replace(
        reason=outcome.reason, errors=errors, call_id=call_id, contests=contests
    )


def _deed(was: SuspendedRecord, trial: Trial, after: SuspendedRecord, actor: str) -> Deed:
    logged: dict[str, Any] = as_logged(after)
    if trial.act is Act.SUSPENSE_CORRECTED:
        # PostgreSQL's JSON cannot hold this one character.
        text = trial.delivery.received.decode("utf-8-sig").replace("\0", "\ufffd")
        logged |= {"corrected": text.strip()}
    if trial.note is not None:
        logged |= {"note": trial.note}
    if trial.act is Act.CALL_SETTLED and trial.delivery.record is not None:
        logged |= {"call_id": trial.delivery.record.call_id}
    return Deed(actor, trial.act, after.content_hash.hex(), as_logged(was), logged)
