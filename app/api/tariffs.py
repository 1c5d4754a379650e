"""`/v1/tariffs`: the prices that were, are and will be in force."""

import re
from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, Response

from app.api.operation import Operation, answer, as_json, json_body, without_body
from app.api.parameters import Parameter, Query, one_of
from app.api.requests import actor, deadline, pricing, query, received_body
from app.domain.errors import NotFound
from app.domain.key import Scope
from app.domain.tariff import TariffState
from app.schemas.tariffs import TariffOfferSchema, TariffSchema, TariffsSchema, read_tariff
from app.services import tariffs

blueprint = Blueprint("tariffs", __name__, url_prefix="/v1/tariffs")

_UNUSUAL_RATE = "unusual-rate"


class _PublishQuery(Query):
    confirm = Parameter(
        {"enum": ["", _UNUSUAL_RATE], "default": ""},
        "`unusual-rate`: publish a rate that is 50 times the one before, or a fiftieth.",
        read=one_of(_UNUSUAL_RATE),
    )


@blueprint.get("")
@Operation(scope=Scope.READ_BILLS, answers={200: as_json("All tariffs.", TariffsSchema)})
def list_tariffs() -> Response:
    """List all tariffs, in the order in which they begin."""
    found = tariffs.all_tariffs(datetime.now(UTC), deadline=deadline())
    return answer(TariffsSchema, {"tariffs": found})


@blueprint.get("/<tariff_id>")
@Operation(
    scope=Scope.READ_BILLS,
    answers={200: as_json("The tariff.", TariffSchema)},
    problems=("not-found",),
)
def show_tariff(tariff_id: str) -> Response:
    """Get one tariff."""
    found = tariffs.one_tariff(_number(tariff_id), datetime.now(UTC), deadline=deadline())
    return answer(TariffSchema, found)


@blueprint.post("")
@Operation(
    scope=Scope.ADMIN,
    query=_PublishQuery(),
    body=json_body(TariffOfferSchema),
    answers={201: as_json("Published.", TariffSchema, "Location")},
    problems=("invalid-tariff", "tariff-exists", "unusual-rate", "invalid-parameter"),
    description="It begins later than now by more than `CLOCK_SKEW_MAX`, has the currency of"
    " the other tariffs, and never changes. A call is priced by the tariff in force when it"
    " starts.",
)
def publish_tariff() -> Response:
    """Publish the tariff in the body."""
    draft = read_tariff(received_body())
    tariff = tariffs.publish(
        draft,
        actor=actor(),
        clock_skew_max=pricing().clock_skew_max,
        is_confirmed=query()["confirm"] == _UNUSUAL_RATE,
        deadline=deadline(),
    )
    response = answer(TariffSchema, (tariff, TariffState.FUTURE))
    response.status_code = HTTPStatus.CREATED
    response.headers["Location"] = f"{blueprint.url_prefix}/{tariff.tariff_id}"
    return response


@blueprint.delete("/<tariff_id>")
@Operation(
    scope=Scope.ADMIN,
    answers={204: without_body("Withdrawn.")},
    problems=("not-found", "tariff-in-use"),
)
def withdraw_tariff(tariff_id: str) -> Response:
    """Withdraw a tariff before it begins."""
    tariffs.withdraw(
        _number(tariff_id),
        actor=actor(),
        clock_skew_max=pricing().clock_skew_max,
        deadline=deadline(),
    )
    return Response(status=HTTPStatus.NO_CONTENT)


def _number(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text, re.ASCII):
        raise NotFound("There is no such tariff.")
    return int(text)
