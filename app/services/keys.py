"""Keys: made, listed, revoked, and checked without a query a request."""

import logging
import threading
import time
from collections.abc import Collection
from datetime import UTC, datetime

import psycopg2
import sqlalchemy.exc

from app.database.transactions import RETRY_SECONDS_MAX, retrying, transaction
from app.domain.audit import Act, Deed
from app.domain.errors import NotFound, Unavailable
from app.domain.key import Credential, Key, Scope, is_key_id
from app.limits.patience import seconds_left
from app.store import audit, keys

logger = logging.getLogger(__name__)

# A key that was revoked is refused, and a new one let in, after this time at the latest.
FRESH_SECONDS = 3.0
_FRESH_SECONDS_FOR_UNKNOWN = 0.5
# How long keys are trusted while the database, which would know better, is away.
_STALE_SECONDS_MAX = 60.0
# How long a request waits for the keys while there are others to trust.
_WAIT_SECONDS_MAX = 3.0


def create(name: str, scopes: Collection[Scope], *, actor: str) -> Credential:
    """Make a key, and give what shows it: the only time that its secret is seen."""
    credential = Credential.make()
    key = Key(credential.key_id, name, frozenset(scopes), credential.secret_hash, datetime.now(UTC))
    retrying(lambda: _create(key, actor))
    return credential


def revoke(key_id: str, *, actor: str) -> None:
    """Revoke a key for good. Raises NotFound if no live key has that id."""
    # An attempt that was cut off while it committed may have taken effect: the next one finds the
    # key revoked, and that is what was asked for.
    found: list[Key] = []
    if is_key_id(key_id):
        retrying(lambda: _revoke(key_id, actor, found))
    if not found:
        raise NotFound(f"There is no live key {key_id}.")


def all_keys() -> list[Key]:
    """Give all keys, revoked ones too, in the order in which they were made."""
    return retrying(_read_all)


class KeyRing:
    """The keys, in memory for a few seconds at a time."""

    def __init__(self) -> None:
        self._live: dict[str, Key] = {}
        self._read_at = self._failed_at = float("-inf")
        self._used: set[str] = set()
        self._refreshing = threading.Lock()

    def key_shown_by(self, credential: Credential) -> Key | None:
        """Give the live key that `credential` shows, if it does. Raises Unavailable."""
        self._refresh(FRESH_SECONDS)
        if credential.key_id not in self._live:
            self._refresh(_FRESH_SECONDS_FOR_UNKNOWN)  # It may have been made just now.
        key = self._live.get(credential.key_id)
        if key is None or not key.is_shown_by(credential):
            return None
        self._used.add(key.key_id)
        return key

    def _refresh(self, seconds_max: float) -> None:
        """Have the keys read anew if that is longer ago than `seconds_max`.

        One thread does so and all wait for it: whoever went on with the keys of before could let
        one in that was revoked long ago. What it failed in, those who waited do not try again
        unless there is nothing to trust. Raises Unavailable.
        """
        asked_at = time.monotonic()
        if self._age <= seconds_max:
            return
        is_trusted = self._age <= _STALE_SECONDS_MAX
        wait_seconds_max = seconds_left(RETRY_SECONDS_MAX)
        if is_trusted:
            wait_seconds_max = min(wait_seconds_max, _WAIT_SECONDS_MAX)
        if self._refreshing.acquire(timeout=wait_seconds_max):
            try:
                if self._age > seconds_max and not (is_trusted and self._failed_at > asked_at):
                    self._read(seconds_max=0 if is_trusted else None)
            except Unavailable:
                self._failed_at = time.monotonic()
            finally:
                self._refreshing.release()
        if self._age > _STALE_SECONDS_MAX:
            raise Unavailable(
                "Keys cannot be checked at the moment. Nothing of this request was acknowledged;"
                " sending it again is safe."
            )

    @property
    def _age(self) -> float:
        return time.monotonic() - self._read_at

    def _read(self, seconds_max: float | None) -> None:
        begun_at = time.monotonic()
        found = retrying(_read_all, seconds_max=seconds_max)
        self._live = {key.key_id: key for key in found if key.revoked_at is None}
        self._read_at = begun_at
        used, self._used = self._used, set()
        if used:
            _say_used(used)


def _read_all() -> list[Key]:
    with transaction(read_only=True, seconds_max=_WAIT_SECONDS_MAX) as cursor:
        return keys.read_all(cursor)


def _say_used(key_ids: set[str]) -> None:
    try:
        with transaction(seconds_max=_WAIT_SECONDS_MAX) as cursor:
            keys.say_used(cursor, key_ids, datetime.now(UTC))
    except (psycopg2.Error, sqlalchemy.exc.SQLAlchemyError):
        logger.warning("it could not be noted which keys were used")  # Only a note.


def _create(key: Key, actor: str) -> None:
    with transaction() as cursor:
        # It is there only if an attempt that was cut off while it committed took effect.
        if keys.add(cursor, key):
            after = {"name": key.name, "scopes": sorted(key.scopes)}
            audit.record(cursor, [Deed(actor, Act.KEY_CREATED, key.key_id, None, after)])


def _revoke(key_id: str, actor: str, found: list[Key]) -> None:
    with transaction() as cursor:
        key = keys.revoke(cursor, key_id, datetime.now(UTC))
        if key is not None:
            before = {"name": key.name, "scopes": sorted(key.scopes)}
            audit.record(cursor, [Deed(actor, Act.KEY_REVOKED, key_id, before, None)])
            found.append(key)
