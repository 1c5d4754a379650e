"""Intake: every delivery becomes a call's half, a duplicate of one, or a suspended record."""

from collections.abc import Sequence
from datetime import datetime

from app.database.retry import RefusedByDatabase, retry
from app.database.transactions import single_statements, transaction
from app.domain.call import Reason
from app.domain.delivery import Delivery, Outcome
from app.limits.deadline import Deadline
from app.services.judgement import Judgement
from app.services.pricing import Pricing
from app.telemetry.metrics import count_outcomes


def accept(
    deliveries: Sequence[Delivery], *, pricing: Pricing, received_at: datetime, deadline: Deadline
) -> list[Outcome]:
    """Judge and keep `deliveries`; return the outcome of each, in their order.

    On return all of it is committed. Sending any of it again is safe. Raises Unavailable if the
    database could not be reached in time; then nothing has been acknowledged.
    """
    try:
        return retry(lambda: _attempt(deliveries, pricing, received_at, deadline), deadline)
    except RefusedByDatabase as refusal:
        # Validation let through a value that PostgreSQL does not take. Halve the deliveries until
        # the guilty one is alone, so that it spoils only itself.
        if len(deliveries) == 1:
            guilty = [refused(deliveries[0], refusal)]
            return retry(lambda: _attempt(guilty, pricing, received_at, deadline), deadline)
        middle = len(deliveries) // 2
        return [
            outcome
            for half in (deliveries[:middle], deliveries[middle:])
            for outcome in accept(half, pricing=pricing, received_at=received_at, deadline=deadline)
        ]


def refused(delivery: Delivery, refusal: RefusedByDatabase) -> Delivery:
    """Return `delivery` as one whose record PostgreSQL does not take."""
    return delivery._replace(
        record=None,
        reason=Reason.REFUSED_BY_DATABASE,
        errors=[{"pointer": "", "detail": f"SQLSTATE {refusal.sqlstate}"}],
    )


def _attempt(
    deliveries: Sequence[Delivery], pricing: Pricing, received_at: datetime, deadline: Deadline
) -> list[Outcome]:
    # A single delivery changes one row, so each of its statements can commit by itself. If it makes
    # a call contested, it changes two; a crash between leaves the call contested, for a person.
    is_single = len(deliveries) == 1
    with single_statements(deadline) if is_single else transaction(deadline) as connection:
        judgement = Judgement(connection, deliveries, pricing=pricing, received_at=received_at)
        outcomes = judgement.store()
        judgement.keep_suspended()
    count_outcomes(outcomes)
    return outcomes
