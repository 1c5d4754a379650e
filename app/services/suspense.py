"""Suspense, as staff see it and empty it; retrying is in `suspense_retry.py`."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection

from app.database.transactions import read, write
from app.domain.audit import Act, Deed
from app.domain.errors import AlreadyResolved, AmbiguousId, NotFound
from app.domain.suspense import Resolution, SuspendedRecord, SuspensePage, is_short_id
from app.limits.deadline import Deadline
from app.store import audit, resolutions, suspense
from app.store import contested as calls_contested

# Every record comes after it.
BEGINNING = SuspensePage(datetime(1, 1, 1, tzinfo=UTC), b"")

T = TypeVar("T")

_CHUNK = 1_000
_IDS_NAMED_MAX = 5
_NOT_THERE = "There is no such suspended record."


class Note(NamedTuple):
    """Why a record is written off, by whom, and when."""

    text: str
    actor: str
    written_at: datetime


def suspended_records(
    *, is_open: bool, reason: str | None, page: SuspensePage, limit: int, deadline: Deadline
) -> list[SuspendedRecord]:
    """Return at most `limit` suspended records, first received first, of one `reason` or of all."""
    return read(
        lambda connection: suspense.list_page(
            connection, is_open=is_open, reason=reason, page=page, limit=limit
        ),
        deadline=deadline,
    )


def content_hashes_of(suspense_ids: Sequence[str], *, deadline: Deadline) -> list[bytes]:
    """Return the hash of the record of each of `suspense_ids`, some given by their first digits.

    A whole id is not looked up. Raises NotFound and AmbiguousId for first digits that belong to no
    record, or to several.
    """
    if not any(map(is_short_id, suspense_ids)):
        return [bytes.fromhex(each) for each in suspense_ids]
    return read(
        lambda connection: [_content_hash_of(connection, each) for each in suspense_ids],
        deadline=deadline,
    )


def suspended_record(content_hash: bytes, *, deadline: Deadline) -> tuple[SuspendedRecord, bytes]:
    """Return a suspended record and the bytes received. Raises NotFound."""
    found = read(lambda connection: suspense.find(connection, content_hash), deadline=deadline)
    if found is None:
        raise NotFound(_NOT_THERE)
    return found


def open_counts(*, deadline: Deadline) -> dict[str, int]:
    """Return the number of open suspended records of each reason that has any."""
    return read(suspense.count_open, deadline=deadline)


def write_off(content_hash: bytes, note: Note, *, deadline: Deadline) -> SuspendedRecord:
    """Close an open record without billing it, and return it as it is then.

    Raises NotFound, and AlreadyResolved for a record that is not open.
    """

    def close(connection: Connection) -> SuspendedRecord:
        with contests_ending(connection, [content_hash]):
            [closed] = _write_off(connection, lock_all_open(connection, [content_hash]), note)
        return closed

    return write(close, deadline=deadline)


def write_off_all(reason: str, note: Note) -> Iterator[int]:
    """Write off the open records of one `reason`; yield the number of each chunk, once committed.

    Records received after the note was written stay open.
    """

    def close(connection: Connection, page: SuspensePage) -> tuple[list[SuspendedRecord], int]:
        found = suspense.list_page(connection, is_open=True, reason=reason, page=page, limit=_CHUNK)
        seen = [each for each in found if each.received_at <= note.written_at]
        content_hashes = [each.content_hash for each in seen]
        with contests_ending(connection, content_hashes):
            locked = resolutions.lock_open(connection, content_hashes)
            # Another session may have resolved one meanwhile, or changed its reason.
            closed = [each for each in locked if each.reason == reason]
            return seen, len(_write_off(connection, closed, note))

    page = BEGINNING
    while True:
        seen, closed = _write_chunk(partial(close, page=page))
        if not seen:
            return
        yield closed
        page = page_after(seen[-1])


def purge(resolved_before: datetime, *, actor: str) -> Iterator[int]:
    """Delete records resolved, and last seen, before that instant.

    Yields the number of each chunk, once committed. Nothing else deletes. The audit log keeps what
    was deleted, without the bytes.
    """

    def delete(connection: Connection, page: SuspensePage) -> list[SuspendedRecord]:
        deleted = resolutions.purge(connection, resolved_before, page, _CHUNK)
        deeds = [
            Deed(actor, Act.SUSPENSE_PURGED, each.content_hash.hex(), as_logged(each), None)
            for each in deleted
        ]
        audit.record(connection, deeds)
        return deleted

    page = BEGINNING
    while deleted := _write_chunk(partial(delete, page=page)):
        yield len(deleted)
        page = page_after(deleted[-1])


def _content_hash_of(connection: Connection, suspense_id: str) -> bytes:
    if not is_short_id(suspense_id):
        return bytes.fromhex(suspense_id)
    found = suspense.hashes_beginning(connection, suspense_id, limit=_IDS_NAMED_MAX + 1)
    if not found:
        raise NotFound(f"There is no suspended record whose id begins with {suspense_id}.")
    if len(found) > 1:
        named = ", ".join(each.hex() for each in found[:_IDS_NAMED_MAX])
        raise AmbiguousId(
            f"Several suspended records have an id that begins with {suspense_id}: {named}"
            + (", …" if len(found) > _IDS_NAMED_MAX else "")
        )
    return found[0]


def _write_chunk(work: Callable[[Connection], T]) -> T:
    return write(work, deadline=Deadline.start())


def check_open(record: SuspendedRecord) -> None:
    """Raise AlreadyResolved for a record that has left suspense."""
    if record.resolution is not None:
        raise AlreadyResolved(
            f"This suspended record was resolved before, as {record.resolution}.",
            suspense_id=record.content_hash.hex(),
            resolution=record.resolution,
        )


def lock_all_open(
    connection: Connection, content_hashes: Collection[bytes]
) -> list[SuspendedRecord]:
    """Lock the records of those hashes, and return them as they are now.

    Raises AlreadyResolved or NotFound if one of them is not open.
    """
    locked = resolutions.lock_open(connection, content_hashes)
    missing = set(content_hashes).difference(each.content_hash for each in locked)
    for content_hash in missing:
        found = suspense.find(connection, content_hash)
        if found is None:
            raise NotFound(_NOT_THERE)
        check_open(found[0])
    # A record that is missing and yet open was reopened in between.
    return lock_all_open(connection, content_hashes) if missing else locked


@contextmanager
def contests_ending(
    connection: Connection, content_hashes: Collection[bytes]
) -> Iterator[set[str]]:
    """Resolve records inside; at the end, calls that no open record contests are released.

    Yields the ids of the calls to look at, those that the records contest now; they are locked,
    since every writer locks rows of calls before those of suspense. More may be added.
    """
    contested = calls_contested.lock(connection, content_hashes)
    yield contested
    if contested:
        calls_contested.release(connection, contested)


def as_logged(record: SuspendedRecord) -> dict[str, Any]:
    """Return what the audit log says of a suspended record."""
    said = {"state": record.state, "reason": record.reason, "resolution": record.resolution}
    return said if record.note is None else said | {"note": record.note}


def page_after(record: SuspendedRecord) -> SuspensePage:
    """Return the page that begins after `record`."""
    return SuspensePage(record.received_at, record.content_hash)


def _write_off(
    connection: Connection, before: Sequence[SuspendedRecord], note: Note
) -> list[SuspendedRecord]:
    after = [
        each._replace(
            resolved_at=note.written_at, resolution=Resolution.WRITTEN_OFF, note=note.text
        )
        for each in before
    ]
    resolutions.write(connection, after)
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
    audit.record(connection, deeds)
    return after
