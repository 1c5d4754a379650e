"""Create the table of keys, which holds only the SHA-256 of each secret.

Making and revoking a key need their line in the audit log, as other acts of persons do (0004).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0005"
down_revision = "0004"

INSTANT = sa.TIMESTAMP(timezone=True)

TRIGGERS = {
    "api_keys_audited_insert": "INSERT OR DELETE",
    "api_keys_audited_update": "UPDATE OF name, scopes, secret_hash, revoked_at",
}


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", ARRAY(sa.Text), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT),
        sa.Column("revoked_at", INSTANT),
        sa.PrimaryKeyConstraint("key_id", name="pk_api_keys"),
        sa.CheckConstraint("length(secret_hash) = 32", name=op.f("ck_api_keys_hash_is_sha256")),
        sa.CheckConstraint("cardinality(scopes) > 0", name=op.f("ck_api_keys_has_a_scope")),
    )
    for trigger, change in TRIGGERS.items():
        op.execute(
            f"""
            CREATE CONSTRAINT TRIGGER {trigger} AFTER {change} ON api_keys
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
            EXECUTE FUNCTION require_audit('($1).key_id')
            """
        )
        op.execute(f"ALTER TABLE api_keys ENABLE ALWAYS TRIGGER {trigger}")


def downgrade() -> None:
    op.drop_table("api_keys")
