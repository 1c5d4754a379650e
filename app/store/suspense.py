"""The statements on `suspense`: the bytes that could not be stored as a half, and why."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import psycopg2
from sqlalchemy import Connection

from app.database.statements import driver_cursor
from app.domain.audit import Act
from app.domain.suspense import Suspended, SuspendedRecord, SuspensePage

# Who reopens, as the audit log writes it.
_INTAKE = "intake"

COLUMNS = (
    "content_hash, reason, errors, times_seen, received_at, last_received_at, resolved_at,"
    " resolution, note"
)
_OFFERED = """
    unnest(%(hashes)s::bytea[], %(received)s::bytea[], %(reasons)s::text[], %(errors)s::jsonb[],
           %(times_seen)s::bigint[])
        AS offered (content_hash, received, reason, errors, times_seen)
"""

# A repeat counts and does not pile up. Rows are taken in one order, after those of `calls`. One
# that was stored, or found to be a duplicate, is passed over: `_REOPEN` is for those.
_KEEP = f"""
    INSERT INTO suspense
        (content_hash, received, reason, errors, times_seen, received_at, last_received_at)
    SELECT *, %(received_at)s, %(received_at)s FROM {_OFFERED}
    ORDER BY content_hash
    ON CONFLICT (content_hash) DO UPDATE
    SET times_seen = suspense.times_seen + EXCLUDED.times_seen,
        last_received_at = EXCLUDED.last_received_at
    WHERE suspense.resolution IS NULL OR suspense.resolution = 'written-off'
"""
# What is suspended again waits for a person again, and the log says why it left their sight. The
# line is written by the same statement, since that may be all of the transaction.
_REOPEN = f"""
    WITH settled AS (
        SELECT content_hash, reason, resolution FROM suspense
        WHERE content_hash = ANY (%(hashes)s::bytea[]) AND resolution <> 'written-off'
        ORDER BY content_hash
        FOR UPDATE
    ), reopened AS (
        UPDATE suspense
        SET reason = offered.reason, errors = offered.errors, resolved_at = NULL,
            resolution = NULL, times_seen = suspense.times_seen + offered.times_seen,
            last_received_at = %(received_at)s
        FROM settled JOIN {_OFFERED} USING (content_hash)
        WHERE suspense.content_hash = settled.content_hash
        RETURNING suspense.content_hash, suspense.reason,
                  settled.reason AS reason_before, settled.resolution AS resolution_before
    )
    INSERT INTO audit_log (actor, act, subject, before, after)
    SELECT '{_INTAKE}', '{Act.SUSPENSE_REOPENED}', encode(content_hash, 'hex'),
        jsonb_build_object(
            'state', 'resolved', 'reason', reason_before, 'resolution', resolution_before),
        jsonb_build_object('state', 'open', 'reason', reason, 'resolution', NULL)
    FROM reopened
"""
_COUNT_OPEN = "SELECT reason, count(*) FROM suspense WHERE resolved_at IS NULL GROUP BY reason"
_LIST = f"""
    SELECT {COLUMNS} FROM suspense
    WHERE (resolved_at IS NULL) = %s AND reason = coalesce(%s, reason)
      AND (received_at, content_hash) > (%s, %s)
    ORDER BY received_at, content_hash
    LIMIT %s
"""
_FIND = f"SELECT received, {COLUMNS} FROM suspense WHERE content_hash = %s"


def keep(connection: Connection, suspended: Iterable[Suspended], received_at: datetime) -> None:
    """Keep each of `suspended` once, and count how often it was seen.

    One that was written off stays so. One that was resolved otherwise is open again.
    """
    cursor = driver_cursor(connection)
    times_seen: Counter[bytes] = Counter()
    distinct: dict[bytes, Suspended] = {}
    for each in suspended:
        content_hash = each.content_hash
        times_seen[content_hash] += 1
        distinct.setdefault(content_hash, each)
    offered = {
        "hashes": [psycopg2.Binary(content_hash) for content_hash in distinct],
        "received": [psycopg2.Binary(each.received) for each in distinct.values()],
        "reasons": [each.reason for each in distinct.values()],
        "errors": [json.dumps(list(each.errors)) for each in distinct.values()],
        "times_seen": [times_seen[content_hash] for content_hash in distinct],
        "received_at": received_at,
    }
    kept = 0
    # In a transaction, what the first statement passes over is locked, and the second takes it. A
    # single statement locks nothing for the next: then the row may have changed, or gone, again.
    while kept < len(distinct):
        cursor.execute(_KEEP, offered)
        kept = cursor.rowcount
        if kept < len(distinct):
            cursor.execute(_REOPEN, offered)
            kept += cursor.rowcount


def list_page(
    connection: Connection, *, is_open: bool, reason: str | None, page: SuspensePage, limit: int
) -> list[SuspendedRecord]:
    """Give suspended records, first received first, of one `reason` or of all."""
    cursor = driver_cursor(connection)
    cursor.execute(_LIST, (is_open, reason, page.since, psycopg2.Binary(page.content_hash), limit))
    return [record_of(row) for row in cursor]


def count_open(connection: Connection) -> dict[str, int]:
    """Count the open ones, for each reason that has any."""
    cursor = driver_cursor(connection)
    cursor.execute(_COUNT_OPEN)
    return dict(cursor)


def find(connection: Connection, content_hash: bytes) -> tuple[SuspendedRecord, bytes] | None:
    """Give the one of that hash with the bytes received, if there is one."""
    cursor = driver_cursor(connection)
    cursor.execute(_FIND, (psycopg2.Binary(content_hash),))
    row = cursor.fetchone()
    return None if row is None else (record_of(row[1:]), bytes(row[0]))


def record_of(row: tuple[Any, ...]) -> SuspendedRecord:
    """Give the suspended record of a row that holds the values of `COLUMNS`."""
    content_hash, *rest = row
    return SuspendedRecord(bytes(content_hash), *rest)
