"""The statements that read priced calls in the order of bills, from the bill index alone."""

from collections.abc import Generator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Select,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.engine import make_url

from app.database.models import Call
from app.database.statements import driver_cursor
from app.domain.bill import BillLine
from app.domain.period import BillingPeriod
from app.limits import times

_ROWS_A_FETCH = 5_000
_DIALECT = make_url("postgresql+psycopg2://").get_dialect()

# These conditions are those of the index.
_IN_PERIOD = (
    Call.period == bindparam("period", type_=Date),
    Call.price_cents.is_not(None),
)
_VALUES: dict[str, ColumnElement[Any]] = {
    name: Call.__table__.c["price_cents" if name == "price" else name] for name in BillLine._fields
}


def _text_of(statement: Select[Any]) -> str:
    """Return the SQL of `statement` for the driver, which reads many rows faster than Core."""
    return str(statement.compile(dialect=_DIALECT()))


BILL_LINES = _text_of(
    select(*_VALUES.values())
    .where(*_IN_PERIOD, Call.source == bindparam("source", type_=Text))
    .order_by(Call.started_at, Call.call_id)
)
BILL_RUN = _text_of(
    select(*_VALUES.values(), Call.source)
    .where(*_IN_PERIOD)
    .order_by(Call.source, Call.started_at, Call.call_id)
)
_COUNT = select(func.count()).where(*_IN_PERIOD)


def bill_lines(connection: Connection, source: str, period: BillingPeriod) -> tuple[BillLine, ...]:
    """Return the priced calls of a subscriber that ended in `period`, ordered by start."""
    cursor = driver_cursor(connection)
    cursor.execute(BILL_LINES, {"period": period.first_day, "source": source})
    return tuple(map(BillLine._make, cursor))


def bill_run(
    connection: Connection, period: BillingPeriod
) -> Generator[tuple[str, BillLine], None, None]:
    """Yield the priced calls that ended in `period`, each with its subscriber, in their order.

    A server-side cursor fetches a few thousand at a time, within the transaction.
    """
    cursor = driver_cursor(connection)
    # The reader of the run may be slower than the database.
    cursor.execute(
        f"SET LOCAL idle_in_transaction_session_timeout = '{times.SLOW_READER_SECONDS_MAX}s'"
    )
    with cursor.connection.cursor("bill_run") as rows:
        rows.itersize = _ROWS_A_FETCH
        rows.execute(BILL_RUN, {"period": period.first_day})
        for *line, source in rows:
            yield source, BillLine._make(line)


def count_priced(connection: Connection, period: BillingPeriod) -> int:
    """Return the number of priced calls that ended in `period`."""
    return connection.execute(_COUNT, {"period": period.first_day}).scalar_one()
