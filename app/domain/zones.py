"""Time zones by their IANA names."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones


def iana_zone(key: object) -> ZoneInfo:
    """Give the zone of the name `key`. Raises ValueError for what names none."""
    if not isinstance(key, str) or key not in _names():
        raise ValueError("must be an IANA time zone such as America/Sao_Paulo")
    return ZoneInfo(key)


@cache
def _names() -> set[str]:
    # The zone of the machine is another one on another machine.
    return available_timezones() - {"localtime"}
