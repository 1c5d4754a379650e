"""The fingerprint of all that is stored: equal for equal contents, wherever they are."""

from app.database.transactions import retrying, transaction
from app.store import fingerprint
from app.store.fingerprint import FingerprintLine


def take_fingerprint() -> list[FingerprintLine]:
    """Give how much there is of everything, and digests that a changed row changes.

    It reads every row once, and may take long.
    """

    def read() -> list[FingerprintLine]:
        with transaction(read_only=True, is_long=True) as cursor:
            return fingerprint.read(cursor)

    return retrying(read)
