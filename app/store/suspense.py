"""The statements on `suspense`: the bytes that could not be stored as a half, and why."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    Text,
    any_,
    bindparam,
    func,
    insert,
    literal,
    null,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql

from app.database import models
from app.database.models import SuspendedRecord as Row
from app.database.statements import RowsParameter
from app.domain.audit import Act
from app.domain.suspense import Resolution, Suspended, SuspendedRecord, SuspensePage

# The actor of a reopening in the audit log.
_INTAKE = "intake"

COLUMNS = [Row.__table__.c[name] for name in SuspendedRecord._fields]

_OFFERED = RowsParameter(
    "offered", Row.content_hash, Row.received, Row.reason, Row.errors, Row.times_seen
)
_offered = _OFFERED.columns
_NOW = bindparam("now", type_=Row.received_at.type)

# A repeat is counted, not stored again. Rows are locked in one order, after those of `calls`. A
# record that was stored, or was a duplicate, is passed over: `_REOPEN` is for those.
_inserting = postgresql.insert(Row).from_select(
    [*_offered.keys(), "received_at", "last_received_at"],
    select(_OFFERED.rows, _NOW, _NOW).order_by(_offered.content_hash),
)
_KEEP = _inserting.on_conflict_do_update(
    index_elements=[Row.content_hash],
    set_={
        "times_seen": Row.times_seen + _inserting.excluded.times_seen,
        "last_received_at": _inserting.excluded.last_received_at,
    },
    where=Row.resolution.is_(None) | (Row.resolution == Resolution.WRITTEN_OFF),
)

# A record that is suspended again waits for a person again, and the audit log says why it is back.
# The same statement writes that line, since it may be the whole transaction.
_settled = (
    select(Row.content_hash, Row.reason, Row.resolution)
    .where(
        Row.content_hash == any_(_OFFERED.arrays["content_hash"]),
        Row.resolution != Resolution.WRITTEN_OFF,
    )
    .order_by(Row.content_hash)
    .with_for_update()
    .cte("settled")
)
_reopened = (
    update(Row)
    .values(
        reason=_offered.reason,
        errors=_offered.errors,
        resolved_at=null(),
        resolution=null(),
        times_seen=Row.times_seen + _offered.times_seen,
        last_received_at=_NOW,
    )
    .where(
        Row.content_hash == _settled.c.content_hash,
        _offered.content_hash == _settled.c.content_hash,
    )
    .returning(
        Row.content_hash,
        Row.reason,
        _settled.c.reason.label("reason_before"),
        _settled.c.resolution.label("resolution_before"),
    )
    .cte("reopened")
)


def _logged(state: str, reason: Any, resolution: Any) -> Any:
    members = {"state": literal(state, Text), "reason": reason, "resolution": resolution}
    return func.jsonb_build_object(
        *(each for name, value in members.items() for each in (literal(name, Text), value))
    )


_REOPEN = insert(models.AuditLine).from_select(
    ["actor", "act", "subject", "before", "after"],
    select(
        literal(_INTAKE, Text),
        literal(Act.SUSPENSE_REOPENED, Text),
        func.encode(_reopened.c.content_hash, "hex"),
        _logged("resolved", _reopened.c.reason_before, _reopened.c.resolution_before),
        _logged("open", _reopened.c.reason, null()),
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
        (content_hash, each.received, each.reason, list(each.errors), times_seen[content_hash])
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
    has_state = Row.resolved_at.is_(None) if is_open else Row.resolved_at.is_not(None)
    statement = (
        select(*COLUMNS)
        .where(has_state, is_after(page))
        .order_by(Row.received_at, Row.content_hash)
        .limit(limit)
    )
    if reason is not None:
        statement = statement.where(Row.reason == reason)
    return [record_of(row) for row in connection.execute(statement).mappings()]


def count_open(connection: Connection) -> dict[str, int]:
    """Return the number of open records of each reason that has any."""
    statement = (
        select(Row.reason, func.count().label("number"))
        .where(Row.resolved_at.is_(None))
        .group_by(Row.reason)
    )
    return {row.reason: row.number for row in connection.execute(statement)}


def find(connection: Connection, content_hash: bytes) -> tuple[SuspendedRecord, bytes] | None:
    """Return the record of that hash with the bytes received, or None."""
    statement = select(*COLUMNS, Row.received).where(Row.content_hash == content_hash)
    row = connection.execute(statement).mappings().first()
    return None if row is None else (record_of(row), row["received"])


def is_after(page: SuspensePage) -> Any:
    """Return the condition that a record stands on `page` or a later one."""
    return tuple_(Row.received_at, Row.content_hash) > (page.since, page.content_hash)


def record_of(row: RowMapping) -> SuspendedRecord:
    """Return the suspended record of a row that has all of `COLUMNS`."""
    return SuspendedRecord(**{column.name: row[column.name] for column in COLUMNS})
