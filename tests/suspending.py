"""Suspended records as tests need them, and what became of them."""

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg2

if TYPE_CHECKING:
    from tests.conftest import Database

RECEIVED_AT = datetime(2018, 1, 5, 12, 30, tzinfo=UTC)

_SUSPEND = """
    INSERT INTO suspense
        (content_hash, received, reason, errors, times_seen, received_at, last_received_at)
    VALUES (%s, %s, %s, '[]', 1, %s, %s)
"""
_STATE = "SELECT reason, resolution, note FROM suspense WHERE content_hash = decode(%s, 'hex')"
_LINES = "SELECT actor, act, before, after FROM audit_log WHERE subject = %s ORDER BY id"


def suspend(
    database: "Database", received: bytes, reason: str, received_at: datetime = RECEIVED_AT
) -> str:
    """Put bytes into suspense, for whatever reason, and give their suspense id."""
    suspense_id = suspense_id_of(received)
    content_hash = psycopg2.Binary(bytes.fromhex(suspense_id))
    database.rows(
        _SUSPEND, (content_hash, psycopg2.Binary(received), reason, received_at, received_at)
    )
    return suspense_id


def suspense_id_of(received: bytes) -> str:
    return hashlib.sha256(received).hexdigest()


def state_of(database: "Database", suspense_id: str) -> tuple[str, str | None, str | None]:
    """Its reason, its resolution and its note."""
    [(reason, resolution, note)] = database.rows(_STATE, (suspense_id,))
    return reason, resolution, note


def audit_lines_of(database: "Database", suspense_id: str) -> list[tuple[Any, ...]]:
    """Who did what to it, and what was and is there of it."""
    return database.rows(_LINES, (suspense_id,))
