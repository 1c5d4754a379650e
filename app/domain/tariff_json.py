"""A tariff as JSON: read as it is offered for publication, and written as it is shown."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from app.domain.call_record import instant_text, read_instant
from app.domain.errors import BodyTooLarge, InvalidTariff, UnreadableJson
from app.domain.money import TenThousandths, exact_text, ten_thousandths
from app.domain.strict_json import DECODER, Repeating
from app.domain.tariff import Tariff, TariffDraft, TimeBand
from app.domain.zones import iana_zone
from app.limits.sizes import RECORD_BYTES_MAX

NAME_LENGTH_MAX = 100
BANDS_MAX = 48

_HOUR = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?", re.ASCII)
_RATE = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)

Errors = list[dict[str, str]]


def read_tariff(text: bytes) -> TariffDraft:
    """Read the JSON `text` of a tariff; its bands may be in any order, other fields are ignored.

    Raises InvalidTariff, which tells all that is wrong at once; UnreadableJson; and BodyTooLarge.
    """
    errors: Errors = []
    read = _read_members(_decode(text), _TARIFF, "", errors)
    if errors:
        raise InvalidTariff("The tariff cannot be published as it is.", errors=errors)
    return TariffDraft(*(read[name] for name in _TARIFF))


def tariff_json(tariff: Tariff) -> dict[str, Any]:
    """Give a tariff as plain values: the fields in which it was offered, and its id."""
    return {
        "id": tariff.tariff_id,
        "name": tariff.name,
        "effective_from": instant_text(tariff.effective_from),
        "time_zone": tariff.zone.key,
        "currency": tariff.currency,
        "bands": [
            {
                "name": band.name,
                "starts_at": band.starts_at.isoformat().removesuffix(":00"),
                "standing_charge": exact_text(band.standing_charge),
                "minute_rate": exact_text(band.minute_rate),
            }
            for band in tariff.bands
        ],
    }


class _Several(ValueError):
    """More than one thing is wrong with a value; the pointers go on from its own."""

    def __init__(self, errors: Errors) -> None:
        super().__init__()
        self.errors = errors


def _decode(text: bytes) -> object:
    if len(text) > RECORD_BYTES_MAX:
        raise BodyTooLarge("The JSON of a tariff may have 64 KiB.")
    try:
        return DECODER.decode(text.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UnreadableJson("The tariff cannot be read: this is not JSON.") from None


def _read_members(
    value: object,
    readers: Mapping[str, Callable[[object], Any]],
    pointer: str,
    errors: Errors,
) -> dict[str, Any]:
    """Read the members of an object, as many as can be; add to `errors` what is wrong with them."""
    if not isinstance(value, dict):
        errors.append({"pointer": pointer, "detail": "must be an object"})
        return {}
    read = {}
    for name, read_value in readers.items():
        where = f"{pointer}/{name}"
        try:
            read[name] = read_value(_member(value, name))
        except _Several as several:
            errors += [{**each, "pointer": where + each["pointer"]} for each in several.errors]
        except ValueError as error:
            errors.append({"pointer": where, "detail": str(error)})
    return read


def _member(value: dict[str, Any], name: str) -> object:
    if name not in value:
        raise ValueError("is missing")
    if isinstance(value, Repeating) and name in value.repeated:
        raise ValueError("stands more than once")
    return value[name]


def _read_name(value: object) -> str:
    # Some of what is not printable would be refused by the database, or by the JSON of an answer.
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


def _read_bands(value: object) -> tuple[TimeBand, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= BANDS_MAX:
        raise ValueError(f"must be a list of 1 to {BANDS_MAX} time bands")
    errors: Errors = []
    found = [_read_members(each, _BAND, f"/{place}", errors) for place, each in enumerate(value)]
    starts: set[time] = set()
    for place, band in enumerate(found):
        if band.get("starts_at") in starts:
            detail = "another band starts at the same time"
            errors.append({"pointer": f"/{place}/starts_at", "detail": detail})
        elif "starts_at" in band:
            starts.add(band["starts_at"])
    if errors:
        raise _Several(errors)
    bands = [TimeBand(*(band[name] for name in _BAND)) for band in found]
    return tuple(sorted(bands, key=lambda band: band.starts_at))


# In the order of the fields of TimeBand and TariffDraft.
_BAND: dict[str, Callable[[object], Any]] = {
    "name": _read_name,
    "starts_at": _read_hour,
    "standing_charge": _read_rate,
    "minute_rate": _read_rate,
}
_TARIFF: dict[str, Callable[[object], Any]] = {
    "name": _read_name,
    "effective_from": _read_effective_from,
    "time_zone": iana_zone,
    "currency": _read_currency,
    "bands": _read_bands,
}
