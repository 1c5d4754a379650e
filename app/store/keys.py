"""The statements on `api_keys`."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import psycopg2
from sqlalchemy import Connection

from app.database.statements import driver_cursor
from app.domain.key import Key, Scope

_COLUMNS = "key_id, name, scopes, secret_hash, created_at, last_used_at, revoked_at"
_ALL = f"SELECT {_COLUMNS} FROM api_keys ORDER BY created_at, key_id"
_ADD = """
    INSERT INTO api_keys (key_id, name, scopes, secret_hash, created_at)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (key_id) DO NOTHING
"""
_REVOKE = f"""
    UPDATE api_keys SET revoked_at = %s WHERE key_id = %s AND revoked_at IS NULL
    RETURNING {_COLUMNS}
"""
_NOTE_USED = "UPDATE api_keys SET last_used_at = %s WHERE key_id = ANY (%s)"


def read_all(connection: Connection) -> list[Key]:
    """Give all keys, revoked ones too, in the order in which they were made."""
    cursor = driver_cursor(connection)
    cursor.execute(_ALL)
    return [_key(row) for row in cursor]


def add(connection: Connection, key: Key) -> bool:
    """Keep a new key, and say whether it was not there yet."""
    cursor = driver_cursor(connection)
    cursor.execute(
        _ADD,
        (
            key.key_id,
            key.name,
            sorted(key.scopes),
            psycopg2.Binary(key.secret_hash),
            key.created_at,
        ),
    )
    return cursor.rowcount == 1


def revoke(connection: Connection, key_id: str, now: datetime) -> Key | None:
    """Revoke the key and give it, or None if there is no live one of that id."""
    cursor = driver_cursor(connection)
    cursor.execute(_REVOKE, (now, key_id))
    row = cursor.fetchone()
    return None if row is None else _key(row)


def note_used(connection: Connection, key_ids: Collection[str], now: datetime) -> None:
    """Note that the keys were used at about `now`."""
    cursor = driver_cursor(connection)
    cursor.execute(_NOTE_USED, (now, sorted(key_ids)))


def _key(row: tuple[Any, ...]) -> Key:
    key_id, name, scopes, secret_hash, *instants = row
    return Key(key_id, name, frozenset(map(Scope, scopes)), bytes(secret_hash), *instants)
