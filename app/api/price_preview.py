"""`/v1/price-preview`: what a call costs, without there being one."""

import re
from datetime import datetime

from flask import Blueprint, Response, jsonify

from app.api.authentication import requires
from app.api.representations import price_preview_json
from app.api.requests import deadline, parameter, pricing
from app.domain.call_record import read_instant
from app.domain.errors import InvalidParameter
from app.domain.key import Scope
from app.services.preview import preview_price

blueprint = Blueprint("price-preview", __name__, url_prefix="/v1/price-preview")


@blueprint.get("")
@requires(Scope.READ_BILLS)
def show_price_preview() -> Response:
    """Give the price of a call from `start` to `end`, and its parts, under `tariff` if named."""
    rated = preview_price(_instant("start"), _instant("end"), _tariff_id(), deadline=deadline())
    return jsonify(price_preview_json(rated))


def _instant(name: str) -> datetime:
    text = parameter(name)
    if text is None:
        raise InvalidParameter(f"The parameter {name} is missing.")
    try:
        return read_instant(text, pricing().billing_zone)
    except ValueError as error:
        # In a query a bare + is a space, which is what an offset is most often spoilt by.
        hint = "; write the + of an offset as %2B" if " " in text else ""
        raise InvalidParameter(f"The parameter {name} {error}{hint}.") from None


def _tariff_id() -> int | None:
    text = parameter("tariff")
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,10}", text, re.ASCII):
        raise InvalidParameter("The parameter tariff is the id of a tariff, a whole number.")
    return int(text)
