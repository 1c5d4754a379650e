"""`python -m app migrate`: bring the database to the schema of this release."""

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.standard_error import report_failures
from app.database import migration


@click.command()
@with_appcontext
def migrate() -> None:
    """Migrate the database to the newest schema of this release."""
    settings = current_app.extensions["pulso_settings"]
    with report_failures():
        migration.migrate(settings, settings.database_url)
    click.echo(f"The schema is at revision {migration.schema_head()} or newer.")
