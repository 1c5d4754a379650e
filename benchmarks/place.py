"""Where the bench runs: an embedded PostgreSQL of its own, databases on it, servers beside it."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import psycopg2
from flask import Flask
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, connection
from sqlalchemy.engine import make_url

from app import create_app
from app.database.connections import db
from app.database.embedded import embedded_database
from app.database.migration import migrate
from app.domain.key import Credential, Scope
from app.limits.deadline import Deadline
from app.services import keys
from app.settings import Settings

HOME = Path(__file__).resolve().parent.parent
_LOG_FILES = 60


class Place:
    """A PostgreSQL server to make databases on."""

    def __init__(self, superuser_url: str) -> None:
        self.superuser_url = superuser_url

    def new_database(self, name: str, role: str = "postgres") -> str:
        """Make a migrated database that `role` owns, and give its URL."""
        with self.connect(self.superuser_url) as server, server.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {name} OWNER {role}")
        where = make_url(self.superuser_url).set(username=role, database=name)
        url = where.render_as_string(hide_password=False)
        migrate(Settings.from_environ({}), url)
        return url

    @contextmanager
    def connect(self, url: str) -> Iterator[connection]:
        """Give a driver connection, each statement of which commits by itself."""
        with closing(psycopg2.connect(url.replace("+psycopg2", ""))) as opened:
            opened.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            yield opened


class Server(NamedTuple):
    """A server beside the bench: its port on loopback, a key for it, and gunicorn's master."""

    port: int
    key: Credential
    process: subprocess.Popen[bytes]


@contextmanager
def a_place() -> Iterator[Place]:
    """Start a PostgreSQL for the bench, and stop and forget it behind."""
    with (
        tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder,
        embedded_database(Path(folder)) as url,
    ):
        place = Place(superuser_of(url))
        _fill_log(place)
        yield place


def superuser_of(url: str) -> str:
    """Give the URL by which the superuser of the embedded PostgreSQL at `url` comes in."""
    superuser = make_url(url).set(username="postgres", database="postgres")
    return superuser.render_as_string(hide_password=False)


def _fill_log(place: Place) -> None:
    """Give the server files of its log to use again, as one has that has run for a while.

    A new file takes some 45 ms, which otherwise hits one commit in three, whichever that is.
    """
    with place.connect(place.superuser_url) as server, server.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET min_wal_size = '1GB'")
        cursor.execute("SELECT pg_reload_conf()")
        for _ in range(_LOG_FILES):
            cursor.execute("SELECT pg_logical_emit_message(false, '', ''), pg_switch_wal()")
        cursor.execute("CHECKPOINT")


def an_app(url: str) -> Flask:
    """Give the service in this process."""
    return create_app(replace(Settings.from_environ({}), database_url=url))


def new_key(url: str) -> Credential:
    """Make a key for delivering records and reading bills."""
    with an_app(url).app_context():
        try:
            return keys.create(
                "bench",
                [Scope.INGEST, Scope.READ_BILLS],
                actor="bench",
                now=datetime.now(UTC),
                deadline=Deadline.start(),
            )
        finally:
            db.engine.dispose()


def free_port() -> int:
    """Give a port of loopback on which nobody listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    url: str, module: str = "app.wsgi", *, key: Credential | None = None, port: int | None = None
) -> Iterator[Server]:
    """Serve the application of `module` as it is served in production.

    `key` is made if none is given, and a free `port` is found.
    """
    port = port or free_port()
    command = ["gunicorn", "--config", "python:app.server.gunicorn_config", f"{module}:app"]
    environ = os.environ | {
        "DATABASE_URL": url.replace("+psycopg2", ""),
        "PORT": str(port),
        "BILLING_TIMEZONE": "UTC",  # A fault starts it without its database.
    }
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=HOME, env=environ, stdout=log, stderr=log
        )
        try:
            _wait_for(port)
            yield Server(port, key or new_key(url), server)
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server does not come up")
