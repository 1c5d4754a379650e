"""Keys: by which a sender, or a person's tool, shows that it may ask for something."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Self

_ID = re.compile(r"[a-z0-9]{1,32}", re.ASCII)
_ID_BYTES = 6
_NAME_LENGTH_MAX = 100
_SECRET_BYTES = 32  # 256 bits: beyond guessing, so a plain hash of it is enough.


class Scope(StrEnum):
    """What a key may be used for."""

    INGEST = "ingest"  # Deliver call records.
    READ_BILLS = "bills:read"  # Read bills, calls, tariffs, subscribers, suspense.
    READ_METRICS = "metrics:read"  # Read what is counted, which names nobody.
    ADMIN = "admin"  # Change what touches money, read the audit log; and all of the others.


def read_key_name(text: str) -> str:
    """Read the name of a key: 1 to 100 printable characters without outer spaces.

    It stands in a line of the list of keys, so it must not be able to write another. Raises
    ValueError.
    """
    name = text.strip(" ")
    if not 1 <= len(name) <= _NAME_LENGTH_MAX or not name.isprintable():
        raise ValueError(f"must be 1 to {_NAME_LENGTH_MAX} printable characters")
    return name


def is_key_id(text: str) -> bool:
    """Say whether `text` can be the id of a key."""
    return _ID.fullmatch(text) is not None


class Credential(NamedTuple):
    """What a client shows: the id of a key, and its secret."""

    key_id: str
    secret: str

    @classmethod
    def make(cls) -> Self:
        """Make a new one, of 256 random bits."""
        return cls(secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read `text`, written as `str` writes it; None for what cannot be one."""
        key_id, _, secret = text.partition(".")
        return cls(key_id, secret) if is_key_id(key_id) and secret else None

    @property
    def secret_hash(self) -> bytes:
        """What is kept of the secret: its SHA-256."""
        return hashlib.sha256(self.secret.encode()).digest()

    def __str__(self) -> str:
        return f"{self.key_id}.{self.secret}"


class Key(NamedTuple):
    """A key as it is kept. Several may be live at once, so that one can replace another."""

    key_id: str
    name: str
    scopes: frozenset[Scope]
    secret_hash: bytes
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_shown_by(self, credential: Credential) -> bool:
        """Say whether `credential` holds this key's secret, in a time that tells nothing of it."""
        return hmac.compare_digest(self.secret_hash, credential.secret_hash)

    def may(self, scope: Scope) -> bool:
        """Say whether it can be used for `scope`; one of an admin can be used for all."""
        return scope in self.scopes or Scope.ADMIN in self.scopes
