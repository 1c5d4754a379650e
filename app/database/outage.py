"""Logs why the database cannot be reached: once for each cause, not at each try."""

import logging
import threading
import time

from app.limits import times

logger = logging.getLogger(__name__)


class Outage:
    """What this process knows of the database: whether it is out of reach, and why.

    An outage begins with the first failed try. It is over with the first success after
    `SETTLED_SECONDS` without a failure: a success between two failures changes nothing.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._logged_at: dict[str, float] = {}  # By cause; empty when there is no outage.
        self._began_at = self._failed_at = 0.0  # By `time.monotonic`.

    def failed(self, cause: str) -> None:
        """Log `cause` if it is new in this outage, or after `REMIND_SECONDS` again."""
        now = time.monotonic()
        with self._lock:
            if not self._logged_at:
                self._began_at = now
            self._failed_at = now
            is_due = now >= self._logged_at.get(cause, -times.REMIND_SECONDS) + times.REMIND_SECONDS
            if is_due:
                self._logged_at[cause] = now
        if is_due:
            logger.warning("database: %s", cause)

    def succeeded(self) -> None:
        """Log that the outage is over, if there was one."""
        if not self._logged_at:
            return
        with self._lock:
            is_over = time.monotonic() >= self._failed_at + times.SETTLED_SECONDS
            if not self._logged_at or not is_over:
                return
            self._logged_at.clear()
            lasted = self._failed_at - self._began_at
        logger.info("database: it answers again; tries failed for %.1f seconds", lasted)
