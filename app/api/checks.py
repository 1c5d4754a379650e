"""`/v1/checks`: what may be wrong with a month, to look at before its bill run."""

from datetime import UTC, datetime

from flask import Blueprint, Response

from app.api.operation import Operation, answer, as_json
from app.api.paging import cursor, page_of, read_position_instant
from app.api.parameters import Query, limit, month
from app.api.requests import deadline, pricing, query
from app.domain.call_record import is_identifier
from app.domain.key import Scope
from app.domain.period import BillingPeriod
from app.schemas.calls import OpenCallsSchema
from app.schemas.checks import MonthChecksSchema, TwinsPageSchema, UnnamedPayersSchema
from app.schemas.fields import Json
from app.services import checks
from app.services.calls import CallDetails
from app.services.checks import BEGINNING

blueprint = Blueprint("checks", __name__, url_prefix="/v1/checks")

CHECKED_MONTH = "A month, closed or not, `YYYY-MM` or `MM/YYYY`; by default the last closed one."
_PROBLEMS = ("invalid-parameter", "invalid-period")


def checked_month(given: Json) -> BillingPeriod:
    """Return the month that the query names, or the last closed one."""
    named: BillingPeriod | None = given["period"]
    return named or BillingPeriod.last_closed(datetime.now(UTC), pricing().billing_zone)


def _text(text: str) -> str:
    if text and not is_identifier(text):
        raise ValueError
    return text


class _CountQuery(Query):
    period = month(CHECKED_MONTH)


class _TwinsQuery(_CountQuery):
    limit = limit()
    cursor = cursor(
        *(_text, read_position_instant, read_position_instant, _text),
        first=("", BEGINNING, BEGINNING, ""),
    )


class _PayersQuery(_CountQuery):
    limit = limit()
    cursor = cursor(_text, first=("",))


class _OldCallsQuery(_CountQuery):
    limit = limit()
    cursor = cursor(read_position_instant, _text, first=(BEGINNING, ""))


@blueprint.get("")
@Operation(
    scope=Scope.READ_BILLS,
    query=_CountQuery(),
    answers={200: as_json("The counts.", MonthChecksSchema)},
    problems=_PROBLEMS,
)
def count_checks() -> Response:
    """Count what may be wrong with a month before its bill run."""
    period = checked_month(query())
    found = checks.month_checks(period, pricing=pricing(), deadline=deadline())
    return answer(MonthChecksSchema, {"period": period, **found._asdict()})


@blueprint.get("/twins")
@Operation(
    scope=Scope.READ_BILLS,
    query=_TwinsQuery(),
    answers={200: as_json("A page of twins.", TwinsPageSchema)},
    problems=_PROBLEMS,
    description="Calls of one month with the same two numbers that began in one second and ended in"
    " one second, under several ids. Nothing is changed.",
)
def list_twins() -> Response:
    """List doubtful twins: calls that may be one conversation, in the order of the payers."""
    given = query()
    found = checks.twins(checked_month(given), given["cursor"], given["limit"], deadline=deadline())
    page = page_of(
        "twins",
        found,
        given["limit"],
        lambda last: [str(each) for each in last.place],
    )
    return answer(TwinsPageSchema, page)


@blueprint.get("/unnamed-payers")
@Operation(
    scope=Scope.READ_BILLS,
    query=_PayersQuery(),
    answers={200: as_json("A page of payers.", UnnamedPayersSchema)},
    problems=_PROBLEMS,
)
def list_unnamed_payers() -> Response:
    """List the payers of a month that have no name, in the order of their numbers."""
    given = query()
    [after] = given["cursor"]
    found = checks.unnamed_payers(checked_month(given), after, given["limit"], deadline=deadline())
    page = page_of("unnamed_payers", found, given["limit"], lambda last: [last.number])
    return answer(UnnamedPayersSchema, page)


@blueprint.get("/old-calls")
@Operation(
    scope=Scope.READ_BILLS,
    query=_OldCallsQuery(),
    answers={200: as_json("A page of calls.", OpenCallsSchema)},
    problems=_PROBLEMS,
    description="The calls that became complete in the month and had begun more than 90 days"
    " before. `period` of a call is the month of its bill.",
)
def list_old_calls() -> Response:
    """List the calls that came in a month long after they began, first priced first."""
    given = query()
    found = checks.old_calls(
        checked_month(given),
        given["cursor"],
        given["limit"],
        pricing=pricing(),
        deadline=deadline(),
    )
    return answer(OpenCallsSchema, page_of("calls", found, given["limit"], _priced))


def _priced(found: CallDetails) -> tuple[str, str]:
    assert found.call.price is not None
    return found.call.price.priced_at.isoformat(), found.call.call_id
