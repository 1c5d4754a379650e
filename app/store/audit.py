"""The statements on `audit_log`: who changed what that touches money."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection

from app.database.statements import driver_cursor
from app.domain.audit import Act, AuditLine, Deed

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


def record(connection: Connection, deeds: Sequence[Deed]) -> None:
    """Write `deeds` to the log, in the transaction of the changes they tell of.

    Without its line, a change of a tariff, a subscriber or a suspended record is not committed.
    """
    cursor = driver_cursor(connection)
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


def check(connection: Connection) -> None:
    """Have the database look now for the lines of what was changed up to here."""
    cursor = driver_cursor(connection)
    cursor.execute(_CHECK)


def list_page(
    connection: Connection, *, before_id: int, subject: str | None, limit: int
) -> list[AuditLine]:
    """Give lines older than that of `before_id`, newest first, of one `subject` or of all."""
    cursor = driver_cursor(connection)
    cursor.execute(_LIST, (before_id, subject, limit))
    return [
        AuditLine(line_id, happened_at, Deed(actor, Act(act), subject_of_line, before, after))
        for line_id, happened_at, actor, act, subject_of_line, before, after in cursor
    ]
