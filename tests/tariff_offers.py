"""Tariffs as staff offer them for publication, with defaults; nothing here touches a database."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.unit.oracle import Band

Json = dict[str, Any]


def band_json(**fields: Any) -> Json:
    return {
        "name": "standard",
        "starts_at": "06:00",
        "standing_charge": "0.36",
        "minute_rate": "0.09",
    } | fields


def tariff_offer(**fields: Any) -> Json:
    """A tariff of two bands, which begins in the year 2100."""
    return {
        "name": "dear",
        "effective_from": "2100-01-01T00:00:00Z",
        "time_zone": "America/Sao_Paulo",
        "currency": "BRL",
        "bands": [
            band_json(),
            band_json(name="reduced", starts_at="22:00", minute_rate="0.0125"),
        ],
    } | fields


def offer_bytes(**fields: Any) -> bytes:
    return json.dumps(tariff_offer(**fields)).encode()


def from_now(**lengths: float) -> str:
    """The instant that is so much later than now, as it is written in an offer."""
    return (datetime.now(UTC) + timedelta(**lengths)).isoformat()


def offer_of(bands: Sequence[Band], zone: ZoneInfo) -> Json:
    """An offer of the bands of the oracle."""
    return tariff_offer(
        time_zone=zone.key,
        bands=[
            band_json(
                name=str(place),
                starts_at=band.starts_at.isoformat(),
                standing_charge=str(band.standing_charge),
                minute_rate=str(band.minute_rate),
            )
            for place, band in enumerate(bands)
        ],
    )
