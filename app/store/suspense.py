"""The statements on `suspense`: the bytes that could not be stored as a half, and why."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import psycopg2

from app.db import Cursor

_COLUMNS = (
    "content_hash, reason, errors, times_seen, received_at, last_received_at, resolved_at,"
    " resolution"
)

# A repeat counts and does not pile up. Rows are taken in one order, after those of `calls`.
_KEEP = """
    INSERT INTO suspense
        (content_hash, received, reason, errors, times_seen, received_at, last_received_at)
    SELECT * FROM unnest(%s::bytea[], %s::bytea[], %s::text[], %s::jsonb[], %s::bigint[],
                         %s::timestamptz[], %s::timestamptz[])
        AS offered (content_hash, received, reason, errors, times_seen, received_at,
                    last_received_at)
    ORDER BY content_hash
    ON CONFLICT (content_hash) DO UPDATE
    SET times_seen = suspense.times_seen + EXCLUDED.times_seen,
        last_received_at = EXCLUDED.last_received_at
"""
_LIST = f"""
    SELECT {_COLUMNS} FROM suspense
    WHERE (resolved_at IS NULL) = %s AND reason = coalesce(%s, reason)
      AND (received_at, content_hash) > (%s, %s)
    ORDER BY received_at, content_hash
    LIMIT %s
"""
_FIND = f"SELECT received, {_COLUMNS} FROM suspense WHERE content_hash = %s"


class Suspended(NamedTuple):
    """What arrived, and why it could not be stored; `errors` as in a problem's `errors`."""

    received: bytes
    reason: str
    errors: Sequence[dict[str, str]]

    @property
    def content_hash(self) -> bytes:
        """The key under which it is kept: the same bytes are kept once."""
        return hashlib.sha256(self.received).digest()


class SuspendedRecord(NamedTuple):
    """One row of suspense, without the bytes, which may be many."""

    content_hash: bytes
    reason: str
    errors: list[dict[str, str]]
    times_seen: int
    received_at: datetime
    last_received_at: datetime
    resolved_at: datetime | None
    resolution: str | None


class SuspensePage(NamedTuple):
    """Where a page of suspense begins: behind the record that stood last on the page before."""

    since: datetime
    content_hash: bytes


def keep(cursor: Cursor, suspended: Iterable[Suspended], received_at: datetime) -> None:
    """Keep each of `suspended` once, and count how often it was seen."""
    times_seen: Counter[bytes] = Counter()
    distinct: dict[bytes, Suspended] = {}
    for each in suspended:
        content_hash = each.content_hash
        times_seen[content_hash] += 1
        distinct.setdefault(content_hash, each)
    if not distinct:
        return
    cursor.execute(
        _KEEP,
        (
            [psycopg2.Binary(content_hash) for content_hash in distinct],
            [psycopg2.Binary(each.received) for each in distinct.values()],
            [each.reason for each in distinct.values()],
            [json.dumps(list(each.errors)) for each in distinct.values()],
            [times_seen[content_hash] for content_hash in distinct],
            [received_at] * len(distinct),
            [received_at] * len(distinct),
        ),
    )


def list_page(
    cursor: Cursor, *, is_open: bool, reason: str | None, page: SuspensePage, limit: int
) -> list[SuspendedRecord]:
    """Give suspended records, first received first, of one `reason` or of all."""
    cursor.execute(_LIST, (is_open, reason, page.since, psycopg2.Binary(page.content_hash), limit))
    return [_record(row) for row in cursor]


def find(cursor: Cursor, content_hash: bytes) -> tuple[SuspendedRecord, bytes] | None:
    """Give the one of that hash with the bytes received, if there is one."""
    cursor.execute(_FIND, (psycopg2.Binary(content_hash),))
    row = cursor.fetchone()
    return None if row is None else (_record(row[1:]), bytes(row[0]))


def _record(row: tuple[Any, ...]) -> SuspendedRecord:
    content_hash, *rest = row
    return SuspendedRecord(bytes(content_hash), *rest)
