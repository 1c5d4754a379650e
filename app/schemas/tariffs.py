"""Tariffs: as staff offer them for publication, and as they are shown and logged."""

import codecs
import re
from datetime import datetime, time
from decimal import Decimal
from operator import attrgetter
from typing import Any, cast

from marshmallow import ValidationError, post_load

from app.domain.call_record import read_instant
from app.domain.errors import BodyTooLarge, InvalidTariff, UnreadableJson
from app.domain.money import TenThousandths, ten_thousandths
from app.domain.strict_json import Unreadable, decode
from app.domain.tariff import Tariff, TariffDraft, TariffState, TimeBand
from app.domain.zones import iana_zone
from app.limits.sizes import RECORD_BYTES_MAX
from app.schemas import fields

NAME_LENGTH_MAX = 100
BANDS_MAX = 48

_HOUR = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?", re.ASCII)
_RATE = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)

_ID_SHAPE: fields.Json = {"type": "integer", "minimum": 1}
_NAME_SHAPE: fields.Json = {
    "type": "string",
    "minLength": 1,
    "maxLength": NAME_LENGTH_MAX,
    "description": "Printable characters.",
}
_HOUR_SHAPE: fields.Json = {
    "type": "string",
    "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$",
    "description": "Wall clock of `time_zone`; the band runs until the next one starts.",
}
_RATE_SHAPE: fields.Json = {
    "type": "string",
    "pattern": r"^[0-9]{1,8}(\.[0-9]{1,4})?$",
    "description": "Decimal text with at most four decimals.",
}


def _read_name(value: object) -> str:
    # The database or the JSON of an answer would refuse some characters that are not printable.
    is_name = isinstance(value, str) and value.isprintable() and value.strip(" ")
    if is_name and len(name := str(value)) <= NAME_LENGTH_MAX:
        return name
    raise ValueError(f"must be a text of 1 to {NAME_LENGTH_MAX} printable characters")


def _read_effective_from(value: object) -> datetime:
    return read_instant(value, None)


def _read_currency(value: object) -> str:
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise ValueError("must be the three capital letters of a currency, such as BRL")
    return value


def _read_hour(value: object) -> time:
    if not isinstance(value, str) or not _HOUR.fullmatch(value):
        raise ValueError('must be a time of day such as "06:00" or "06:00:00"')
    return time.fromisoformat(value)


def _read_rate(value: object) -> TenThousandths:
    if not isinstance(value, str) or not _RATE.fullmatch(value):
        raise ValueError('must be a decimal number as text, such as "0.09", which is exact')
    return ten_thousandths(Decimal(value))


def _hour_text(hour: time) -> str:
    return hour.isoformat().removesuffix(":00")


class TimeBandOfferSchema(fields.RequestSchema):
    """A time band of a tariff that is offered."""

    name = fields.Member(_NAME_SHAPE, read=_read_name, required=True)
    starts_at = fields.Member(_HOUR_SHAPE, read=_read_hour, required=True)
    standing_charge = fields.Member(_RATE_SHAPE, read=_read_rate, required=True)
    minute_rate = fields.Member(_RATE_SHAPE, read=_read_rate, required=True)

    @post_load
    def _make(self, data: fields.Json, **_: Any) -> TimeBand:
        return TimeBand(**data)


