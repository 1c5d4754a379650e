"""`/v1/price-preview`: what a call would cost."""

import re
from datetime import datetime

from flask import Blueprint, Response

from app.api.operation import Operation, answer, as_json
from app.api.parameters import Parameter, Query
from app.api.requests import deadline, pricing, query
from app.domain.call_record import read_instant
from app.domain.key import Scope
from app.schemas.calls import PricePreviewSchema
from app.schemas.fields import INSTANT
from app.services.preview import preview_price

blueprint = Blueprint("price-preview", __name__, url_prefix="/v1/price-preview")


def _read_instant(text: str) -> datetime:
    try:
        return read_instant(text, pricing().billing_zone)
    except ValueError as error:
        # In a query a bare + is a space: the most frequent way to spoil an offset.
        hint = "; write the + of an offset as %2B" if " " in text else ""
        raise ValueError(f"{error}{hint}") from None


def _read_tariff_id(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text, re.ASCII):
        raise ValueError("is the id of a tariff, a whole number")
    return int(text)


class _Query(Query):
    start = Parameter(
        INSTANT,
        "The start of the call.",
        read=_read_instant,
        example="2017-12-12T21:57:13Z",
        required=True,
    )
    end = Parameter(
        INSTANT,
        "The end of the call, at most 31 days later.",
        read=_read_instant,
        example="2017-12-12T22:10:56Z",
        required=True,
    )
    tariff = Parameter(
        {"type": "integer", "minimum": 0, "maximum": 9_999_999_999},
        "The id of a tariff; without it, the one in force at `start`.",
        read=_read_tariff_id,
    )


@blueprint.get("")
@Operation(
    scope=Scope.READ_BILLS,
    query=_Query(),
    answers={200: as_json("The price by today's tariffs, and its parts.", PricePreviewSchema)},
    problems=("not-found", "invalid-parameter"),
    description="Write the `+` of an offset as `%2B`. An instant without an offset is wall"
    " clock of the billing zone.",
)
def show_price_preview() -> Response:
    """Compute the price of a call from `start` to `end`, under `tariff` if named."""
    given = query()
    rated = preview_price(given["start"], given["end"], given["tariff"], deadline=deadline())
    return answer(PricePreviewSchema, {"breakdown": rated})
