"""The tables: columns, constraints and indexes as the migrations create them.

The statements in `app/store/` are built from them. A trigger (migration 0003) freezes priced calls
and tariffs that have begun; SQLAlchemy cannot express it.
"""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Numeric,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}

# Text compared byte by byte: the order is the same on every machine, and comparing is fast.
Bytewise = Text(collation="C")
Instant = TIMESTAMP(timezone=True)


class Base(DeclarativeBase):
    """The metadata that all tables share."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


class Call(Base):
    """One row for each call, with both of its records; wide columns first, to avoid padding."""

    __tablename__ = "calls"

    started_at: Mapped[datetime | None] = mapped_column(Instant)
    start_received_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    end_received_at: Mapped[datetime | None] = mapped_column(Instant)
    priced_at: Mapped[datetime | None] = mapped_column(Instant)
    price_cents: Mapped[int | None] = mapped_column(BigInteger)
    # No foreign key: it would look up and lock the tariff's row for every priced call.
    # A tariff that may have priced a call cannot be deleted (migration 0003).
    tariff_id: Mapped[int | None]
    period: Mapped[date | None]
    call_id: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    start_record_id: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Bytewise)
    destination: Mapped[str | None] = mapped_column(Text)
    end_record_id: Mapped[str | None] = mapped_column(Text)
    # True while a suspended record contests the call (rule 3), null otherwise.
    contested: Mapped[bool | None]

    __table_args__ = (
        CheckConstraint("num_nonnulls(started_at, ended_at) > 0", name="has_a_half"),
        CheckConstraint(
            "num_nulls(started_at, start_record_id, source, destination, start_received_at)"
            " IN (0, 5)",
            name="start_is_whole",
        ),
        CheckConstraint(
            "num_nulls(ended_at, end_record_id, end_received_at) IN (0, 3)", name="end_is_whole"
        ),
        CheckConstraint("ended_at >= started_at", name="ends_after_start"),
        CheckConstraint(
            "num_nulls(price_cents, tariff_id, period, priced_at) IN (0, 4)", name="price_is_whole"
        ),
        CheckConstraint(
            "price_cents IS NULL OR num_nulls(started_at, ended_at) = 0",
            name="price_has_both_halves",
        ),
        CheckConstraint("price_cents >= 0", name="price_not_negative"),
        CheckConstraint(
            "contested IS NULL OR (contested AND num_nonnulls(started_at, ended_at) = 1)",
            name="contested_lacks_a_half",
        ),
        # A bill, and a whole month of bills, is one range of this index, in its order.
        Index(
            "ix_calls_bill",
            "period",
            "source",
            "started_at",
            "call_id",
            postgresql_include=["destination", "ended_at", "price_cents", "priced_at"],
            postgresql_where=text("price_cents IS NOT NULL"),
        ),
        Index(
            "ix_calls_open",
            func.coalesce(started_at, ended_at),
            "call_id",
            postgresql_where=text("price_cents IS NULL"),
        ),
    )


class SuspendedRecord(Base):
    """A delivery that could not be stored as a half: its bytes, stored once, and the reason."""

    __tablename__ = "suspense"

    content_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    received: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str] = mapped_column(Text)
    errors: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    call_id: Mapped[str | None] = mapped_column(Bytewise)
    contests: Mapped[bool] = mapped_column(server_default=text("false"))
    times_seen: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[datetime] = mapped_column(Instant)
    last_received_at: Mapped[datetime] = mapped_column(Instant)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    resolution: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("length(content_hash) = 32", name="hash_is_sha256"),
        CheckConstraint("num_nulls(resolved_at, resolution) IN (0, 2)", name="resolution_is_whole"),
        Index("ix_suspense_received", "received_at", "content_hash"),
        # Counts and lists the open records of each reason.
        Index(
            "ix_suspense_open",
            "reason",
            "received_at",
            "content_hash",
            postgresql_where=text("resolved_at IS NULL"),
        ),
        Index("ix_suspense_call", "call_id", postgresql_where=text("resolved_at IS NULL")),
    )


class Tariff(Base):
    """The prices in force from an instant until the next tariff begins."""

    __tablename__ = "tariffs"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    effective_from: Mapped[datetime] = mapped_column(Instant, unique=True)
    time_zone: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)

    __table_args__ = (CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_is_iso_4217"),)


class TimeBand(Base):
    """A part of a tariff's day, from `starts_at` until the tariff's next band starts."""

    __tablename__ = "time_bands"

    tariff_id: Mapped[int] = mapped_column(ForeignKey("tariffs.id"), primary_key=True)
    starts_at: Mapped[time] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    standing_charge: Mapped[Decimal] = mapped_column(Numeric(12, 4))
    minute_rate: Mapped[Decimal] = mapped_column(Numeric(12, 4))

    __table_args__ = (
        CheckConstraint("standing_charge >= 0", name="standing_charge_not_negative"),
        CheckConstraint("minute_rate >= 0", name="minute_rate_not_negative"),
    )


class Subscriber(Base):
    """The name of a number on bills; a bill without a name is valid."""

    __tablename__ = "subscribers"

    number: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    # The name for searching: without capitals and accents.
    search_name: Mapped[str] = mapped_column(Bytewise)


class Installation(Base):
    """What this installation decided once: a table of one row."""

    __tablename__ = "installation"

    billing_zone: Mapped[str] = mapped_column(Text)
    is_only_row: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))

    __table_args__ = (CheckConstraint("is_only_row", name="is_only_row"),)


class AuditLine(Base):
    """A change by a person or a command to something that touches money."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    happened_at: Mapped[datetime] = mapped_column(
        Instant, server_default=text("statement_timestamp()")
    )
    actor: Mapped[str] = mapped_column(Text)
    act: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    # The database checks by this that a change and its line are committed together.
    transaction: Mapped[int] = mapped_column(
        BigInteger, server_default=text("pg_current_xact_id()::text::bigint")
    )

    __table_args__ = (Index("ix_audit_log_transaction_subject", "transaction", "subject"),)


class ApiKey(Base):
    """A key, with the hash of its secret."""

    __tablename__ = "api_keys"

    key_id: Mapped[str] = mapped_column(Bytewise, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("length(secret_hash) = 32", name="hash_is_sha256"),
        CheckConstraint("cardinality(scopes) > 0", name="has_a_scope"),
    )
