"""Keys, with which clients authenticate."""

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
_SECRET_BYTES = 32  # 256 bits cannot be guessed, so a plain hash is enough.


class Scope(StrEnum):
    """What a key allows."""

    INGEST = "ingest"  # Deliver call records, and look up what became of them.
    READ_CALLS = "calls:read"  # Read calls and suspense.
    WRITE_SUSPENSE = "suspense:write"  # Read calls and suspense, and resolve suspended records.
    READ_BILLS = "bills:read"  # Read calls and suspense, bills, checks, tariffs, subscribers.
    READ_METRICS = "metrics:read"  # Read the metrics, which name nobody.
    ADMIN = "admin"  # Change what affects money, read the audit log, and everything else.


def includes(held: Scope, scope: Scope) -> bool:
    """Return whether who holds the scope `held` may do what `scope` allows."""
    if scope is Scope.READ_CALLS and held in (Scope.READ_BILLS, Scope.WRITE_SUSPENSE):
        return True
    return held in (scope, Scope.ADMIN)


def read_key_name(text: str) -> str:
    """Read the name of a key: 1 to 100 printable characters without outer spaces.

    The list of keys has one line per name, so a name must not contain a line break. Raises
    ValueError.
    """
    name = text.strip(" ")
    if not 1 <= len(name) <= _NAME_LENGTH_MAX or not name.isprintable():
        raise ValueError(f"must be 1 to {_NAME_LENGTH_MAX} printable characters")
    return name


def is_key_id(text: str) -> bool:
    """Return whether `text` can be the id of a key."""
    return _ID.fullmatch(text) is not None


class Credential(NamedTuple):
    """The id of a key and its secret, as a client sends them."""

    key_id: str
    secret: str

    @classmethod
    def make(cls) -> Self:
        """Make a new credential with 256 random bits."""
        return cls(secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read `text` in the form of `str`; return None if it is not a credential."""
        key_id, _, secret = text.partition(".")
        return cls(key_id, secret) if is_key_id(key_id) and secret else None

    @property
    def secret_hash(self) -> bytes:
        """The SHA-256 of the secret, which is stored instead of it."""
        return hashlib.sha256(self.secret.encode()).digest()

    def __str__(self) -> str:
        return f"{self.key_id}.{self.secret}"


class Key(NamedTuple):
    """A key as stored. A client may have several live keys, so that one can replace another."""

    key_id: str
    name: str
    scopes: frozenset[Scope]
    secret_hash: bytes
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_shown_by(self, credential: Credential) -> bool:
        """Return whether `credential` has the secret of this key, in constant time."""
        return hmac.compare_digest(self.secret_hash, credential.secret_hash)

    def may(self, *scopes: Scope) -> bool:
        """Return whether the key allows one of `scopes`."""
        return any(includes(held, scope) for held in self.scopes for scope in scopes)
