"""`/v1/tariffs`: as offered for publication, and as shown."""

from app.api.openapi.parts import (
    CURRENCY,
    EXACT_AMOUNT,
    INSTANT,
    Answer,
    Json,
    Operation,
    a_list,
    as_json,
    members,
    ref,
)
from app.domain.tariff import TariffState
from app.domain.tariff_json import BANDS_MAX, NAME_LENGTH_MAX

_NAME: Json = {
    "type": "string",
    "minLength": 1,
    "maxLength": NAME_LENGTH_MAX,
    "description": "Printable characters.",
}
_HOUR: Json = {
    "type": "string",
    "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$",
    "description": "Wall clock of `time_zone`; the band runs until the next one starts.",
}
_RATE: Json = {
    "type": "string",
    "pattern": r"^[0-9]{1,8}(\.[0-9]{1,4})?$",
    "description": "Decimal text, of four decimals at most.",
}
_ID: Json = {"type": "integer", "minimum": 1}
_TARIFF: Json = {
    "name": _NAME,
    "effective_from": INSTANT,
    "time_zone": {"type": "string", "description": "An IANA name, such as `America/Sao_Paulo`."},
    "currency": CURRENCY,
}

SCHEMAS: Json = {
    "TariffOffer": members(
        _TARIFF | {"bands": a_list(ref("TimeBandOffer")) | {"minItems": 1, "maxItems": BANDS_MAX}}
    ),
    "TimeBandOffer": members(
        {"name": _NAME, "starts_at": _HOUR, "standing_charge": _RATE, "minute_rate": _RATE}
    ),
    "Tariff": members(
        {"id": _ID}
        | _TARIFF
        | {"bands": a_list(ref("TimeBand")), "state": {"enum": list(TariffState)}}
    ),
    "TimeBand": members(
        {
            "name": _NAME,
            "starts_at": _HOUR,
            "standing_charge": EXACT_AMOUNT,
            "minute_rate": EXACT_AMOUNT,
        }
    ),
    "Tariffs": members({"tariffs": a_list(ref("Tariff"))}),
    "TariffName": members({"id": _ID, "name": {"type": "string"}}),
}

OPERATIONS = {
    "list_tariffs": Operation({200: as_json("All tariffs.", ref("Tariffs"))}),
    "show_tariff": Operation({200: as_json("The tariff.", ref("Tariff"))}, ("not-found",)),
    "publish_tariff": Operation(
        {201: as_json("Published.", ref("Tariff"), "Location")},
        ("invalid-tariff", "tariff-exists"),
        body={"application/json": ref("TariffOffer")},
        description="It begins later than now, by more than `CLOCK_SKEW_MAX`, in the currency of"
        " the other tariffs, and is never changed. A month's bill has the prices of the tariffs in"
        " force when its calls started.",
    ),
    "withdraw_tariff": Operation({204: Answer("Withdrawn.", {})}, ("not-found", "tariff-in-use")),
}
