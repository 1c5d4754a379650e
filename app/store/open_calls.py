"""The statements that find calls without a price: those that wait for a half, by age."""

from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, select, true, tuple_

from app.database.models import Call as Row
from app.domain.call import Call, OpenCallsPage, OpenState
from app.store.call_rows import COLUMNS, calls_of

# These expressions are those of the index of open calls.
_is_open = Row.price_cents.is_(None)
_happened_at = func.coalesce(Row.started_at, Row.ended_at)
_place = (_happened_at, Row.call_id)
_HAS_STATE = {
    OpenState.OPEN: true(),
    OpenState.AWAITING_START: Row.started_at.is_(None),
    OpenState.AWAITING_END: Row.ended_at.is_(None),
    OpenState.CONTESTED: Row.contested.is_(True),
}

_instant = Row.started_at.type
_starts_within = and_(
    _is_open,
    _happened_at >= bindparam("first", type_=_instant),
    _happened_at < bindparam("after", type_=_instant),
)
_COUNT_BY_SUBSCRIBER = (
    select(Row.source, func.count().label("number"))
    .where(_starts_within, Row.source.is_not(None))
    .group_by(Row.source)
)
_COUNT_OF_SUBSCRIBER = select(func.count()).where(
    _starts_within, Row.source == bindparam("source", type_=Row.source.type)
)


def count_by_subscriber(
    connection: Connection, bounds: tuple[datetime, datetime]
) -> dict[str, int]:
    """Return the number of open calls that started within `bounds`, by subscriber with any."""
    found = connection.execute(_COUNT_BY_SUBSCRIBER, _bounds(bounds))
    return {row.source: row.number for row in found if row.source is not None}


def count_of(connection: Connection, source: str, bounds: tuple[datetime, datetime]) -> int:
    """Return the number of a subscriber's open calls that started within `bounds`, half open."""
    return connection.execute(
        _COUNT_OF_SUBSCRIBER, _bounds(bounds) | {"source": source}
    ).scalar_one()


def list_page(
    connection: Connection, state: OpenState, before: datetime, page: OpenCallsPage, limit: int
) -> list[Call]:
    """Return open calls of a `state` whose half happened before `before`, oldest first."""
    statement = (
        select(*(Row.__table__.c[name] for name in COLUMNS))
        .where(
            _is_open,
            _HAS_STATE[state],
            _happened_at < before,
            tuple_(*_place) > (page.since, page.call_id),
        )
        .order_by(*_place)
        .limit(limit)
    )
    return list(calls_of(connection.execute(statement)))


def complete_and_unpriced(connection: Connection, limit: int) -> list[str]:
    """Return the ids of calls that have both halves and no price; there should be none."""
    statement = (
        select(Row.call_id)
        .where(_is_open, Row.started_at.is_not(None), Row.ended_at.is_not(None))
        .order_by(*_place)
        .limit(limit)
    )
    return list(connection.scalars(statement))


def _bounds(bounds: tuple[datetime, datetime]) -> dict[str, object]:
    first, after = bounds
    return {"first": first, "after": after}
