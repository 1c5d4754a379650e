"""Retrying suspended records: each goes through the intake again, as it is or corrected.

It becomes a call's half, turns out to be a duplicate, or stays suspended with the reason that
holds now. The call and the change in suspense are committed together.
"""

import logging
from collections.abc import Sequence
from typing import NamedTuple

from app.database.retry import RefusedByDatabase
from app.database.transactions import read
from app.domain.audit import Act
from app.domain.call import Reason
from app.domain.delivery import Delivery
from app.domain.errors import AlreadyResolved, NotFound, Unavailable
from app.domain.suspense import SuspendedRecord, SuspensePage
from app.limits.deadline import Deadline
from app.services.ingestion import refused
from app.services.suspense import check_open, page_after, suspended_record
from app.services.trials import (
    Retried,
    RetryContext,
    Trial,
    as_it_is,
    only_one,
    try_together,
)
from app.store import resolutions

logger = logging.getLogger(__name__)

_PAGE = 500

# These end by themselves: with time, and when the missing tariff is published.
PASSING = (Reason.IN_THE_FUTURE, Reason.NO_TARIFF)


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
    correction = Trial(suspended, only_one(b"", deliveries), Act.SUSPENSE_CORRECTED)
    return _retry_alone(correction, context, deadline)


def accept(content_hash: bytes, note: str, context: RetryContext, *, deadline: Deadline) -> Retried:
    """Retry a suspended record as it is, without the limits of plausibility.

    `note` says why, and stands in the audit log. Raises what `retry` raises.
    """
    suspended, received = suspended_record(content_hash, deadline=deadline)
    check_open(suspended)
    trial = as_it_is(suspended, received, context)
    accepted = trial._replace(act=Act.SUSPENSE_ACCEPTED, note=note)
    return _retry_alone(accepted, context, deadline)


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


def _retry_alone(trial: Trial, context: RetryContext, deadline: Deadline) -> Retried:
    try:
        [retried] = try_together([trial], context, deadline)
    except RefusedByDatabase as refusal:
        guilty = trial._replace(delivery=refused(trial.delivery, refusal))
        [retried] = try_together([guilty], context, deadline)
    return retried
