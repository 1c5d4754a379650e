"""The refusals a person can meet, each with its stable code; `app/api/errors.py` tells them."""

from collections.abc import Mapping
from typing import Any


class BillingError(Exception):
    """A refusal that is the caller's to mend; `detail` is a sentence fit to show."""

    code = "bad-request"

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members: Mapping[str, Any] = members


class InvalidSubscriber(BillingError):
    """The number asked for is not a telephone number (rule 5)."""

    code = "invalid-subscriber"


class InvalidPeriod(BillingError):
    """The month asked for cannot be read."""

    code = "invalid-period"


class PeriodNotClosed(BillingError):
    """The month asked for has not ended yet (rule 16); `closes_at` says when it does."""

    code = "period-not-closed"


class PeriodPseudonymised(BillingError):
    """The numbers of the month's calls are no longer known (docs/privacy.md)."""

    code = "period-pseudonymised"


class InvalidParameter(BillingError):
    """A query parameter cannot be read."""

    code = "invalid-parameter"


class InvalidRequest(BillingError):
    """A field of the body cannot be used; `errors` says which and why."""

    code = "invalid-request"


class InvalidTariff(BillingError):
    """A tariff cannot be published as it is; `errors` says why, as in a problem's `errors`."""

    code = "invalid-tariff"


class TariffExists(BillingError):
    """Another tariff begins at the same instant."""

    code = "tariff-exists"


class TariffInUse(BillingError):
    """The tariff has begun, or so nearly that calls may have been priced by it (rule 9)."""

    code = "tariff-in-use"


class UnreadableJson(BillingError):
    """What has to be JSON is none."""


class NotFound(BillingError):
    """There is no such thing under this address."""

    code = "not-found"


class BodyTooLarge(BillingError):
    """The body holds more than one request may carry."""

    code = "body-too-large"


class NotAcceptable(BillingError):
    """The form asked for is not one that can be made."""

    code = "not-acceptable"


class AlreadyResolved(BillingError):
    """The suspended record left suspense before; `resolution` says how."""

    code = "already-resolved"


class Unavailable(BillingError):
    """The database could not be reached for as long as the sender can be kept waiting."""

    code = "unavailable"
