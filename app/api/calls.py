"""`/v1/calls`: one call with its breakdown, calls that wait for a half, and long calls."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response
from marshmallow import ValidationError, validates_schema

from app.api.checks import CHECKED_MONTH, checked_month
from app.api.operation import Operation, answer, as_json
from app.api.paging import cursor, page_of, read_position_instant
from app.api.parameters import Parameter, Query, limit, month, one_of, read_age
from app.api.requests import deadline, pricing, query
from app.domain.call import OpenCallsPage, OpenState
from app.domain.call_record import is_identifier
from app.domain.errors import NotFound
from app.domain.key import Scope
from app.schemas.calls import CallDetailsSchema, OpenCallsSchema
from app.schemas.fields import Json
from app.services import calls, checks
from app.services.calls import CallDetails
from app.services.checks import BEGINNING

blueprint = Blueprint("calls", __name__, url_prefix="/v1/calls")


def _call_id(text: str) -> str:
    if not is_identifier(text):
        raise ValueError
    return text


_LENGTH = {"type": "string", "pattern": "^[0-9]{1,5}[smhd]$"}


def _payer(text: str) -> str:
    return _call_id(text) if text else text


class _ListQuery(Query):
    state = Parameter(
        {"enum": list(OpenState), "default": OpenState.OPEN},
        "All open calls, or those that wait for the one half, or contested ones.",
        read=one_of(*OpenState),
    )
    older_than = Parameter(
        _LENGTH | {"default": "0s"},
        "Only calls whose half happened longer ago, such as `30m`, `24h` or `7d`.",
        read=read_age,
        load_default=timedelta(0),
    )
    longer_than = Parameter(
        _LENGTH,
        "Instead of open calls, the complete ones of `period` that lasted longer, such as `4h`.",
        read=read_age,
        load_default=None,
    )
    period = month(CHECKED_MONTH)
    limit = limit()
    cursor = cursor(_payer, read_position_instant, _call_id, first=("", BEGINNING, ""))

    @validates_schema(pass_original=True)
    def _refuse_what_does_not_go_together(self, _: Json, given: Json, **__: Any) -> None:
        if "longer_than" in given and given.keys() & {"state", "older_than"}:
            detail = "asks for complete calls, so it does not go with state or older_than"
            raise ValidationError(detail, "longer_than")
        if "period" in given and "longer_than" not in given:
            raise ValidationError("goes only with longer_than", "period")


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
    query=_ListQuery(),
    answers={200: as_json("A page of open calls, or of long ones.", OpenCallsSchema)},
    problems=("invalid-parameter", "invalid-period"),
    description="With `longer_than`, the complete calls of a month that lasted longer, in the order"
    " of its bills.",
)
def list_calls() -> Response:
    """List the calls that wait for a half, oldest first, or long ones."""
    given = query()
    found = _open_calls(given) if given["longer_than"] is None else _long_calls(given)
    return answer(OpenCallsSchema, page_of("calls", found, given["limit"], _position))


def _open_calls(given: Json) -> list[CallDetails]:
    before = datetime.now(UTC) - given["older_than"]
    page = OpenCallsPage(*given["cursor"][1:])
    state = OpenState(given["state"])
    return calls.open_calls(state, before, page, given["limit"], deadline=deadline())


def _long_calls(given: Json) -> list[CallDetails]:
    month = checked_month(given)
    return checks.long_calls(
        month, given["longer_than"], given["cursor"], given["limit"], deadline=deadline()
    )


def _position(found: CallDetails) -> tuple[str, str, str]:
    start, half = found.call.start, found.call.start or found.call.end
    assert half is not None  # A call has a half.
    return "" if start is None else start.source, half.timestamp.isoformat(), found.call.call_id
