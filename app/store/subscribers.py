"""The statements on `subscribers`: the names that go with numbers."""

from collections.abc import Generator, Sequence

from sqlalchemy import Connection

from app.database.statements import driver_cursor
from app.domain.subscriber import Subscriber, search_name

_ROWS_A_FETCH = 5_000

# A number that has a name is locked and left as it is, so that nobody changes what the next
# statement finds. Rows are taken in the order given.
_INSERT_OR_LOCK = """
    INSERT INTO subscribers (number, name, search_name)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[])
        AS offered (number, name, search_name)
    ON CONFLICT (number) DO UPDATE SET name = EXCLUDED.name WHERE false
    RETURNING number
"""
_RENAME = """
    UPDATE subscribers SET name = offered.name, search_name = offered.search_name
    FROM unnest(%s::text[], %s::text[], %s::text[]) AS offered (number, name, search_name)
        JOIN subscribers AS former ON former.number = offered.number
    WHERE subscribers.number = former.number AND former.name <> offered.name
    RETURNING subscribers.number, former.name
"""
_NAME_OF = "SELECT name FROM subscribers WHERE number = %s"
_LIST = """
    SELECT number, name FROM subscribers
    WHERE number > %s AND strpos(search_name, %s) > 0
    ORDER BY number
    LIMIT %s
"""
_ALL = "SELECT number, name FROM subscribers ORDER BY number"
_DELETE = "DELETE FROM subscribers WHERE number = %s RETURNING name"


def write(connection: Connection, named: Sequence[Subscriber]) -> dict[str, str | None]:
    """Name `named`, each number once, and give the former names of the numbers this changes.

    It is None for a number that had no name; one that has the same name already is left out. Give
    many in the order of their numbers: two writers at once then never wait in a circle.
    """
    cursor = driver_cursor(connection)
    offered = (
        [each.number for each in named],
        [each.name for each in named],
        [search_name(each.name) for each in named],
    )
    cursor.execute(_INSERT_OR_LOCK, offered)
    new = dict.fromkeys(number for (number,) in cursor)
    cursor.execute(_RENAME, offered)
    return new | dict(cursor)


def name_of(connection: Connection, number: str) -> str | None:
    """Give the name of `number`, if it has one."""
    cursor = driver_cursor(connection)
    cursor.execute(_NAME_OF, (number,))
    row = cursor.fetchone()
    return None if row is None else row[0]


def list_page(connection: Connection, part: str, *, after: str, limit: int) -> list[Subscriber]:
    """Return subscribers with numbers after `after` whose search name contains `part`."""
    cursor = driver_cursor(connection)
    cursor.execute(_LIST, (after, part, limit))
    return list(map(Subscriber._make, cursor))


def in_order(connection: Connection) -> Generator[Subscriber, None, None]:
    """Yield all subscribers in the order of their numbers, fetched a few thousand at a time."""
    cursor = driver_cursor(connection)
    with cursor.connection.cursor("subscribers_in_order") as rows:
        rows.itersize = _ROWS_A_FETCH
        rows.execute(_ALL)
        yield from map(Subscriber._make, rows)


def delete(connection: Connection, number: str) -> str | None:
    """Delete the name of `number`, and give it; None if there is none."""
    cursor = driver_cursor(connection)
    cursor.execute(_DELETE, (number,))
    row = cursor.fetchone()
    return None if row is None else row[0]
