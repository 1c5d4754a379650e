"""Time zones by their IANA names."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones


def iana_zone(key: object) -> ZoneInfo:
    """Return the zone named `key`. Raises ValueError if it is not an IANA time zone."""
    if not isinstance(key, str) or key not in _names():
        raise ValueError("must be an IANA time zone such as America/Sao_Paulo")
    return ZoneInfo(key)


@cache
def _names() -> set[str]:
    # `localtime` differs from machine to machine.
    return available_timezones() - {"localtime"}
