"""The statements on `subscribers`: the names of numbers."""

from collections.abc import Generator, Sequence

from sqlalchemy import Connection, bindparam, delete, false, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from app.database import models
from app.database.statements import RowsParameter
from app.domain.subscriber import Subscriber, search_name

_ROWS_A_FETCH = 5_000

_OFFERED = RowsParameter("offered", models.Subscriber, "number", "name", "search_name")
_former = aliased(models.Subscriber, name="former")

# A number that has a name is locked and left as it is, so that no other session changes what the
# next statement finds. Rows are taken in the order given.
_inserting = insert(models.Subscriber).from_select(_OFFERED.columns.keys(), select(_OFFERED.rows))
_INSERT_OR_LOCK = _inserting.on_conflict_do_update(
    index_elements=[models.Subscriber.number],
    set_={"name": _inserting.excluded.name},
    where=false(),
).returning(models.Subscriber.number)
_RENAME = (
    update(models.Subscriber)
    .values(name=_OFFERED.columns.name, search_name=_OFFERED.columns.search_name)
    .where(
        _former.number == _OFFERED.columns.number,
        models.Subscriber.number == _former.number,
        _former.name != _OFFERED.columns.name,
    )
    .returning(models.Subscriber.number, _former.name)
)
# Built once: each bill asks.
_NAME_OF = select(models.Subscriber.name).where(models.Subscriber.number == bindparam("number"))
_ALL = select(models.Subscriber.number, models.Subscriber.name).order_by(models.Subscriber.number)


def write(connection: Connection, named: Sequence[Subscriber]) -> dict[str, str | None]:
    """Name `named`, each number once; return the former names of the numbers that this changes.

    The former name is None for a number that had none; a number that has the same name already is
    left out. Pass many in the order of their numbers: then two writers cannot deadlock.
    """
    offered = _OFFERED.values((each.number, each.name, search_name(each.name)) for each in named)
    new = dict.fromkeys(connection.execute(_INSERT_OR_LOCK, offered).scalars())
    renamed = connection.execute(_RENAME, offered)
    return new | {row.number: row.name for row in renamed}


def name_of(connection: Connection, number: str) -> str | None:
    """Return the name of `number`, or None without one."""
    return connection.scalar(_NAME_OF, {"number": number})


def list_page(connection: Connection, part: str, *, after: str, limit: int) -> list[Subscriber]:
    """Return subscribers with numbers after `after` whose search name contains `part`."""
    statement = _ALL.where(
        models.Subscriber.number > after, func.strpos(models.Subscriber.search_name, part) > 0
    ).limit(limit)
    return [Subscriber(number=row.number, name=row.name) for row in connection.execute(statement)]


def in_order(connection: Connection) -> Generator[Subscriber, None, None]:
    """Yield all subscribers in the order of their numbers, fetched a few thousand at a time."""
    with connection.execute(_ALL, execution_options={"yield_per": _ROWS_A_FETCH}) as rows:
        for row in rows:
            yield Subscriber(number=row.number, name=row.name)


def delete_name(connection: Connection, number: str) -> str | None:
    """Delete the name of `number` and return it, or None if it has none."""
    return connection.scalar(
        delete(models.Subscriber)
        .where(models.Subscriber.number == number)
        .returning(models.Subscriber.name)
    )
