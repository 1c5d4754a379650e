"""Refuse TRUNCATE and rewrites of suspended records, names and keys.

A constraint trigger sees rows, and TRUNCATE has none: it emptied these tables without a line in
the audit log. What was received could be overwritten without one as well, and so could how a
suspended record was resolved and the note on it.
"""

from alembic import op

revision = "0008"
down_revision = "0007"

NOT_TRUNCATED = ("suspense", "subscribers", "api_keys")
AUDITED = "resolved_at, reason"
AUDITED_TOO = f"{AUDITED}, resolution, note"


def upgrade() -> None:
    for table in NOT_TRUNCATED:
        _create(
            table,
            f"{table}_not_truncated",
            f"""
            CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table}
            EXECUTE FUNCTION refuse_change('it would be in no audit log')
            """,
        )
    # By the columns that a statement names, since comparing what was received takes its time.
    _create(
        "suspense",
        "suspense_kept_whole",
        """
        CREATE TRIGGER suspense_kept_whole
        BEFORE UPDATE OF content_hash, received, received_at ON suspense FOR EACH ROW
        EXECUTE FUNCTION refuse_change('what was received is kept as it came')
        """,
    )
    _audit(AUDITED_TOO)


def downgrade() -> None:
    _audit(AUDITED)
    op.execute("DROP TRIGGER suspense_kept_whole ON suspense")
    for table in NOT_TRUNCATED:
        op.execute(f"DROP TRIGGER {table}_not_truncated ON {table}")


def _audit(columns: str) -> None:
    before, after = (
        ", ".join(f"{row}.{column}" for column in columns.split(", ")) for row in ("OLD", "NEW")
    )
    op.execute("DROP TRIGGER suspense_audited_update ON suspense")
    _create(
        "suspense",
        "suspense_audited_update",
        f"""
        CREATE CONSTRAINT TRIGGER suspense_audited_update AFTER UPDATE ON suspense
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (({before}) IS DISTINCT FROM ({after}))
        EXECUTE FUNCTION require_audit('encode(($1).content_hash, ''hex'')')
        """,
    )


def _create(table: str, trigger: str, statement: str) -> None:
    op.execute(statement)
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
