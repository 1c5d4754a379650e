"""`/v1/calls`: one call with its breakdown, and the calls that still wait for a half."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response

from app.api.operation import Operation, answer, as_json
from app.api.paging import cursor, page_of, read_position_instant
from app.api.parameters import Parameter, Query, limit, one_of, read_age
from app.api.requests import deadline, pricing, query
from app.domain.call import OpenCallsPage, OpenState
from app.domain.call_record import is_identifier
from app.domain.errors import NotFound
from app.domain.key import Scope
from app.schemas.calls import (
    CallDetailsSchema,
    OpenCallsSchema,
)
from app.services import calls
from app.services.calls import CallDetails

blueprint = Blueprint("calls", __name__, url_prefix="/v1/calls")

_BEGINNING = datetime(1, 1, 1, tzinfo=UTC), ""


def _call_id(text: str) -> str:
    if not is_identifier(text):
        raise ValueError
    return text


class _OpenQuery(Query):
    state = Parameter(
        {"enum": list(OpenState), "default": OpenState.OPEN},
        "All open calls, or those that wait for the one half, or contested ones.",
        read=one_of(*OpenState),
    )
    older_than = Parameter(
        {"type": "string", "pattern": "^[0-9]{1,5}[smhd]$", "default": "0s"},
        "Only calls whose half happened longer ago, such as `30m`, `24h` or `7d`.",
        read=read_age,
        load_default=timedelta(0),
    )
    limit = limit()
    cursor = cursor(read_position_instant, _call_id, first=_BEGINNING)


@blueprint.get("/<call_id:call_id>")
@Operation(
    scope=Scope.READ_CALLS,
    answers={
        200: as_json(
            "The call. Only a priced one has the members from `currency` on.", CallDetailsSchema
        )
    },
    problems=("not-found",),
)
def show_call(call_id: str) -> Response:
    """Get one call; a call_id may hold any printable character, also a slash."""
    if not is_identifier(call_id):
        raise NotFound("No call can have this call_id.")
    details = calls.call_details(call_id, pricing=pricing(), deadline=deadline())
    return answer(CallDetailsSchema, details)


@blueprint.get("")
@Operation(
    scope=Scope.READ_CALLS,
    query=_OpenQuery(),
    answers={200: as_json("A page of open calls.", OpenCallsSchema)},
    problems=("invalid-parameter",),
)
def list_calls() -> Response:
    """List the calls that wait for a half, oldest first."""
    given = query()
    before = datetime.now(UTC) - given["older_than"]
    found = calls.open_calls(
        OpenState(given["state"]),
        before,
        OpenCallsPage(*given["cursor"]),
        given["limit"],
        deadline=deadline(),
    )
    return answer(OpenCallsSchema, page_of("calls", found, given["limit"], _position))


def _position(found: CallDetails) -> tuple[str, str]:
    half = found.call.start or found.call.end
    assert half is not None  # A call has a half.
    return half.timestamp.isoformat(), found.call.call_id
