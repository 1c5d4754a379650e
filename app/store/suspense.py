"""The statements on `suspense`: the bytes that could not be stored as a half, and why."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping
from sqlalchemy.dialects import postgresql

from app.database import models
from app.database.models import SuspendedRecord as SuspenseRow
from app.database.statements import RowsParameter, array_of
from app.domain.audit import Act
from app.domain.suspense import (
    BEGINNING_BYTES_MAX,
    ID_DIGITS,
    Resolution,
    Suspended,
    SuspendedRecord,
    SuspensePage,
)

# The actor of a reopening in the audit log.
_INTAKE = "intake"

_FIRST_BYTES = sa.func.substring(
    SuspenseRow.received, 1, BEGINNING_BYTES_MAX + 1, type_=SuspenseRow.received.type
).label("first_bytes")
COLUMNS = [
    *(SuspenseRow.__table__.c[name] for name in SuspendedRecord._fields[:-1]),
    _FIRST_BYTES,
]

_OFFERED = RowsParameter(
    "offered",
    SuspenseRow,
    *("content_hash", "received", "reason", "errors", "call_id", "contests", "times_seen"),
)
_offered = _OFFERED.columns
_NOW = sa.bindparam("now", type_=SuspenseRow.received_at.type)

# A repeat is counted, not stored again. Rows are locked in one order, after those of `calls`. A
# record that was stored, or was a duplicate, is passed over: `_REOPEN` is for those.
_inserting = postgresql.insert(SuspenseRow).from_select(
    [*_offered.keys(), "received_at", "last_received_at"],
    sa.select(_OFFERED.rows, _NOW, _NOW).order_by(_offered.content_hash),
)
_KEEP = _inserting.on_conflict_do_update(
    index_elements=[SuspenseRow.content_hash],
    set_={
        "times_seen": SuspenseRow.times_seen + _inserting.excluded.times_seen,
        "last_received_at": _inserting.excluded.last_received_at,
        "call_id": _inserting.excluded.call_id,
        "contests": _inserting.excluded.contests,
    },
    where=SuspenseRow.resolution.is_(None) | (SuspenseRow.resolution == Resolution.WRITTEN_OFF),
)

# A record that is suspended again waits for a person again, and the audit log says why it is back.
# The same statement writes that line, since it may be the whole transaction.
_settled = (
    sa.select(SuspenseRow.content_hash, SuspenseRow.reason, SuspenseRow.resolution)
    .where(
        SuspenseRow.content_hash == sa.any_(_OFFERED.arrays["content_hash"]),
        SuspenseRow.resolution != Resolution.WRITTEN_OFF,
    )
    .order_by(SuspenseRow.content_hash)
    .with_for_update()
    .cte("settled")
)
_reopened = (
    sa.update(SuspenseRow)
    .values(
        reason=_offered.reason,
        errors=_offered.errors,
        call_id=_offered.call_id,
        contests=_offered.contests,
        resolved_at=sa.null(),
        resolution=sa.null(),
        times_seen=SuspenseRow.times_seen + _offered.times_seen,
        last_received_at=_NOW,
    )
    .where(
        SuspenseRow.content_hash == _settled.c.content_hash,
        _offered.content_hash == _settled.c.content_hash,
    )
    .returning(
        SuspenseRow.content_hash,
        SuspenseRow.reason,
        _settled.c.reason.label("reason_before"),
        _settled.c.resolution.label("resolution_before"),
    )
    .cte("reopened")
)
_REOPEN = sa.insert(models.AuditLine).from_select(
    ["actor", "act", "subject", "before", "after"],
    sa.select(
        sa.literal(_INTAKE),
        sa.literal(Act.SUSPENSE_REOPENED.value),
        sa.func.encode(_reopened.c.content_hash, "hex"),
        sa.func.jsonb_build_object(
            *("state", "resolved", "reason", _reopened.c.reason_before),
            *("resolution", _reopened.c.resolution_before),
        ),
        sa.func.jsonb_build_object(
            *("state", "open", "reason", _reopened.c.reason, "resolution", sa.null())
        ),
    ),
)


def keep(connection: Connection, suspended: Iterable[Suspended], received_at: datetime) -> None:
    """Store each of `suspended` once, and count how often it was seen.

    A record that was written off stays so. A record that was resolved otherwise is open again.
    """
    times_seen: Counter[bytes] = Counter()
    distinct: dict[bytes, Suspended] = {}
    for each in suspended:
        content_hash = each.content_hash
        times_seen[content_hash] += 1
        distinct.setdefault(content_hash, each)
    offered = {"now": received_at} | _OFFERED.values(
        (
            content_hash,
            each.received,
            each.reason,
            list(each.errors),
            each.call_id,
            each.contests,
            times_seen[content_hash],
        )
        for content_hash, each in distinct.items()
    )
    kept = 0
    # In a transaction, the first statement locks the rows that it passes over, and the second
    # changes them. A single statement locks nothing for the next: then a row may have changed, or
    # gone, in between.
    while kept < len(distinct):
        kept = connection.execute(_KEEP, offered).rowcount
        if kept < len(distinct):
            kept += connection.execute(_REOPEN, offered).rowcount


def list_page(
    connection: Connection, *, is_open: bool, reason: str | None, page: SuspensePage, limit: int
) -> list[SuspendedRecord]:
    """Return suspended records, first received first, of one `reason` or of all."""
    has_state = (
        SuspenseRow.resolved_at.is_(None) if is_open else SuspenseRow.resolved_at.is_not(None)
    )
    statement = (
        sa.select(*COLUMNS)
        .where(has_state, is_after(page))
        .order_by(SuspenseRow.received_at, SuspenseRow.content_hash)
        .limit(limit)
    )
    if reason is not None:
        statement = statement.where(SuspenseRow.reason == reason)
    return [record_of(row) for row in connection.execute(statement).mappings()]


def count_open(connection: Connection) -> dict[str, int]:
    """Return the number of open records of each reason that has any."""
    statement = (
        sa.select(SuspenseRow.reason, sa.func.count().label("number"))
        .where(SuspenseRow.resolved_at.is_(None))
        .group_by(SuspenseRow.reason)
    )
    return {row.reason: row.number for row in connection.execute(statement)}


def find(connection: Connection, content_hash: bytes) -> tuple[SuspendedRecord, bytes] | None:
    """Return the record of that hash with the bytes received, or None."""
    statement = sa.select(*COLUMNS, SuspenseRow.received).where(
        SuspenseRow.content_hash == content_hash
    )
    row = connection.execute(statement).mappings().first()
    return None if row is None else (record_of(row), row["received"])


def hashes_beginning(connection: Connection, digits: str, limit: int) -> list[bytes]:
    """Return at most `limit` hashes of records whose ids begin with `digits`, in their order."""
    first, last = (bytes.fromhex(digits.ljust(ID_DIGITS, filling)) for filling in "0f")
    statement = (
        sa.select(SuspenseRow.content_hash)
        .where(SuspenseRow.content_hash.between(first, last))
        .order_by(SuspenseRow.content_hash)
        .limit(limit)
    )
    return list(connection.scalars(statement))


def find_each(
    connection: Connection, content_hashes: Collection[bytes]
) -> dict[bytes, SuspendedRecord]:
    """Return the records of `content_hashes` that there are, by hash."""
    wanted = array_of(SuspenseRow.content_hash, content_hashes)
    statement = sa.select(*COLUMNS).where(SuspenseRow.content_hash == sa.any_(wanted))
    found = map(record_of, connection.execute(statement).mappings())
    return {record.content_hash: record for record in found}


def open_of_calls(
    connection: Connection, call_ids: Collection[str]
) -> dict[str, list[SuspendedRecord]]:
    """Return the open records of each of `call_ids` that has any, first received first."""
    statement = (
        sa.select(*COLUMNS)
        .where(
            SuspenseRow.call_id == sa.any_(array_of(SuspenseRow.call_id, call_ids)),
            SuspenseRow.resolved_at.is_(None),
        )
        .order_by(SuspenseRow.received_at, SuspenseRow.content_hash)
    )
    found: dict[str, list[SuspendedRecord]] = {}
    for record in map(record_of, connection.execute(statement).mappings()):
        found.setdefault(str(record.call_id), []).append(record)
    return found


def is_after(page: SuspensePage) -> Any:
    """Return the condition that a record stands on `page` or a later one."""
    return sa.tuple_(SuspenseRow.received_at, SuspenseRow.content_hash) > (
        page.since,
        page.content_hash,
    )


def record_of(row: RowMapping) -> SuspendedRecord:
    """Return the suspended record of a row that has all of `COLUMNS`."""
    return SuspendedRecord(**{column.name: row[column.name] for column in COLUMNS})
