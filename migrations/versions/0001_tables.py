"""Create the tables of calls, suspense and tariffs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

INSTANT = sa.TIMESTAMP(timezone=True)
BYTEWISE = sa.Text(collation="C")


def upgrade() -> None:
    _create_tariffs()
    _create_calls()
    op.create_table(
        "suspense",
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        sa.Column("received", sa.LargeBinary, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("errors", JSONB, nullable=False),
        sa.Column("times_seen", sa.BigInteger, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("last_received_at", INSTANT, nullable=False),
        sa.Column("resolved_at", INSTANT),
        sa.Column("resolution", sa.Text),
        sa.PrimaryKeyConstraint("content_hash", name="pk_suspense"),
        sa.CheckConstraint("length(content_hash) = 32", name=op.f("ck_suspense_hash_is_sha256")),
        sa.CheckConstraint(
            "num_nulls(resolved_at, resolution) IN (0, 2)",
            name=op.f("ck_suspense_resolution_is_whole"),
        ),
    )
    op.create_index("ix_suspense_received", "suspense", ["received_at", "content_hash"])


def _create_tariffs() -> None:
    op.create_table(
        "tariffs",
        sa.Column("id", sa.Integer, sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("effective_from", INSTANT, nullable=False),
        sa.Column("time_zone", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tariffs"),
        sa.UniqueConstraint("effective_from", name="uq_tariffs_effective_from"),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_tariffs_currency_is_iso_4217")),
    )
    op.create_table(
        "time_bands",
        sa.Column("tariff_id", sa.Integer, nullable=False),
        sa.Column("starts_at", sa.Time, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("standing_charge", sa.Numeric(12, 4), nullable=False),
        sa.Column("minute_rate", sa.Numeric(12, 4), nullable=False),
        sa.PrimaryKeyConstraint("tariff_id", "starts_at", name="pk_time_bands"),
        sa.ForeignKeyConstraint(["tariff_id"], ["tariffs.id"], name="fk_time_bands_tariff_id"),
        sa.CheckConstraint(
            "standing_charge >= 0", name=op.f("ck_time_bands_standing_charge_not_negative")
        ),
        sa.CheckConstraint("minute_rate >= 0", name=op.f("ck_time_bands_minute_rate_not_negative")),
    )


def _create_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("started_at", INSTANT),
        sa.Column("start_received_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("end_received_at", INSTANT),
        sa.Column("priced_at", INSTANT),
        sa.Column("price_cents", sa.BigInteger),
        sa.Column("tariff_id", sa.Integer),
        sa.Column("period", sa.Date),
        sa.Column("call_id", BYTEWISE, nullable=False),
        sa.Column("start_record_id", sa.Text),
        sa.Column("source", BYTEWISE),
        sa.Column("destination", sa.Text),
        sa.Column("end_record_id", sa.Text),
        sa.PrimaryKeyConstraint("call_id", name="pk_calls"),
        *_checks_of_calls(),
    )
    op.create_index(
        "ix_calls_bill",
        "calls",
        ["period", "source", "started_at", "call_id"],
        postgresql_include=["destination", "ended_at", "price_cents", "priced_at"],
        postgresql_where=sa.text("price_cents IS NOT NULL"),
    )
    op.create_index(
        "ix_calls_open",
        "calls",
        [sa.text("coalesce(started_at, ended_at)"), "call_id"],
        postgresql_where=sa.text("price_cents IS NULL"),
    )


def _checks_of_calls() -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(
            "num_nonnulls(started_at, ended_at) > 0", name=op.f("ck_calls_has_a_half")
        ),
        sa.CheckConstraint(
            "num_nulls(started_at, start_record_id, source, destination, start_received_at)"
            " IN (0, 5)",
            name=op.f("ck_calls_start_is_whole"),
        ),
        sa.CheckConstraint(
            "num_nulls(ended_at, end_record_id, end_received_at) IN (0, 3)",
            name=op.f("ck_calls_end_is_whole"),
        ),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_calls_ends_after_start")),
        sa.CheckConstraint(
            "num_nulls(price_cents, tariff_id, period, priced_at) IN (0, 4)",
            name=op.f("ck_calls_price_is_whole"),
        ),
        sa.CheckConstraint(
            "price_cents IS NULL OR num_nulls(started_at, ended_at) = 0",
            name=op.f("ck_calls_price_has_both_halves"),
        ),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_calls_price_not_negative")),
    ]


def downgrade() -> None:
    for table in ("suspense", "calls", "time_bands", "tariffs"):
        op.drop_table(table)
