"""Connects Alembic to the service's database and gives the migrations what they may not import."""

import os

from alembic import context
from sqlalchemy import create_engine, text

from app.models import Base
from app.settings import Settings, WrongSetting

config = context.config
settings = config.attributes.get("settings") or Settings.from_environ(os.environ)
config.attributes["billing_zone"] = settings.billing_zone.key

if settings.database_url is None:
    raise WrongSetting("DATABASE_URL is not set; `make run` migrates the embedded database")

engine = create_engine(settings.database_url)
with engine.connect() as connection:
    # Two processes that start at once migrate one after the other.
    connection.execute(text("SELECT pg_advisory_lock(hashtext('pulso migrations'))"))
    # A migration that waits for a lock makes every writer behind it wait too: give up early.
    connection.execute(text("SET lock_timeout = '2s'"))
    connection.execute(text("SET timezone = 'UTC'"))
    connection.commit()
    context.configure(
        connection=connection, target_metadata=Base.metadata, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
