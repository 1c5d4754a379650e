"""Mark contested calls, and keep the call_id of a suspended record (rule 3).

The columns are added without rewriting a table. The check is validated by itself afterwards, which
keeps nobody from writing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

CHECK = "ck_calls_contested_lacks_a_half"


def upgrade() -> None:
    op.add_column("calls", sa.Column("contested", sa.Boolean))
    op.execute(
        f"""
        ALTER TABLE calls ADD CONSTRAINT {CHECK} CHECK (
            contested IS NULL OR (contested AND num_nonnulls(started_at, ended_at) = 1)
        ) NOT VALID
        """
    )
    op.add_column("suspense", sa.Column("call_id", sa.Text(collation="C")))
    op.add_column(
        "suspense",
        sa.Column("contests", sa.Boolean, nullable=False, server_default=sa.text("false")),
    )
    op.create_index(
        "ix_suspense_call", "suspense", ["call_id"], postgresql_where=sa.text("resolved_at IS NULL")
    )
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = 0")
        op.execute(f"ALTER TABLE calls VALIDATE CONSTRAINT {CHECK}")
        op.execute("SET statement_timeout = '15s'")


def downgrade() -> None:
    op.drop_index("ix_suspense_call", "suspense")
    op.drop_column("suspense", "contests")
    op.drop_column("suspense", "call_id")
    op.drop_constraint(CHECK, "calls")
    op.drop_column("calls", "contested")
