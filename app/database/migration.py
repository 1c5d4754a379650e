"""Migrates the database to the schema of this release."""

from dataclasses import replace
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory

from app.settings import Settings

_INI = Path(__file__).resolve().parent.parent.parent / "migrations" / "alembic.ini"


def migrate(settings: Settings, database_url: str, revision: str = "head") -> list[str]:
    """Run the migrations up to `revision` on the database at `database_url`.

    Return the number and the first sentence of each migration that was run.
    """
    config = alembic_config(settings, database_url)
    command.upgrade(config, revision)
    applied: list[Script] = config.attributes["applied"]
    return [f"{script.revision}  {' '.join(script.doc.split())}" for script in applied]


def alembic_config(settings: Settings, database_url: str) -> Config:
    """Return Alembic's configuration for the database at `database_url`."""
    config = Config(_INI)
    config.attributes["applied"] = []  # `migrations/env.py` adds to it.
    config.attributes["settings"] = replace(settings, database_url=database_url)
    return config


def schema_head() -> str:
    """Return the number of the newest migration of this release."""
    head = ScriptDirectory.from_config(Config(_INI)).get_current_head()
    assert head is not None  # There is at least one migration.
    return head
