"""The backlog: what waits for something to be done with it."""

from datetime import datetime
from typing import NamedTuple

from app.domain.call import CallState, Reason

# Counting stops here, since the backlog is asked for all day long.
COUNT_MAX = 100_000


class Backlog(NamedTuple):
    """How many calls wait for a half, or wrongly for a price, and records in suspense for a person.

    Calls are counted by state among the oldest `COUNT_MAX`, records up to `COUNT_MAX` a reason.
    """

    open_calls: dict[CallState, int]
    oldest_open_at: datetime | None
    suspense: dict[Reason, int]
