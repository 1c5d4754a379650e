"""Keep bills on their index alone: pages of past calls are left in peace, and soon looked at.

A bill is read from `ix_calls_bill` without a look at the table only where vacuum has marked the
pages as visible to all, and each row that comes into a page takes its mark away. The end of a call
moves its row, so vacuum leaves small holes everywhere. With `fillfactor` 97 a row may not take one
that would leave less than 3 % of the page free: new calls go into new pages. By default they fill
the holes, and most pages of a month just closed lose their marks again and again.

Vacuum comes when a fiftieth of the table is new, not a fifth: by then the month just closed is
likely among what it has not seen. This concerns both, calls completed in two steps and calls
inserted whole. See docs/performance.md for what was measured.
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
