"""What statements share: parameters of many rows, prepared statements, and the time they take."""

import threading
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast
from weakref import WeakSet

from psycopg2.extensions import connection, cursor, new_type, register_type
from sqlalchemy import ARRAY, BindParameter, Connection, bindparam, column, func, literal
from sqlalchemy.orm import InstrumentedAttribute

from app.database.models import Base


class _Waited(threading.local):
    seconds = 0.0


_waited = _Waited()


def sql_seconds() -> float:
    """Return the seconds that this thread has waited for the database since it began."""
    return _waited.seconds


def add_sql_seconds(seconds: float) -> None:
    """Count `seconds` that another thread waited for the database on behalf of this one."""
    _waited.seconds += seconds


class timed:  # noqa: N801, used as a statement
    """Count the time inside as waited for the database."""

    __slots__ = ("_begin",)

    def __enter__(self) -> None:
        self._begin = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        _waited.seconds += time.perf_counter() - self._begin


class TimedCursor(cursor):
    """A cursor that times its statements, but not what a server-side cursor fetches later."""

    def execute(self, statement: Any, values: Any = None) -> None:
        """Send a statement, and wait for its result."""
        with timed():
            super().execute(statement, values)

    def copy_expert(self, *statement: Any) -> None:
        """Copy, and wait until it is done."""
        with timed():
            super().copy_expert(*statement)


def driver_cursor(connection: Connection) -> cursor:
    """Return a cursor of the driver within the transaction of `connection`."""
    return cast(cursor, connection.connection.cursor())


def set_local(connection: Connection, **settings: str) -> None:
    """Change PostgreSQL's `settings` until the transaction ends."""
    connection.exec_driver_sql(
        "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in settings.items())
    )


def array_of(attribute: InstrumentedAttribute[Any], values: Iterable[Any]) -> BindParameter[Any]:
    """Return `values` of a table's column as a parameter: one array, whatever their number."""
    return literal(list(values), ARRAY(attribute.type, dimensions=1))


class RowsParameter:
    """Rows as a parameter of one statement: one array for each column, whatever their number.

    `rows` stand in a FROM clause, and `columns` are theirs by name; `values` fills them.
    """

    def __init__(self, name: str, model: type[Base], *names: str) -> None:
        """Take the `name` of the rows in the statement, and `names` of columns of `model`."""
        types = {each: model.__table__.c[each].type for each in names}
        self.arrays = {
            each: bindparam(f"{name}_{each}", type_=ARRAY(types[each], dimensions=1))
            for each in names
        }
        unnested = func.unnest(*self.arrays.values())
        columns = [column(each, types[each]) for each in names]
        self.rows = unnested.table_valued(*columns).render_derived(name=name)
        self.columns = self.rows.c

    def values(self, rows: Iterable[Sequence[Any]]) -> dict[str, list[Any]]:
        """Return the parameters of `execute` for `rows`, each with a value for each column."""
        names = [array.key for array in self.arrays.values()]
        columns = list(zip(*rows, strict=True)) or [()] * len(names)
        return dict(zip(names, map(list, columns), strict=True))


class PreparedStatement:
    """A statement that PostgreSQL parses and plans once for each connection."""

    def __init__(self, name: str, statement: str) -> None:
        """Take a `statement` in which each value is a `%s`."""
        first, *others = statement.split("%s")
        numbered = (f"${number}{each}" for number, each in enumerate(others, 1))
        self._prepare = f"PREPARE {name} AS {first}{''.join(numbered)}"
        self._execute = f"EXECUTE {name} ({', '.join(['%s'] * len(others))})"
        self._prepared_on: WeakSet[connection] = WeakSet()

    def execute(self, cursor: cursor, values: Sequence[Any]) -> None:
        """Send it with `values`; read the result from `cursor`."""
        if cursor.connection not in self._prepared_on:
            cursor.execute(self._prepare)
            self._prepared_on.add(cursor.connection)
        cursor.execute(self._execute, values)


def _read_instant(text: Any, _: cursor) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


# Python parses an instant in half the driver's time, and a line of a bill has three.
_TIMESTAMPTZ = 1184
register_type(new_type((_TIMESTAMPTZ,), "INSTANT", _read_instant))
