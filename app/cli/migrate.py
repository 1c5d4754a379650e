"""`./pulso-server migrate`: bring the database to the schema of this release."""

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
        applied = migration.migrate(settings, settings.database_url)
    for each in applied:
        click.echo(each)
    ran = f"{len(applied)} migrations were run" if applied else "There was nothing to migrate"
    click.echo(f"{ran}; the schema is at revision {migration.schema_head()} or newer.")
