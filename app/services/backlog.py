"""The backlog, for those who watch the service: how much waits for something, and how long."""

from app.database.transactions import retrying, transaction
from app.domain.backlog import Backlog
from app.store import backlog

# Whoever asks does so again soon, and takes no answer that comes after ten seconds.
_PATIENCE_SECONDS = 1
_ANSWER_SECONDS_MAX = 3


def read_backlog() -> Backlog:
    """Give what waits now. Raises Unavailable when the database does not answer soon."""

    def read() -> Backlog:
        with transaction(read_only=True, seconds_max=_ANSWER_SECONDS_MAX) as cursor:
            return backlog.count(cursor)

    return retrying(read, seconds_max=_PATIENCE_SECONDS)
