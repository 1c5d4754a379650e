"""The fingerprint of everything stored: equal for equal contents, on any server."""

from app.database.transactions import read
from app.limits.deadline import Deadline
from app.store import fingerprint
from app.store.fingerprint import FingerprintLine


def take_fingerprint(*, deadline: Deadline) -> list[FingerprintLine]:
    """Return the size and a digest of each table, and of the calls of each month.

    It reads every row once, and may take long.
    """
    return read(fingerprint.read, deadline=deadline, is_long=True)
