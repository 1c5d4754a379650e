"""Subscribers: the names of numbers. Each change commits together with its audit line."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from app.database.transactions import read, write
from app.domain.audit import Act, Deed
from app.domain.errors import NotFound
from app.domain.subscriber import Subscriber, search_name
from app.limits.deadline import Deadline
from app.store import audit, subscribers

_LOAD_CHUNK = 5_000


class Loaded(NamedTuple):
    """The result of a load: how many numbers had no name before, and how many had another."""

    new: int
    renamed: int


def subscriber(number: str, *, deadline: Deadline) -> Subscriber:
    """Return the subscriber of `number`. Raises NotFound for a number without a name."""
    name = read(lambda connection: subscribers.name_of(connection, number), deadline=deadline)
    if name is None:
        raise _not_named()
    return Subscriber(number, name)


def subscribers_named(part: str, *, after: str, limit: int, deadline: Deadline) -> list[Subscriber]:
    """Return at most `limit` subscribers with numbers after `after`, in the order of numbers.

    Each name contains `part`, without regard to capitals and accents; "" is in every name.
    """
    return read(
        lambda connection: subscribers.list_page(
            connection, search_name(part), after=after, limit=limit
        ),
        deadline=deadline,
    )


def name_subscriber(named: Subscriber, *, actor: str, deadline: Deadline) -> bool:
    """Set the name of a number, and return whether it had none before.

    The same name again changes nothing, and is not written to the audit log.
    """
    return write(
        lambda connection: None in _name(connection, [named], actor).values(), deadline=deadline
    )


def load_subscribers(
    named: Collection[Subscriber],
    *,
    actor: str,
    report: Callable[[int], None],
    deadline: Deadline,
) -> Loaded:
    """Name all of `named`, each number once, or none of them.

    `report` is called after each chunk with the number of names done so far; a retry counts again
    from zero.
    """
    # One order for all chunks, so that two loads at the same time cannot deadlock.
    ordered = sorted(named)

    def load(connection: Connection) -> Loaded:
        new = renamed = 0
        for begin in range(0, len(ordered), _LOAD_CHUNK):
            chunk = ordered[begin : begin + _LOAD_CHUNK]
            former = list(_name(connection, chunk, actor).values())
            audit.check(connection)
            new += former.count(None)
            renamed += len(former) - former.count(None)
            report(begin + len(chunk))
        return Loaded(new, renamed)

    return write(load, deadline=deadline, is_long=True)


def delete_subscriber(number: str, *, actor: str, deadline: Deadline) -> None:
    """Delete the name of `number`. Raises NotFound for a number without one."""

    def delete(connection: Connection) -> None:
        name = subscribers.delete_name(connection, number)
        if name is None:
            raise _not_named()
        deed = Deed(actor, Act.SUBSCRIBER_DELETED, number, {"name": name}, None)
        audit.record(connection, [deed])

    write(delete, deadline=deadline)


def _name(connection: Connection, named: Sequence[Subscriber], actor: str) -> dict[str, str | None]:
    former = subscribers.write(connection, named)
    deeds = [
        Deed(
            actor,
            Act.SUBSCRIBER_NAMED,
            number,
            None if former[number] is None else {"name": former[number]},
            {"name": name},
        )
        for number, name in named
        if number in former
    ]
    audit.record(connection, deeds)
    return former


def _not_named() -> NotFound:
    return NotFound("This number has no name.")
