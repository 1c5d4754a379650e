"""The statements by which records leave suspense: tried again, written off, and deleted at last."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from operator import attrgetter

import psycopg2
from sqlalchemy import Connection

from app.database.statements import driver_cursor
from app.domain.suspense import SuspendedRecord, SuspensePage
from app.store.suspense import COLUMNS, record_of

# The bytes of one record may be many; those of a page must be held in memory together.
_PAGE_BYTES_MAX = 16 * 1024 * 1024

_OPEN_PAGE = f"""
    SELECT received, {COLUMNS} FROM (
        SELECT received, {COLUMNS},
            sum(octet_length(received)) OVER (ORDER BY received_at, content_hash)
                - octet_length(received) AS bytes_before
        FROM suspense
        WHERE resolved_at IS NULL AND reason = %s AND received_at <= %s
          AND (received_at, content_hash) > (%s, %s)
        ORDER BY received_at, content_hash
        LIMIT %s
    ) AS page
    WHERE bytes_before < {_PAGE_BYTES_MAX}
    ORDER BY received_at, content_hash
"""
_LOCK_OPEN = f"""
    SELECT {COLUMNS} FROM suspense
    WHERE content_hash = ANY (%s::bytea[]) AND resolved_at IS NULL
    ORDER BY content_hash
    FOR UPDATE
"""
_WRITE = """
    UPDATE suspense
    SET reason = written.reason, errors = written.errors, resolved_at = written.resolved_at,
        resolution = written.resolution, note = written.note
    FROM unnest(%s::bytea[], %s::text[], %s::jsonb[], %s::timestamptz[], %s::text[], %s::text[])
        AS written (content_hash, reason, errors, resolved_at, resolution, note)
    WHERE suspense.content_hash = written.content_hash
"""
# Nothing is resolved before it is received: so the index of arrivals finds what is old enough.
_PURGE = f"""
    WITH old AS (
        SELECT content_hash FROM suspense
        WHERE received_at < %(before)s AND resolved_at < %(before)s
          AND last_received_at < %(before)s AND (received_at, content_hash) > (%(since)s, %(hash)s)
        ORDER BY received_at, content_hash
        LIMIT %(limit)s
    ), locked AS (
        SELECT content_hash FROM suspense WHERE content_hash = ANY (ARRAY (SELECT * FROM old))
        ORDER BY content_hash
        FOR UPDATE
    )
    DELETE FROM suspense USING locked
    WHERE suspense.content_hash = locked.content_hash
      AND suspense.resolved_at < %(before)s AND suspense.last_received_at < %(before)s
    RETURNING {", ".join(f"suspense.{column}" for column in COLUMNS.split(", "))}
"""


def open_page(
    connection: Connection, reason: str, page: SuspensePage, received_until: datetime, limit: int
) -> list[tuple[SuspendedRecord, bytes]]:
    """Give open records of one `reason` with their bytes, first received first.

    There are at most `limit`, and fewer where their bytes are many; none only behind the last.
    """
    cursor = driver_cursor(connection)
    cursor.execute(
        _OPEN_PAGE,
        (reason, received_until, page.since, psycopg2.Binary(page.content_hash), limit),
    )
    return [(record_of(row[1:]), bytes(row[0])) for row in cursor]


def lock_open(connection: Connection, content_hashes: Collection[bytes]) -> list[SuspendedRecord]:
    """Give those that are open, as they are now, and keep them so until the commit.

    They are locked in the order in which the intake takes them, and like there after `calls`.
    """
    cursor = driver_cursor(connection)
    cursor.execute(_LOCK_OPEN, ([psycopg2.Binary(each) for each in content_hashes],))
    return [record_of(row) for row in cursor]


def write(connection: Connection, records: Sequence[SuspendedRecord]) -> None:
    """Write reason, errors, resolution and note of `records`, which are locked."""
    cursor = driver_cursor(connection)
    cursor.execute(
        _WRITE,
        (
            [psycopg2.Binary(each.content_hash) for each in records],
            [each.reason for each in records],
            [json.dumps(each.errors) for each in records],
            [each.resolved_at for each in records],
            [each.resolution for each in records],
            [each.note for each in records],
        ),
    )


def purge(
    connection: Connection, resolved_before: datetime, page: SuspensePage, limit: int
) -> list[SuspendedRecord]:
    """Delete records that were resolved, and last seen, before that, and give what they were.

    There are at most `limit`, in the order of their arrival, from `page` on.
    """
    cursor = driver_cursor(connection)
    cursor.execute(
        _PURGE,
        {
            "before": resolved_before,
            "since": page.since,
            "hash": psycopg2.Binary(page.content_hash),
            "limit": limit,
        },
    )
    return sorted(map(record_of, cursor), key=attrgetter("received_at", "content_hash"))
