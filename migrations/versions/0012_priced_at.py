"""Find calls by the instant at which they were priced, by a BRIN index of a few kilobytes.

Calls that came long after they began are in the bills of old months, and are looked for by when
they came. Rows stand nearly in that order, and a BRIN index costs the intake next to nothing; a
B-tree would cost each call forty bytes.
"""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    # It blocks nobody, so it may wait for the transactions that are under way.
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = 0")
        op.execute("SET lock_timeout = 0")
        # If it was interrupted before, its index is there and not valid.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_calls_priced_at")
        op.execute(
            """
            CREATE INDEX CONCURRENTLY ix_calls_priced_at ON calls USING brin (priced_at)
            WITH (autosummarize = on)
            """
        )
        op.execute("SET lock_timeout = '2s'")
        op.execute("SET statement_timeout = '15s'")


def downgrade() -> None:
    op.drop_index("ix_calls_priced_at", "calls")
