"""Store the zone in which the installation bills (rule 20): it may change only on purpose.

Before, `BILLING_TIMEZONE` alone said it, and a start without the variable billed other days. An
installation that is upgraded without it bills in the zone of its first migration, which is that of
the first tariff.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("billing_zone", sa.Text, nullable=False),
        sa.Column("is_only_row", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.PrimaryKeyConstraint("is_only_row", name="pk_installation"),
        sa.CheckConstraint("is_only_row", name=op.f("ck_installation_is_only_row")),
    )
    config = op.get_context().config
    assert config is not None
    op.execute(
        sa.text(
            """
            INSERT INTO installation (billing_zone)
            SELECT coalesce(:zone, (SELECT time_zone FROM tariffs ORDER BY id LIMIT 1))
            """
        ).bindparams(sa.bindparam("zone", config.attributes["billing_zone"], sa.Text))
    )
    op.execute(
        """
        CREATE CONSTRAINT TRIGGER installation_audited_update AFTER UPDATE OR DELETE ON installation
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        EXECUTE FUNCTION require_audit('''billing zone''')
        """
    )
    op.execute("ALTER TABLE installation ENABLE ALWAYS TRIGGER installation_audited_update")


def downgrade() -> None:
    op.drop_table("installation")
