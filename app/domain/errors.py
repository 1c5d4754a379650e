"""Refusals, each with a stable code; `app/api/errors.py` turns them into answers."""

from collections.abc import Mapping
from typing import Any


class BillingError(Exception):
    """A refusal that the caller can correct; `detail` is a sentence for the caller."""

    code = "bad-request"

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members: Mapping[str, Any] = members


class InvalidSubscriber(BillingError):
    """The requested number is not a telephone number (rule 5)."""

    code = "invalid-subscriber"


class InvalidPeriod(BillingError):
    """The requested month cannot be read."""

    code = "invalid-period"


class PeriodNotClosed(BillingError):
    """The requested month has not ended (rule 16); `closes_at` is the instant when it does."""

    code = "period-not-closed"


class PeriodPseudonymised(BillingError):
    """The calls of the month have pseudonyms instead of numbers (docs/privacy.md)."""

    code = "period-pseudonymised"


class InvalidParameter(BillingError):
    """A query parameter cannot be read."""

    code = "invalid-parameter"


class UnknownParameter(BillingError):
    """A query parameter does not exist; ignoring it could answer another question."""

    code = "unknown-parameter"


class UnusualRate(BillingError):
    """A rate of a tariff differs so much from the one before that it may be a mistake."""

    code = "unusual-rate"


class InvalidRequest(BillingError):
    """A field of the body is invalid; `errors` lists the fields and the reasons."""

    code = "invalid-request"


class InvalidTariff(BillingError):
    """A tariff is invalid; `errors` lists the reasons, as in a problem's `errors`."""

    code = "invalid-tariff"


class TariffExists(BillingError):
    """Another tariff begins at the same instant."""

    code = "tariff-exists"


class TariffInUse(BillingError):
    """The tariff has begun, or so soon that calls may have been priced under it (rule 9)."""

    code = "tariff-in-use"


class UnreadableJson(BillingError):
    """A text that must be JSON is not JSON."""


class NotFound(BillingError):
    """Nothing exists at this address."""

    code = "not-found"


class BodyTooLarge(BillingError):
    """The body exceeds the limits of a request."""

    code = "body-too-large"


class NotAcceptable(BillingError):
    """The requested format does not exist."""

    code = "not-acceptable"


class AlreadyResolved(BillingError):
    """The suspended record was resolved before; `resolution` says how."""

    code = "already-resolved"


class AmbiguousId(BillingError):
    """Several suspended records have an id that begins with the digits given."""

    code = "ambiguous-id"


class Unavailable(BillingError):
    """The database could not be reached before the deadline."""

    code = "unavailable"
