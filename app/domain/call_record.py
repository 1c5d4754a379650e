"""Call records: what a switch reports about a call, and how the values are read."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.domain.pseudonym import is_pseudonym
from app.domain.subscriber import is_telephone_number

_PRINTABLE = re.compile(r"[\x20-\x7e]{1,128}", re.ASCII)
_DATE_TIME = re.compile(
    r"""
    (?P<year>\d{4}) (?P<dash>-?) (?P<month>\d\d) (?P=dash) (?P<day>\d\d)
    [Tt\ ]
    (?P<hour>\d\d) (?P<colon>:?) (?P<minute>\d\d) (?P=colon) (?P<second>\d\d)
    (?: [.,] (?P<fraction>\d{1,6}) (?P<beyond>\d+)? )?
    (?P<offset> [Zz] | (?P<sign>[+-]) (?P<hours>\d\d) (?: :? (?P<minutes>\d\d) )? )?
    """,
    re.ASCII | re.VERBOSE,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AmbiguousTime(ValueError):
    """A wall-clock time in an hour that clocks skipped or repeated: two readings (rule 6)."""


class RecordType(StrEnum):
    """The event that a record reports: the start or the end of a call."""

    START = "start"
    END = "end"


class StartRecord(NamedTuple):
    """The call was answered: the paying number, the called number, and the instant (rule 2)."""

    call_id: str
    record_id: str
    started_at: datetime
    source: str
    destination: str
    received_at: datetime

    @property
    def record_type(self) -> RecordType:
        """The type of this record."""
        return RecordType.START

    @property
    def timestamp(self) -> datetime:
        """The instant of the event."""
        return self.started_at

    def says_the_same(self, other: "StartRecord") -> bool:
        """Return whether both have the same call and content; `id` does not count (rule 3).

        A record whose numbers were replaced by pseudonyms is compared by its instant alone.
        """
        return self.started_at == other.started_at and not self.differs_in_number(other)

    def differs_in_number(self, other: "StartRecord") -> bool:
        """Return whether one of the numbers is another, as far as both are known."""
        return self[3:5] != other[3:5] and not is_pseudonym(self.source)


class EndRecord(NamedTuple):
    """The call ended."""

    call_id: str
    record_id: str
    ended_at: datetime
    received_at: datetime

    @property
    def record_type(self) -> RecordType:
        """The type of this record."""
        return RecordType.END

    @property
    def timestamp(self) -> datetime:
        """The instant of the event."""
        return self.ended_at

    def says_the_same(self, other: "EndRecord") -> bool:
        """Return whether both have the same call and content; `id` does not count (rule 3)."""
        return self.ended_at == other.ended_at


CallRecord = StartRecord | EndRecord


def is_identifier(text: str) -> bool:
    """Return whether `text` can be the `call_id` of a stored call."""
    return _PRINTABLE.fullmatch(text) is not None


def read_identifier(value: object) -> str:
    """Read an `id` or `call_id`: 1 to 128 printable ASCII characters, or an integer.

    Outer spaces are trimmed, and an integer is read as its digits. Raises ValueError.
    """
    text = _digits_of(value) if isinstance(value, int) else value
    if isinstance(text, str):
        text = text.strip(" ")
        if is_identifier(text):
            return text
    raise ValueError("must be 1 to 128 printable ASCII characters, or an integer of zero or more")


def read_record_type(value: object) -> RecordType:
    """Read `start` or `end`, in upper or lower case. Raises ValueError."""
    try:
        return RecordType(str(value).lower())
    except ValueError:
        raise ValueError('must be "start" or "end"') from None


def read_telephone_number(value: object) -> str:
    """Read a telephone number from text or from a JSON number (rule 5). Raises ValueError."""
    text = _digits_of(value) if isinstance(value, int) else value
    if isinstance(text, str) and is_telephone_number(text):
        return text
    raise ValueError("must be 10 or 11 digits: area code, not beginning with 0, and number")


def read_instant(value: object, billing_zone: ZoneInfo | None) -> datetime:
    """Read an ISO 8601 date and time as an instant in UTC, up to microseconds (rule 6).

    Without an offset it is the wall clock of `billing_zone`; if that is None, an offset is
    required. Raises ValueError, and AmbiguousTime for an hour that the clocks of the zone skipped
    or repeated.
    """
    match = _DATE_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        is_number = isinstance(value, int) or (isinstance(value, str) and value.isdecimal())
        raise ValueError(
            "must be an ISO 8601 date and time with seconds, such as 2016-02-29T12:00:00Z"
            + ("; seconds since 1970 are not read" if is_number else "")
        )
    if match["beyond"] and match["beyond"].strip("0"):
        raise ValueError("must have no more than six decimals")
    if billing_zone is None and not match["offset"]:
        raise ValueError("must have an offset, such as Z or -03:00")
    try:
        local = datetime(
            int(match["year"]),
            int(match["month"]),
            int(match["day"]),
            int(match["hour"]),
            int(match["minute"]),
            int(match["second"]),
            int((match["fraction"] or "").ljust(6, "0")),
            _zone_of(match, billing_zone or UTC),
        )
        instant, other = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("must be a date, a time and an offset that exist") from None
    if instant != other:
        raise AmbiguousTime(
            f"could be {instant_text(instant)} or {instant_text(other)}: in this hour the clocks of"
            f" {billing_zone} were changed; it must have an offset"
        )
    if instant <= _EPOCH:
        raise ValueError("must be later than 1970-01-01T00:00:00Z, the time of a call not answered")
    return instant


def is_ambiguous(value: object, billing_zone: ZoneInfo) -> bool:
    """Return whether `value` has two readings as an instant, so that it cannot be known."""
    try:
        read_instant(value, billing_zone)
    except AmbiguousTime:
        return True
    except ValueError:
        return False
    return False


def instant_text(instant: datetime) -> str:
    """Return an instant in ISO 8601, in UTC."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _digits_of(number: int) -> str | None:
    # In Python a boolean is an integer. A field accepts at most 128 digits.
    return str(number) if not isinstance(number, bool) and 0 <= number < 10**128 else None


def _zone_of(match: re.Match[str], billing_zone: tzinfo) -> tzinfo:
    if not match["offset"]:
        return billing_zone
    if match["sign"] is None:
        return UTC
    hours, minutes = int(match["hours"]), int(match["minutes"] or 0)
    if minutes > 59:
        raise ValueError
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if match["sign"] == "-" else offset)
