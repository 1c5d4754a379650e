"""The statements by which records leave suspense: retried, written off, and finally deleted."""

from collections.abc import Collection, Sequence
from datetime import datetime
from operator import attrgetter

from sqlalchemy import Connection, any_, delete, func, select, update

from app.database.models import SuspendedRecord as SuspenseRow
from app.database.statements import RowsParameter, array_of
from app.domain.suspense import SuspendedRecord, SuspensePage
from app.store.suspense import COLUMNS, is_after, record_of

# The bytes of one record may be many; those of a page must fit into memory together.
_PAGE_BYTES_MAX = 16 * 1024 * 1024

_CHANGED = ("reason", "errors", "call_id", "contests", "resolved_at", "resolution", "note")
_WRITTEN = RowsParameter("written", SuspenseRow, "content_hash", *_CHANGED)
_WRITE = (
    update(SuspenseRow)
    .values({name: _WRITTEN.columns[name] for name in _CHANGED})
    .where(SuspenseRow.content_hash == _WRITTEN.columns.content_hash)
)


def open_page(
    connection: Connection, reason: str, page: SuspensePage, received_until: datetime, limit: int
) -> list[tuple[SuspendedRecord, bytes]]:
    """Return open records of one `reason` with their bytes, first received first.

    There are at most `limit`, and fewer where their bytes are many; none only after the last.
    """
    size = func.octet_length(SuspenseRow.received)
    arrival = (SuspenseRow.received_at, SuspenseRow.content_hash)
    bytes_before = func.sum(size).over(order_by=arrival) - size
    found = (
        select(*COLUMNS, SuspenseRow.received, bytes_before.label("bytes_before"))
        .where(
            SuspenseRow.resolved_at.is_(None),
            SuspenseRow.reason == reason,
            SuspenseRow.received_at <= received_until,
            is_after(page),
        )
        .order_by(*arrival)
        .limit(limit)
        .subquery("found")
    )
    statement = (
        select(found)
        .where(found.c.bytes_before < _PAGE_BYTES_MAX)
        .order_by(found.c.received_at, found.c.content_hash)
    )
    rows = connection.execute(statement).mappings()
    return [(record_of(row), row["received"]) for row in rows]


def lock_open(connection: Connection, content_hashes: Collection[bytes]) -> list[SuspendedRecord]:
    """Lock the open records among those of `content_hashes`, and return them as they are now.

    They are locked in the order in which the intake locks them, and after `calls`, as there.
    """
    statement = (
        select(*COLUMNS)
        .where(
            SuspenseRow.content_hash == any_(array_of(SuspenseRow.content_hash, content_hashes)),
            SuspenseRow.resolved_at.is_(None),
        )
        .order_by(SuspenseRow.content_hash)
        .with_for_update()
    )
    return [record_of(row) for row in connection.execute(statement).mappings()]


def write(connection: Connection, records: Sequence[SuspendedRecord]) -> None:
    """Write reason, errors, resolution and note of `records`, which are locked."""
    rows = map(attrgetter("content_hash", *_CHANGED), records)
    connection.execute(_WRITE, _WRITTEN.values(rows))


def purge(
    connection: Connection, resolved_before: datetime, page: SuspensePage, limit: int
) -> list[SuspendedRecord]:
    """Delete records that were resolved, and last seen, before that; return what they were.

    There are at most `limit`, in the order of their arrival, from `page` on.
    """
    is_old = (SuspenseRow.resolved_at < resolved_before) & (
        SuspenseRow.last_received_at < resolved_before
    )
    # Nothing is resolved before it is received: so the index of arrivals finds what is old enough.
    old = (
        select(SuspenseRow.content_hash)
        .where(SuspenseRow.received_at < resolved_before, is_old, is_after(page))
        .order_by(SuspenseRow.received_at, SuspenseRow.content_hash)
        .limit(limit)
        .cte("old")
    )
    locked = (
        select(SuspenseRow.content_hash)
        .where(
            SuspenseRow.content_hash
            == any_(func.array(select(old.c.content_hash).scalar_subquery()))
        )
        .order_by(SuspenseRow.content_hash)
        .with_for_update()
        .cte("locked")
    )
    statement = (
        delete(SuspenseRow)
        .where(SuspenseRow.content_hash == locked.c.content_hash, is_old)
        .returning(*COLUMNS)
    )
    deleted = map(record_of, connection.execute(statement).mappings())
    return sorted(deleted, key=attrgetter("received_at", "content_hash"))
