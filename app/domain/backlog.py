"""The backlog: open calls, and records in suspense."""

from datetime import datetime
from typing import NamedTuple

from app.domain.call import CallState, Reason

# Counting stops here, because monitoring reads the backlog all day.
COUNT_MAX = 100_000


class Backlog(NamedTuple):
    """The numbers of open calls, of complete calls without a price, and of open suspended records.

    Calls are counted by state among the oldest `COUNT_MAX`, and so are contested ones; records up
    to `COUNT_MAX` per reason.
    """

    open_calls: dict[CallState, int]
    contested_calls: int
    oldest_open_at: datetime | None
    suspense: dict[Reason, int]
