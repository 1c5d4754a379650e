"""The statements on `api_keys`."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from app.database.models import ApiKey
from app.domain.key import Key, Scope

_KNOWN_SCOPES = frozenset(map(str, Scope))


def read_all(connection: Connection) -> list[Key]:
    """Return all keys, revoked ones too, in the order of their creation."""
    statement = select(ApiKey).order_by(ApiKey.created_at, ApiKey.key_id)
    return [_key(row) for row in connection.execute(statement)]


def add(connection: Connection, key: Key) -> bool:
    """Store a new key, and return whether it was not there yet."""
    statement = (
        insert(ApiKey)
        .values(
            key_id=key.key_id,
            name=key.name,
            scopes=sorted(key.scopes),
            secret_hash=key.secret_hash,
            created_at=key.created_at,
        )
        .on_conflict_do_nothing(index_elements=[ApiKey.key_id])
        .returning(ApiKey.key_id)
    )
    return connection.execute(statement).first() is not None


def revoke(connection: Connection, key_id: str, now: datetime) -> Key | None:
    """Revoke the key and return it, or None if no live key has that id."""
    statement = (
        update(ApiKey)
        .values(revoked_at=now)
        .where(ApiKey.key_id == key_id, ApiKey.revoked_at.is_(None))
        .returning(ApiKey)
    )
    row = connection.execute(statement).first()
    return None if row is None else _key(row)


def note_used(
    connection: Connection, key_ids: Collection[str], now: datetime, known_until: datetime
) -> None:
    """Note that the keys were used at `now`, unless a use after `known_until` is noted already."""
    is_old = ApiKey.last_used_at.is_(None) | (ApiKey.last_used_at <= known_until)
    connection.execute(
        update(ApiKey).values(last_used_at=now).where(ApiKey.key_id.in_(sorted(key_ids)), is_old)
    )


def _key(row: Row[Any]) -> Key:
    return Key(
        key_id=row.key_id,
        name=row.name,
        # A newer release may know more scopes.
        scopes=frozenset(Scope(scope) for scope in row.scopes if scope in _KNOWN_SCOPES),
        secret_hash=row.secret_hash,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
