"""`/v1/tariffs`: the prices that were, are and will be in force."""

import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, jsonify

from app.api.authentication import requires
from app.api.requests import actor, deadline, pricing, received_body
from app.domain.errors import NotFound
from app.domain.key import Scope
from app.domain.tariff import Tariff, TariffState
from app.domain.tariff_json import read_tariff, tariff_json
from app.services import tariffs

blueprint = Blueprint("tariffs", __name__, url_prefix="/v1/tariffs")


@blueprint.get("")
@requires(Scope.READ_BILLS)
def list_tariffs() -> Response:
    """Give all tariffs, in the order in which they begin."""
    return jsonify(
        tariffs=[
            _json(*each) for each in tariffs.all_tariffs(datetime.now(UTC), deadline=deadline())
        ]
    )


@blueprint.get("/<tariff_id>")
@requires(Scope.READ_BILLS)
def show_tariff(tariff_id: str) -> Response:
    """Give one tariff."""
    return jsonify(
        _json(*tariffs.one_tariff(_number(tariff_id), datetime.now(UTC), deadline=deadline()))
    )


@blueprint.post("")
@requires(Scope.ADMIN)
def publish_tariff() -> Response:
    """Publish the tariff that the body is."""
    draft = read_tariff(received_body())
    tariff = tariffs.publish(
        draft, actor=actor(), clock_skew_max=pricing().clock_skew_max, deadline=deadline()
    )
    response = jsonify(_json(tariff, TariffState.FUTURE))
    response.status_code = HTTPStatus.CREATED
    response.headers["Location"] = f"{blueprint.url_prefix}/{tariff.tariff_id}"
    return response


@blueprint.delete("/<tariff_id>")
@requires(Scope.ADMIN)
def withdraw_tariff(tariff_id: str) -> Response:
    """Withdraw a tariff before it begins."""
    tariffs.withdraw(
        _number(tariff_id),
        actor=actor(),
        clock_skew_max=pricing().clock_skew_max,
        deadline=deadline(),
    )
    return Response(status=HTTPStatus.NO_CONTENT)


def _json(tariff: Tariff, state: TariffState) -> dict[str, Any]:
    return tariff_json(tariff) | {"state": state}


def _number(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text, re.ASCII):
        raise NotFound("There is no such tariff.")
    return int(text)
