"""Suspense, as staff look at it. Working on it (retry, write off) is not built yet."""

from app.db import retrying, transaction
from app.domain.errors import NotFound
from app.store import suspense
from app.store.suspense import SuspendedRecord, SuspensePage


def suspended_records(
    *, is_open: bool, reason: str | None, page: SuspensePage, limit: int
) -> list[SuspendedRecord]:
    """Give at most `limit` suspended records, first received first, of one `reason` or of all."""

    def read() -> list[SuspendedRecord]:
        with transaction(read_only=True) as cursor:
            return suspense.list_page(
                cursor, is_open=is_open, reason=reason, page=page, limit=limit
            )

    return retrying(read)


def suspended_record(content_hash: bytes) -> tuple[SuspendedRecord, bytes]:
    """Give one of them, and the bytes received. Raises NotFound."""

    def read() -> tuple[SuspendedRecord, bytes] | None:
        with transaction(read_only=True) as cursor:
            return suspense.find(cursor, content_hash)

    found = retrying(read)
    if found is None:
        raise NotFound("There is no such suspended record.")
    return found