class _Bands(fields.Items):
    """The bands of a day in any order, no two of which start at the same time."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> list[Any]:
        if not isinstance(value, list) or not 1 <= len(value) <= BANDS_MAX:
            raise ValidationError(f"must be a list of 1 to {BANDS_MAX} time bands")
        errors: dict[Any, Any] = {}
        bands: list[Any] = []
        try:
            bands = super()._deserialize(value, attr, data, **options)
        except ValidationError as error:
            errors = error.messages_dict
        starts: set[time] = set()
        for place, offered in enumerate(value):
            try:
                start = _read_hour(offered.get("starts_at") if isinstance(offered, dict) else None)
            except ValueError:
                continue  # It is among the errors already.
            if start in starts:
                taken = {"starts_at": ["another band starts at the same time"]}
                errors[place] = errors.get(place, {}) | taken
            starts.add(start)
        if errors:
            raise ValidationError(errors)
        return sorted(bands, key=attrgetter("starts_at"))


class TariffOfferSchema(fields.RequestSchema):
    """A tariff that is offered for publication."""

    name = fields.Member(_NAME_SHAPE, read=_read_name, required=True)
    effective_from = fields.Member(fields.INSTANT, read=_read_effective_from, required=True)
    time_zone = fields.Member(fields.TIME_ZONE, read=iana_zone, attribute="zone", required=True)
    currency = fields.Member(fields.CURRENCY, read=_read_currency, required=True)
    bands = _Bands(TimeBandOfferSchema, shape={"minItems": 1, "maxItems": BANDS_MAX}, required=True)

    @post_load
    def _make(self, data: fields.Json, **_: Any) -> TariffDraft:
        return TariffDraft(**data | {"bands": tuple(data["bands"])})


class TariffNameSchema(fields.AnswerSchema):
    """Which tariff a price comes from."""

    id = fields.Member(_ID_SHAPE, attribute="tariff_id")
    name = fields.Text()


class TimeBandSchema(fields.AnswerSchema):
    """A time band as it is shown."""

    name = fields.Member(_NAME_SHAPE)
    starts_at = fields.Member(_HOUR_SHAPE, write=_hour_text)
    standing_charge = fields.ExactAmount()
    minute_rate = fields.ExactAmount()


class LoggedTariffSchema(fields.AnswerSchema):
    """A tariff as the audit log keeps it: as it was offered, and its id."""

    id = fields.Member(_ID_SHAPE, attribute="tariff_id")
    name = fields.Member(_NAME_SHAPE)
    effective_from = fields.Instant()
    time_zone = fields.Member(fields.TIME_ZONE, attribute="zone.key")
    currency = fields.Currency()
    bands = fields.Items(TimeBandSchema)


class TariffSchema(LoggedTariffSchema):
    """A tariff as it is shown: with its state, and its beginning on the clock of its own zone."""

    effective_from_local = fields.Member(fields.INSTANT, write=datetime.isoformat)
    state = fields.Member({"enum": list(TariffState)})

    def get_attribute(self, obj: tuple[Tariff, TariffState], attr: str, default: Any) -> Any:
        """Read from a tariff and its state."""
        tariff, state = obj
        if attr == "effective_from_local":
            return tariff.effective_from.astimezone(tariff.zone)
        return state if attr == "state" else super().get_attribute(tariff, attr, default)


class TariffsSchema(fields.AnswerSchema):
    """All tariffs."""

    tariffs = fields.Items(TariffSchema)


def read_tariff(text: bytes) -> TariffDraft:
    """Read the JSON `text` of a tariff.

    Raises InvalidTariff, which reports all errors at once, UnreadableJson and BodyTooLarge.
    """
    if len(text) > RECORD_BYTES_MAX:
        raise BodyTooLarge("The JSON of a tariff is limited to 64 KiB.")
    try:
        offered = cast(fields.Json, decode(text.removeprefix(codecs.BOM_UTF8)))  # Or it is refused.
        draft: TariffDraft = TariffOfferSchema().load(offered)
    except Unreadable as refusal:
        raise UnreadableJson(f"The tariff cannot be read: it {refusal}.") from None
    except ValidationError as error:
        raise InvalidTariff(
            "The tariff cannot be published as it is.", errors=fields.pointers(error)
        ) from None
    return draft


def tariff_json(tariff: Tariff) -> fields.Json:
    """Return a tariff as the audit log keeps it."""
    logged: fields.Json = LoggedTariffSchema().dump(tariff)
    return logged
