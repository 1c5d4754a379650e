"""The statements on contested calls: their missing half is not paired (rule 3)."""

from collections.abc import Collection

from sqlalchemy import Connection, any_, exists, select, update

from app.database.models import Call, SuspendedRecord
from app.database.statements import array_of


def lock(connection: Connection, content_hashes: Collection[bytes]) -> set[str]:
    """Lock the calls that the suspended records of these hashes contest; return their ids.

    Every writer locks rows of `calls`, in the order of their ids, before those of `suspense`.
    """
    contesting = select(SuspendedRecord.call_id).where(
        SuspendedRecord.content_hash
        == any_(array_of(SuspendedRecord.content_hash, content_hashes)),
        SuspendedRecord.contests,
    )
    statement = (
        select(Call.call_id)
        .where(Call.call_id.in_(contesting), Call.contested.is_(True))
        .order_by(Call.call_id)
        .with_for_update()
    )
    return set(connection.scalars(statement))


def release(connection: Connection, call_ids: Collection[str]) -> None:
    """Take the mark from those of the calls that no open suspended record contests any more."""
    contesting = exists().where(
        SuspendedRecord.call_id == Call.call_id,
        SuspendedRecord.contests,
        SuspendedRecord.resolved_at.is_(None),
    )
    connection.execute(
        update(Call)
        .values(contested=None)
        .where(
            Call.call_id == any_(array_of(Call.call_id, call_ids)),
            Call.contested.is_(True),
            ~contesting,
        )
    )
