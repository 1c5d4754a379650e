"""Suspense, as staff look at it and empty it; trying again is in `suspense_retry.py`."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from app.database.transactions import Cursor, retrying, transaction
from app.domain.audit import Act, Deed
from app.domain.errors import AlreadyResolved, NotFound
from app.domain.suspense import Resolution, SuspendedRecord, SuspensePage
from app.store import audit, resolutions, suspense

# Behind which every record stands.
BEGINNING = SuspensePage(datetime(1, 1, 1, tzinfo=UTC), b"")

_CHUNK = 1_000
_NOT_THERE = "There is no such suspended record."


class Note(NamedTuple):
    """Why something is written off, by whom, and at which instant."""

    text: str
    actor: str
    written_at: datetime


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
        raise NotFound(_NOT_THERE)
    return found


def open_counts() -> dict[str, int]:
    """Count the open suspended records, for each reason that has any."""

    def read() -> dict[str, int]:
        with transaction(read_only=True) as cursor:
            return suspense.count_open(cursor)

    return retrying(read)


def write_off(content_hash: bytes, note: Note) -> SuspendedRecord:
    """Close an open record without billing it, and give it as it is then.

    Raises NotFound, and AlreadyResolved for one that is not open.
    """

    def write() -> SuspendedRecord:
        with transaction() as cursor:
            [closed] = _write_off(cursor, lock_all_open(cursor, [content_hash]), note)
            return closed

    return retrying(write)


def write_off_all(reason: str, note: Note) -> Iterator[int]:
    """Write off the open records of one `reason`, and yield how many, a chunk at a time.

    What is received after the note was written is left for another look.
    """

    def write(page: SuspensePage) -> tuple[list[SuspendedRecord], int]:
        with transaction() as cursor:
            found = suspense.list_page(cursor, is_open=True, reason=reason, page=page, limit=_CHUNK)
            seen = [each for each in found if each.received_at <= note.written_at]
            locked = resolutions.lock_open(cursor, [each.content_hash for each in seen])
            # Somebody else may have resolved one meanwhile, or found another reason.
            closed = [each for each in locked if each.reason == reason]
            return seen, len(_write_off(cursor, closed, note))

    page = BEGINNING
    while True:
        seen, closed = retrying(partial(write, page))
        if not seen:
            return
        yield closed
        page = page_behind(seen[-1])


def purge(resolved_before: datetime, *, actor: str) -> Iterator[int]:
    """Delete what was resolved, and last seen, before that; yield how many, a chunk at a time.

    Nothing else deletes. The audit log keeps what was deleted, without the bytes.
    """

    def delete(page: SuspensePage) -> list[SuspendedRecord]:
        with transaction() as cursor:
            deleted = resolutions.purge(cursor, resolved_before, page, _CHUNK)
            deeds = [
                Deed(actor, Act.SUSPENSE_PURGED, each.content_hash.hex(), as_logged(each), None)
                for each in deleted
            ]
            audit.record(cursor, deeds)
            return deleted

    page = BEGINNING
    while deleted := retrying(partial(delete, page)):
        yield len(deleted)
        page = page_behind(deleted[-1])


def check_open(record: SuspendedRecord) -> None:
    """Raise AlreadyResolved for a record that has left suspense."""
    if record.resolution is not None:
        raise AlreadyResolved(
            f"This suspended record was resolved before, as {record.resolution}.",
            suspense_id=record.content_hash.hex(),
            resolution=record.resolution,
        )


def lock_all_open(cursor: Cursor, content_hashes: Collection[bytes]) -> list[SuspendedRecord]:
    """Give the records of those hashes as they are now, open and locked.

    Raises AlreadyResolved or NotFound if one of them is not open.
    """
    locked = resolutions.lock_open(cursor, content_hashes)
    missing = set(content_hashes).difference(each.content_hash for each in locked)
    for content_hash in missing:
        found = suspense.find(cursor, content_hash)
        if found is None:
            raise NotFound(_NOT_THERE)
        check_open(found[0])
    # One that is missing and yet open was opened again in between.
    return lock_all_open(cursor, content_hashes) if missing else locked


def as_logged(record: SuspendedRecord) -> dict[str, Any]:
    """Give what the audit log says of a suspended record."""
    said = {"state": record.state, "reason": record.reason, "resolution": record.resolution}
    return said if record.note is None else said | {"note": record.note}


def page_behind(record: SuspendedRecord) -> SuspensePage:
    """Give the page that begins behind `record`."""
    return SuspensePage(record.received_at, record.content_hash)


def _write_off(
    cursor: Cursor, before: Sequence[SuspendedRecord], note: Note
) -> list[SuspendedRecord]:
    after = [
        each._replace(
            resolved_at=note.written_at, resolution=Resolution.WRITTEN_OFF, note=note.text
        )
        for each in before
    ]
    resolutions.write(cursor, after)
    deeds = [
        Deed(
            note.actor,
            Act.SUSPENSE_WRITTEN_OFF,
            was.content_hash.hex(),
            as_logged(was),
            as_logged(now),
        )
        for was, now in zip(before, after, strict=True)
    ]
    audit.record(cursor, deeds)
    return after
