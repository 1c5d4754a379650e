"""The backlog, for monitoring: how many records and calls wait, and for how long."""

from app.database.retry import retry
from app.database.transactions import transaction
from app.domain.backlog import Backlog
from app.limits import times
from app.limits.deadline import Deadline
from app.store import backlog


def read_backlog(*, deadline: Deadline) -> Backlog:
    """Return what waits now. Raises Unavailable when the database does not answer soon."""

    def attempt() -> Backlog:
        soon = deadline.within(times.METRICS_SECONDS_MAX)
        with transaction(soon, read_only=True) as connection:
            return backlog.count(connection)

    return retry(attempt, deadline, seconds_max=times.PROBE_RETRY_SECONDS_MAX)
