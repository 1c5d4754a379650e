"""Trying suspended records again: each goes through the intake, as it is or corrected.

It can only become a call's half, turn out to be a duplicate, or stay where it is with the reason
that holds now. What it became and that it left suspense are committed together.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from app.database.transactions import RefusedByDatabase, retrying, transaction
from app.domain.audit import Act, Deed
from app.domain.call import Reason
from app.domain.errors import AlreadyResolved, NotFound, Unavailable
from app.domain.suspense import Resolution, SuspendedRecord, SuspensePage
from app.services.ingestion import Delivery, Outcome, judge, refused
from app.services.pricing import Pricing
from app.services.suspense import (
    as_logged,
    check_open,
    lock_all_open,
    page_behind,
    suspended_record,
)
from app.store import audit, resolutions

logger = logging.getLogger(__name__)

_PAGE = 500

# These go by themselves: with time, and with the tariff that is missing.
PASSING = (Reason.IN_THE_FUTURE, Reason.NO_TARIFF)


class Attempt(NamedTuple):
    """Who tries again, at which instant, by which pricing, and what reads the bytes kept.

    `read` takes bytes and the instant at which they were received.
    """

    actor: str
    now: datetime
    pricing: Pricing
    read: Callable[[bytes, datetime], Sequence[Delivery]]


class Trial(NamedTuple):
    """A suspended record, and what is tried: its own bytes, or the record that corrects them."""

    suspended: SuspendedRecord
    delivery: Delivery
    is_correction: bool = False


class Retried(NamedTuple):
    """A suspended record as it is after a trial, what was tried, and what became of that."""

    suspended: SuspendedRecord
    delivery: Delivery
    outcome: Outcome


class RetriedPage(NamedTuple):
    """What became of a page of records: the failed ones by their hash, and where the next begins.

    Those that somebody else resolved in the meantime are in neither list.
    """

    retried: list[Retried]
    failed: list[bytes]
    next_page: SuspensePage | None


def retry(content_hash: bytes, attempt: Attempt) -> Retried:
    """Try a suspended record again as it is.

    Raises NotFound, and AlreadyResolved for one that is not open.
    """
    suspended, received = suspended_record(content_hash)
    check_open(suspended)
    return _retry_alone(_as_it_is(suspended, received, attempt), attempt)


def correct(content_hash: bytes, deliveries: Sequence[Delivery], attempt: Attempt) -> Retried:
    """Try the one record among `deliveries` in the place of a suspended one.

    If it cannot be stored, the suspended one stays as it was. Raises as `retry` does.
    """
    suspended, _ = suspended_record(content_hash)
    check_open(suspended)
    correction = Trial(suspended, _only(b"", deliveries), is_correction=True)
    return _retry_alone(correction, attempt)


def retry_page(reason: str, page: SuspensePage, attempt: Attempt) -> RetriedPage:
    """Try the next open records of one `reason` again as they are, those received until now.

    They are tried together; if that fails, each is by itself, and what one does is no matter for
    the others. Raises Unavailable when the database cannot be reached.
    """

    def read() -> list[tuple[SuspendedRecord, bytes]]:
        with transaction(read_only=True) as cursor:
            return resolutions.open_page(cursor, reason, page, attempt.now, _PAGE)

    found = retrying(read)
    if not found:
        return RetriedPage([], [], None)
    next_page = page_behind(found[-1][0])
    try:
        trials = [_as_it_is(*each, attempt) for each in found]
        return RetriedPage(retrying(lambda: _settle(trials, attempt)), [], next_page)
    except Unavailable:
        raise
    except Exception:
        logger.info("a page of %s is tried one by one", reason, exc_info=True)
        return _retry_one_by_one(found, attempt)._replace(next_page=next_page)


def _retry_one_by_one(
    found: Sequence[tuple[SuspendedRecord, bytes]], attempt: Attempt
) -> RetriedPage:
    retried, failed = [], []
    for suspended, received in found:
        try:
            retried.append(_retry_alone(_as_it_is(suspended, received, attempt), attempt))
        except Unavailable:
            raise
        except (AlreadyResolved, NotFound):
            continue
        except Exception:
            logger.exception("suspended record %s failed", suspended.content_hash.hex())
            failed.append(suspended.content_hash)
    return RetriedPage(retried, failed, None)


def _as_it_is(suspended: SuspendedRecord, received: bytes, attempt: Attempt) -> Trial:
    # What becomes a half was received when it came first, whatever is tried when.
    return Trial(suspended, _only(received, attempt.read(received, suspended.received_at)))


def _only(received: bytes, deliveries: Sequence[Delivery]) -> Delivery:
    if len(deliveries) == 1:
        return deliveries[0]
    detail = f"holds {len(deliveries)} records, and must hold one to be tried again"
    return Delivery(received, None, Reason.UNREADABLE_BODY, [{"pointer": "", "detail": detail}])


def _retry_alone(trial: Trial, attempt: Attempt) -> Retried:
    try:
        [retried] = retrying(lambda: _settle([trial], attempt))
    except RefusedByDatabase as refusal:
        guilty = trial._replace(delivery=refused(trial.delivery, refusal))
        [retried] = retrying(lambda: _settle([guilty], attempt))
    return retried


def _settle(trials: Sequence[Trial], attempt: Attempt) -> list[Retried]:
    """Judge `trials` and write what changes in suspense, in one transaction.

    Suspense comes after calls, as at the intake. A record that somebody else resolved meanwhile is
    refused then, and with it what was stored in its name.
    """
    with transaction() as cursor:
        outcomes = judge(cursor, [each.delivery for each in trials], attempt.pricing, attempt.now)
        retried = [
            Retried(_after(trial, outcome, attempt.now), trial.delivery, outcome)
            for trial, outcome in zip(trials, outcomes, strict=True)
        ]
        changed = {
            tried.suspended.content_hash: (trial, tried.suspended)
            for trial, tried in zip(trials, retried, strict=True)
            if tried.suspended != trial.suspended
        }
        if changed:
            before = lock_all_open(cursor, changed)
            resolutions.write(cursor, [after for _, after in changed.values()])
            audit.record(
                cursor,
                [_deed(was, *changed[was.content_hash], attempt.actor) for was in before],
            )
    return retried


def _after(trial: Trial, outcome: Outcome, now: datetime) -> SuspendedRecord:
    suspended = trial.suspended
    if outcome.reason is None:
        return suspended._replace(resolved_at=now, resolution=Resolution(outcome.verdict))
    if trial.is_correction:
        return suspended
    return suspended._replace(reason=outcome.reason, errors=list(outcome.errors))


def _deed(was: SuspendedRecord, trial: Trial, after: SuspendedRecord, actor: str) -> Deed:
    said: dict[str, Any] = as_logged(after)
    if trial.is_correction:
        # In JSON, PostgreSQL keeps every character but this.
        text = trial.delivery.received.decode("utf-8-sig").replace("\0", "\ufffd")
        said |= {"corrected": text.strip()}
    act = Act.SUSPENSE_CORRECTED if trial.is_correction else Act.SUSPENSE_RETRIED
    return Deed(actor, act, after.content_hash.hex(), as_logged(was), said)
