"""Vacuum the table of calls earlier, so that bills are read from their index alone.

A bill is read from `ix_calls_bill` without a look at the table only where vacuum has marked the
pages as visible to all, and each row that comes into a page takes its mark away. The end of a call
often moves its row to another page, so vacuum leaves small holes everywhere, and by default new
calls fill them: most pages of past months lose their marks again and again. With `fillfactor` 97 a
row takes no such hole unless 3 % of the page stay free, and new calls go into new pages.

Vacuum comes when a fiftieth of the table is new, not a fifth, which may be all of the month just
closed. That is set both for calls completed in a second step and for calls inserted whole. None
of it rewrites the table or holds up who reads or writes it. docs/decisions/0012 has the figures.
"""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE calls SET (
            fillfactor = 97,
            autovacuum_vacuum_scale_factor = 0.02,
            autovacuum_vacuum_insert_scale_factor = 0.02
        )
        """
    )


def downgrade() -> None:
    op.execute(
        """
        ALTER TABLE calls RESET (
            fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor
        )
        """
    )
