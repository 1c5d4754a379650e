"""Migrates the database to the schema of this release."""

from dataclasses import replace
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.settings import Settings

_INI = Path(__file__).resolve().parent.parent.parent / "migrations" / "alembic.ini"


def migrate(settings: Settings, database_url: str, revision: str = "head") -> None:
    """Run the migrations up to `revision` on the database at `database_url`."""
    command.upgrade(alembic_config(settings, database_url), revision)


def alembic_config(settings: Settings, database_url: str) -> Config:
    """Return Alembic's configuration for the database at `database_url`."""
    config = Config(_INI)
    config.attributes["settings"] = replace(settings, database_url=database_url)
    return config


def schema_head() -> str:
    """Return the number of the newest migration of this release."""
    head = ScriptDirectory.from_config(Config(_INI)).get_current_head()
    assert head is not None  # There is at least one migration.
    return head
