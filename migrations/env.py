"""Connects Alembic to the service's database and gives the migrations what they may not import."""

import os

from alembic import context
from sqlalchemy import NullPool, create_engine, text

from app.database.models import Base
from app.settings import Settings, WrongSetting, exit_on_wrong_setting

config = context.config
with exit_on_wrong_setting():
    settings = config.attributes.get("settings") or Settings.from_environ(os.environ)
    if settings.database_url is None:
        raise WrongSetting("DATABASE_URL is not set; `make run` migrates the embedded database")
applied = config.attributes.setdefault("applied", [])
config.attributes["billing_zone"] = settings.billing_zone and settings.billing_zone.key

# Without a pool the connection ends with its block, whatever happens there, and the lock with it.
engine = create_engine(settings.database_url, poolclass=NullPool)
with engine.connect() as connection:
    for statement in (
        "SET timezone = 'UTC'",
        # Two processes that start at once migrate one after the other; none waits for ever.
        "SET lock_timeout = '2min'",
        "SELECT pg_advisory_lock(hashtext('pulso migrations'))",
        # A migration that waits for a lock makes every writer behind it wait too: give up early.
        "SET lock_timeout = '2s'",
        # One that holds a lock must end before senders give up waiting, which is after 20 seconds.
        "SET statement_timeout = '15s'",
    ):
        connection.execute(text(statement))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        on_version_apply=lambda step, **_: applied.append(step.up_revision),
    )
    with context.begin_transaction():
        context.run_migrations()
