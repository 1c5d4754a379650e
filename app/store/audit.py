"""The statements on `audit_log`: who changed what that touches money."""

import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from app.db import Cursor

_RECORD = """
    INSERT INTO audit_log (actor, act, subject, before, after)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::jsonb[], %s::jsonb[])
"""
_LIST = """
    SELECT id, happened_at, actor, act, subject, before, after FROM audit_log
    WHERE id < %s AND subject = coalesce(%s, subject)
    ORDER BY id DESC
    LIMIT %s
"""

# By default at the commit, which may take no longer than one statement.
_CHECK = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"


class Act(StrEnum):
    """What can be done that touches money."""

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


class Deed(NamedTuple):
    """One act of one actor: the command line's user, a key, or the service's own `intake`.

    `subject` is a tariff's id, a subscriber's number, a suspense id or a month, and `before` and
    `after` are what there was of it and what there is, as JSON.
    """

    actor: str
    act: Act
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditLine(NamedTuple):
    """A deed as it stands in the log."""

    line_id: int
    happened_at: datetime
    deed: Deed


def record(cursor: Cursor, deeds: Sequence[Deed]) -> None:
    """Write `deeds` to the log, in the transaction of the changes they tell of.

    Without its line, a change of a tariff, a subscriber or a suspended record is not committed.
    """
    cursor.execute(
        _RECORD,
        (
            [deed.actor for deed in deeds],
            [deed.act for deed in deeds],
            [deed.subject for deed in deeds],
            [deed.before and json.dumps(deed.before) for deed in deeds],
            [deed.after and json.dumps(deed.after) for deed in deeds],
        ),
    )


def check(cursor: Cursor) -> None:
    """Have the database look now for the lines of what was changed up to here."""
    cursor.execute(_CHECK)


def list_page(
    cursor: Cursor, *, before_id: int, subject: str | None, limit: int
) -> list[AuditLine]:
    """Give lines older than that of `before_id`, newest first, of one `subject` or of all."""
    cursor.execute(_LIST, (before_id, subject, limit))
    return [
        AuditLine(line_id, happened_at, Deed(actor, Act(act), subject_of_line, before, after))
        for line_id, happened_at, actor, act, subject_of_line, before, after in cursor
    ]
