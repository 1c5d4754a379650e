"""The audit log: who did what that affects money."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class Act(StrEnum):
    """The acts that affect money."""

    TARIFF_PUBLISHED = "tariff-published"
    TARIFF_WITHDRAWN = "tariff-withdrawn"
    SUBSCRIBER_NAMED = "subscriber-named"
    SUBSCRIBER_DELETED = "subscriber-deleted"
    SUSPENSE_RETRIED = "suspense-retried"
    SUSPENSE_CORRECTED = "suspense-corrected"
    SUSPENSE_WRITTEN_OFF = "suspense-written-off"
    SUSPENSE_PURGED = "suspense-purged"
    KEY_CREATED = "key-created"
    KEY_REVOKED = "key-revoked"
    SUSPENSE_REOPENED = "suspense-reopened"
    CALLS_PSEUDONYMISED = "calls-pseudonymised"
    CALL_SETTLED = "call-settled"
    SUSPENSE_ACCEPTED = "suspense-accepted"
    BILLING_ZONE_CHANGED = "billing-zone-changed"


class Deed(NamedTuple):
    """One act of one actor: the command line's user, a key, or the service's own `intake`.

    `subject` is the id of a tariff, suspended record or key, a subscriber's number, a month, or
    `billing zone`.
    `before` and `after` are its state before and after the act, as JSON; None if it did not exist.
    """

    actor: str
    act: Act
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditLine(NamedTuple):
    """A deed as the log stores it; `actor_name` is the name of the key that did it, if one did."""

    line_id: int
    happened_at: datetime
    deed: Deed
    actor_name: str | None = None
