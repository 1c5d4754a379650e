"""Keys: made, listed, revoked, and checked without a query for each request."""

import logging
import threading
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from app.database.retry import FAILURES, retry
from app.database.transactions import read, transaction, write
from app.domain.audit import Act, Deed
from app.domain.errors import NotFound, Unavailable
from app.domain.key import Credential, Key, Scope, is_key_id
from app.limits import times
from app.limits.deadline import Deadline
from app.store import audit, keys

logger = logging.getLogger(__name__)


def create(
    name: str, scopes: Collection[Scope], *, actor: str, now: datetime, deadline: Deadline
) -> Credential:
    """Make a key and return its credential; the secret in it is stored nowhere."""
    credential = Credential.make()
    key = Key(credential.key_id, name, frozenset(scopes), credential.secret_hash, now)

    def add(connection: Connection) -> None:
        # The key exists only if an earlier try was cut off while it committed, and took effect.
        if keys.add(connection, key):
            deed = Deed(actor, Act.KEY_CREATED, key.key_id, None, _as_logged(key))
            audit.record(connection, [deed])

    write(add, deadline=deadline)
    return credential


def revoke(key_id: str, *, actor: str, now: datetime, deadline: Deadline) -> None:
    """Revoke a key for good. Raises NotFound if no live key has that id."""
    # A try that was cut off while it committed may have taken effect: then the next one finds no
    # live key, and that is success.
    found: list[Key] = []

    def take_away(connection: Connection) -> None:
        key = keys.revoke(connection, key_id, now)
        if key is not None:
            audit.record(connection, [Deed(actor, Act.KEY_REVOKED, key_id, _as_logged(key), None)])
            found.append(key)

    if is_key_id(key_id):
        write(take_away, deadline=deadline)
    if not found:
        raise NotFound(f"There is no live key {key_id}.")


def all_keys(*, deadline: Deadline) -> list[Key]:
    """Return all keys, revoked ones too, in the order of their creation."""
    return read(keys.read_all, deadline=deadline)


def _as_logged(key: Key) -> dict[str, object]:
    return {"name": key.name, "scopes": sorted(key.scopes)}


class KeyRing:
    """The keys, cached in memory for a few seconds at a time."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Take the clock that measures how old the cached keys are, in seconds."""
        self._monotonic = monotonic
        self._live: dict[str, Key] = {}
        self._read_at = self._failed_at = float("-inf")
        self._used: set[str] = set()  # Since uses were noted last.
        self._refreshing = threading.Lock()

    def key_shown_by(self, credential: Credential, *, deadline: Deadline) -> Key | None:
        """Return the live key of `credential`, or None if there is none. Raises Unavailable."""
        refresh = partial(self._refresh, deadline=deadline)
        refresh(times.FRESH_KEYS_SECONDS)
        if credential.key_id not in self._live:
            refresh(times.FRESH_KEYS_SECONDS_FOR_UNKNOWN)  # It may be new.
        key = self._live.get(credential.key_id)
        if key is None or not key.is_shown_by(credential):
            return None
        self._used.add(key.key_id)
        return key

    def note_used(self, now: datetime, *, deadline: Deadline) -> None:
        """Note which keys were used until `now`; the server calls it every few seconds.

        A key is written once a minute at most, so its last use is known to the minute.
        """
        used, self._used = self._used, set()
        if not used:
            return
        try:
            with transaction(deadline) as connection:
                known_until = now - timedelta(seconds=times.USE_KNOWN_TO_SECONDS)
                keys.note_used(connection, used, now, known_until)
        except FAILURES:
            self._used |= used
            logger.warning("could not note which keys were used")

    def _refresh(self, seconds_max: float, deadline: Deadline) -> None:
        """Read the keys again if they are older than `seconds_max`.

        One thread reads and all others wait for it: a thread that went on with old keys could let
        in a key that was revoked long ago. If the read fails, the threads that waited do not try
        again unless they have no keys to trust. Raises Unavailable.
        """
        asked_at = self._monotonic()
        if self._age <= seconds_max:
            return
        is_trusted = self._age <= times.TRUST_KEYS_SECONDS_MAX
        wait = max(0.0, deadline.seconds_left() - times.LAST_TRY_SECONDS)
        if is_trusted:
            wait = min(wait, times.READ_KEYS_SECONDS_MAX)
        if self._refreshing.acquire(timeout=wait):
            try:
                if self._age > seconds_max and not (is_trusted and self._failed_at > asked_at):
                    self._read(deadline, seconds_max=0 if is_trusted else None)
            except Unavailable:
                self._failed_at = self._monotonic()
            finally:
                self._refreshing.release()
        if self._age > times.TRUST_KEYS_SECONDS_MAX:
            raise Unavailable(
                "Keys cannot be checked at the moment. Nothing of this request was acknowledged;"
                " sending it again is safe."
            )

    @property
    def _age(self) -> float:
        return self._monotonic() - self._read_at

    def _read(self, deadline: Deadline, *, seconds_max: float | None) -> None:
        begun_at = self._monotonic()
        found = retry(lambda: _read_soon(deadline), deadline, seconds_max=seconds_max)
        self._live = {key.key_id: key for key in found if key.revoked_at is None}
        self._read_at = begun_at


def _read_soon(deadline: Deadline) -> list[Key]:
    soon = deadline.within(times.READ_KEYS_SECONDS_MAX)
    with transaction(soon, read_only=True) as connection:
        return keys.read_all(connection)
