"""Subscribers: the names that go with numbers. Each change is written to the audit log with it."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from app.database.transactions import Cursor, retrying, transaction
from app.domain.audit import Act, Deed
from app.domain.errors import NotFound
from app.domain.subscriber import Subscriber, search_name
from app.store import audit, subscribers

_LOAD_CHUNK = 5_000


class Loaded(NamedTuple):
    """What a load did: how many numbers had no name before, and how many had another one."""

    new: int
    renamed: int


def subscriber(number: str) -> Subscriber:
    """Give the subscriber of `number`. Raises NotFound for a number without a name."""

    def read() -> str | None:
        with transaction(read_only=True) as cursor:
            return subscribers.name_of(cursor, number)

    name = retrying(read)
    if name is None:
        raise _not_named()
    return Subscriber(number, name)


def subscribers_named(part: str, *, behind: str, limit: int) -> list[Subscriber]:
    """Give at most `limit` subscribers with numbers behind `behind`, in the order of these.

    Each has `part` in the name, whatever the capitals and accents; the empty text is in all.
    """

    def read() -> list[Subscriber]:
        with transaction(read_only=True) as cursor:
            return subscribers.list_page(cursor, search_name(part), behind=behind, limit=limit)

    return retrying(read)


def name_subscriber(named: Subscriber, *, actor: str) -> bool:
    """Give a number its name, and say whether it had none before.

    The same name again changes nothing, and is no act of `actor`.
    """

    def name() -> bool:
        with transaction() as cursor:
            return None in _name(cursor, [named], actor).values()

    return retrying(name)


def load_subscribers(
    named: Collection[Subscriber], *, actor: str, tell: Callable[[int], None]
) -> Loaded:
    """Name all of `named`, each number once, or none of them.

    Meanwhile `tell` is called with how many are done; it begins anew when all is tried again.
    """
    # In one order for all chunks, so that two loads at once do not wait for each other in a circle.
    ordered = sorted(named)

    def load() -> Loaded:
        new = renamed = 0
        with transaction(is_long=True) as cursor:
            for begin in range(0, len(ordered), _LOAD_CHUNK):
                chunk = ordered[begin : begin + _LOAD_CHUNK]
                former = list(_name(cursor, chunk, actor).values())
                audit.check(cursor)
                new += former.count(None)
                renamed += len(former) - former.count(None)
                tell(begin + len(chunk))
        return Loaded(new, renamed)

    return retrying(load)


def delete_subscriber(number: str, *, actor: str) -> None:
    """Take the name of `number` away. Raises NotFound for a number without one."""

    def delete() -> None:
        with transaction() as cursor:
            name = subscribers.delete(cursor, number)
            if name is None:
                raise _not_named()
            deed = Deed(actor, Act.SUBSCRIBER_DELETED, number, {"name": name}, None)
            audit.record(cursor, [deed])

    retrying(delete)


def _name(cursor: Cursor, named: Sequence[Subscriber], actor: str) -> dict[str, str | None]:
    former = subscribers.write(cursor, named)
    audit.record(
        cursor,
        [
            Deed(
                actor,
                Act.SUBSCRIBER_NAMED,
                number,
                None if former[number] is None else {"name": former[number]},
                {"name": name},
            )
            for number, name in named
            if number in former
        ],
    )
    return former


def _not_named() -> NotFound:
    return NotFound("This number has no name.")
