"""Retrying suspended records: each goes through the intake again, as it is or corrected.

It becomes a call's half, turns out to be a duplicate, or stays suspended with the reason that
holds now. The call and the change in suspense are committed together.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.database.retry import RefusedByDatabase
from app.database.transactions import read, write
from app.domain.audit import Act, Deed
from app.domain.call import Reason
from app.domain.delivery import Delivery, Outcome
from app.domain.errors import AlreadyResolved, NotFound, Unavailable
from app.domain.suspense import Resolution, SuspendedRecord, SuspensePage
from app.limits.deadline import Deadline
from app.services.ingestion import refused
from app.services.judgement import Judgement
from app.services.pricing import Pricing
from app.services.suspense import (
    as_logged,
    check_open,
    contests_ending,
    lock_all_open,
    page_after,
    suspended_record,
)
from app.store import audit, resolutions
from app.telemetry.metrics import count_outcomes

logger = logging.getLogger(__name__)

_PAGE = 500

# These end by themselves: with time, and when the missing tariff is published.
PASSING = (Reason.IN_THE_FUTURE, Reason.NO_TARIFF)


class RetryContext(NamedTuple):
    """Who retries, when, with which pricing, and how to read the bytes received.

    `read_received` takes the bytes and the instant at which they were received.
    """

    actor: str
    now: datetime
    pricing: Pricing
    read_received: Callable[[bytes, datetime], Sequence[Delivery]]


class Trial(NamedTuple):
    """A suspended record, and the delivery to try: its own record, or one that a person changed.

    `act` is what the audit log calls it. A changed record that cannot be stored is not kept.
    """

    suspended: SuspendedRecord
    delivery: Delivery
    act: Act = Act.SUSPENSE_RETRIED


class Retried(NamedTuple):
    """A suspended record as it is after a trial, the delivery tried, and its outcome."""

    suspended: SuspendedRecord
    delivery: Delivery
    outcome: Outcome


class RetriedPage(NamedTuple):
    """The results of a page of records, the hashes of those that failed, and the next page.

    Records that another session resolved in the meantime are in neither list.
    """

    retried: list[Retried]
    failed: list[bytes]
    next_page: SuspensePage | None


def retry(content_hash: bytes, context: RetryContext, *, deadline: Deadline) -> Retried:
    """Retry a suspended record as it is.

    Raises NotFound, and AlreadyResolved for a record that is not open.
    """
    suspended, received = suspended_record(content_hash, deadline=deadline)
    check_open(suspended)
    return _retry_alone(as_it_is(suspended, received, context), context, deadline)


def correct(
    content_hash: bytes,
    deliveries: Sequence[Delivery],
    context: RetryContext,
    *,
    deadline: Deadline,
) -> Retried:
    """Try the one record in `deliveries` in place of a suspended record.

    If it cannot be stored, the suspended record stays as it was. Raises what `retry` raises.
    """
    suspended, _ = suspended_record(content_hash, deadline=deadline)
    check_open(suspended)
    correction = Trial(suspended, _only(b"", deliveries), Act.SUSPENSE_CORRECTED)
    return _retry_alone(correction, context, deadline)


def retry_page(reason: str, page: SuspensePage, context: RetryContext) -> RetriedPage:
    """Retry the next open records of one `reason` as they are, those received until now.

    They are tried in one transaction; if that fails, each in its own, so that one failure does not
    affect the others. Each transaction has a deadline of its own. Raises Unavailable when the
    database cannot be reached.
    """
    found = read(
        lambda connection: resolutions.open_page(connection, reason, page, context.now, _PAGE),
        deadline=Deadline.start(),
    )
    if not found:
        return RetriedPage([], [], None)
    next_page = page_after(found[-1][0])
    try:
        trials = [as_it_is(*each, context) for each in found]
        return RetriedPage(try_together(trials, context, Deadline.start()), [], next_page)
    except Unavailable:
        raise
    except Exception:
        logger.info("a page of %s is tried one by one", reason, exc_info=True)
        return _retry_one_by_one(found, context)._replace(next_page=next_page)


def _retry_one_by_one(
    found: Sequence[tuple[SuspendedRecord, bytes]], context: RetryContext
) -> RetriedPage:
    retried, failed = [], []
    for suspended, received in found:
        try:
            trial = as_it_is(suspended, received, context)
            retried.append(_retry_alone(trial, context, Deadline.start()))
        except Unavailable:
            raise
        except (AlreadyResolved, NotFound):
            continue
        except Exception:
            logger.exception("suspended record %s failed", suspended.content_hash.hex())
            failed.append(suspended.content_hash)
    return RetriedPage(retried, failed, None)


def as_it_is(suspended: SuspendedRecord, received: bytes, context: RetryContext) -> Trial:
    """Return the trial of a suspended record by the bytes received."""
    # The half counts as received when its bytes first came, not when it is retried.
    deliveries = context.read_received(received, suspended.received_at)
    return Trial(suspended, _only(received, deliveries))


def _only(received: bytes, deliveries: Sequence[Delivery]) -> Delivery:
    if len(deliveries) == 1:
        return deliveries[0]
    detail = f"holds {len(deliveries)} records, and must hold one to be tried again"
    return Delivery(received, None, Reason.UNREADABLE_BODY, [{"pointer": "", "detail": detail}])


def _retry_alone(trial: Trial, context: RetryContext, deadline: Deadline) -> Retried:
    try:
        [retried] = try_together([trial], context, deadline)
    except RefusedByDatabase as refusal:
        guilty = trial._replace(delivery=refused(trial.delivery, refusal))
        [retried] = try_together([guilty], context, deadline)
    return retried


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
                connection, deliveries, pricing=context.pricing, received_at=context.now
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
    if trial.act is not Act.SUSPENSE_RETRIED:
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
    if trial.act is Act.CALL_SETTLED and trial.delivery.record is not None:
        logged |= {"call_id": trial.delivery.record.call_id}
    return Deed(actor, trial.act, after.content_hash.hex(), as_logged(was), logged)
