"""The statements that count what waits. They stop at a limit, since monitoring sends them often."""

from sqlalchemy import ARRAY, Connection, Integer, Text, bindparam, func, literal, select, true

from app.database.models import Call, SuspendedRecord
from app.database.statements import set_local
from app.domain.backlog import COUNT_MAX, Backlog
from app.domain.call import CallState, Reason
from app.limits import times

_LIMIT = bindparam("count_max", type_=Integer)

_happened_at = func.coalesce(Call.started_at, Call.ended_at)
_oldest = (
    select(Call.started_at, Call.ended_at, Call.contested, _happened_at.label("happened_at"))
    .where(Call.price_cents.is_(None))
    .order_by(_happened_at, Call.call_id)
    .limit(_LIMIT)
    .subquery("oldest")
)
_HALVES = {
    CallState.AWAITING_START: _oldest.c.started_at.is_(None),
    CallState.AWAITING_END: _oldest.c.ended_at.is_(None),
    CallState.AWAITING_PRICE: _oldest.c.started_at.is_not(None) & _oldest.c.ended_at.is_not(None),
}
_OPEN_CALLS = select(
    *(func.count().filter(halves).label(state) for state, halves in _HALVES.items()),
    func.count(_oldest.c.contested).label("contested"),
    func.min(_oldest.c.happened_at).label("oldest_open_at"),
)

_reasons = (
    func.unnest(literal(list(Reason), ARRAY(Text)))
    .table_valued("reason")
    .render_derived(name="reasons")
)
_waiting = (
    select(SuspendedRecord.content_hash)
    .where(SuspendedRecord.resolved_at.is_(None), SuspendedRecord.reason == _reasons.c.reason)
    .limit(_LIMIT)
    .lateral("waiting")
)
_SUSPENSE = (
    select(_reasons.c.reason, func.count(_waiting.c.content_hash).label("waiting"))
    .select_from(_reasons)
    .outerjoin(_waiting, true())
    .group_by(_reasons.c.reason)
)


def count(connection: Connection) -> Backlog:
    """Return what waits now."""
    set_local(connection, statement_timeout=f"{times.COUNT_SECONDS_MAX}s")
    limit = {_LIMIT.key: COUNT_MAX}
    open_calls = connection.execute(_OPEN_CALLS, limit).mappings().one()
    return Backlog(
        {state: open_calls[state] for state in _HALVES},
        open_calls["contested"],
        open_calls["oldest_open_at"],
        {Reason(row.reason): row.waiting for row in connection.execute(_SUSPENSE, limit)},
    )
