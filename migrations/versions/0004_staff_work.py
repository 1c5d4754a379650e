"""Create the tables of subscribers, of resolutions in suspense, and of the audit log.

Every change of a tariff, of a subscriber and of what became of a suspended record must have its
line in the log by the time it is committed: a constraint trigger looks for it. The log itself only
grows.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

INSTANT = sa.TIMESTAMP(timezone=True)
BYTEWISE = sa.Text(collation="C")

REQUIRE_AUDIT = """
    CREATE FUNCTION require_audit() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        subject_of_row text;
    BEGIN
        EXECUTE 'SELECT ' || TG_ARGV[0] INTO subject_of_row USING coalesce(NEW, OLD);
        -- Numbers of transactions begin anew in a restored database: the time counts, too.
        IF NOT EXISTS (
            SELECT FROM audit_log
            WHERE transaction = pg_current_xact_id()::text::bigint AND subject = subject_of_row
              AND happened_at >= transaction_timestamp()
        ) THEN
            RAISE EXCEPTION '% of % is refused: nothing in the audit log says who does it',
                TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$
"""

# What the log calls the row that changed, and which changes of it are acts of a person.
AUDITED = {
    "tariffs": ("($1).id::text", {"INSERT OR DELETE": ""}),
    "subscribers": ("($1).number", {"INSERT OR UPDATE OR DELETE": ""}),
    "suspense": (
        "encode(($1).content_hash, ''hex'')",
        {
            "UPDATE": "WHEN ((OLD.resolved_at, OLD.reason)"
            " IS DISTINCT FROM (NEW.resolved_at, NEW.reason))",
            "DELETE": "",
        },
    ),
}


def upgrade() -> None:
    _create_tables()
    op.execute(REQUIRE_AUDIT)
    for table, (subject, changes) in AUDITED.items():
        for change, condition in changes.items():
            trigger = f"{table}_audited_{change.split()[0].lower()}"
            op.execute(
                f"""
                CREATE CONSTRAINT TRIGGER {trigger} AFTER {change} ON {table}
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW {condition}
                EXECUTE FUNCTION require_audit('{subject}')
                """
            )
            op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
    for trigger, change, each in (
        ("audit_log_frozen", "UPDATE OR DELETE", "FOR EACH ROW"),
        ("audit_log_not_truncated", "TRUNCATE", ""),
    ):
        op.execute(
            f"""
            CREATE TRIGGER {trigger} BEFORE {change} ON audit_log {each}
            EXECUTE FUNCTION refuse_change('what was done stays written')
            """
        )
        op.execute(f"ALTER TABLE audit_log ENABLE ALWAYS TRIGGER {trigger}")


def _create_tables() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column(
            "happened_at",
            INSTANT,
            nullable=False,
            server_default=sa.text("statement_timestamp()"),
        ),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("before", JSONB),
        sa.Column("after", JSONB),
        sa.Column(
            "transaction",
            sa.BigInteger,
            nullable=False,
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_transaction_subject", "audit_log", ["transaction", "subject"])
    op.create_table(
        "subscribers",
        sa.Column("number", BYTEWISE, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("search_name", BYTEWISE, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_subscribers"),
    )
    op.add_column("suspense", sa.Column("note", sa.Text))
    op.create_index(
        "ix_suspense_open",
        "suspense",
        ["reason", "received_at", "content_hash"],
        postgresql_where=sa.text("resolved_at IS NULL"),
    )


def downgrade() -> None:
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM audit_log) THEN
                RAISE EXCEPTION 'there is an audit log: this migration is not taken back';
            END IF;
        END $$
        """
    )
    for table, (_, changes) in AUDITED.items():
        for change in changes:
            op.execute(f"DROP TRIGGER {table}_audited_{change.split()[0].lower()} ON {table}")
    op.execute("DROP FUNCTION require_audit")
    op.drop_index("ix_suspense_open", "suspense")
    op.drop_column("suspense", "note")
    op.drop_table("subscribers")
    op.drop_table("audit_log")
