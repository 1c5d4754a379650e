"""The databases and applications that tests run on: real, migrated, and committed to for real."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, connection
from sqlalchemy import NullPool, create_engine, event
from sqlalchemy.engine import make_url

from app import create_app
from app.database.connections import db
from app.database.embedded import embedded_database
from app.database.migration import migrate
from app.database.statements import TimedCursor
from app.settings import Settings, driver_url
from tests.audit import audit
from tests.contract.answers import answers_as_documented, contract  # noqa: F401
from tests.log_lines import faulty_lines, log_tells_nothing_private  # noqa: F401

THREADS = 16


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server to make databases on: that of TEST_DATABASE_URL, or an embedded one."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield driver_url(given, os.environ)
        return
    with embedded_database(tmp_path_factory.mktemp("data")) as url:
        superuser = make_url(url).set(username="postgres", database="postgres")
        yield superuser.render_as_string(hide_password=False)


class Database:
    """A database of the tests' own, with the schema of the service."""

    def __init__(self, url: str) -> None:
        self.url = url

    @contextmanager
    def connect(self) -> Iterator[connection]:
        """A connection of its own, each statement of which commits by itself."""
        with closing(psycopg2.connect(self.url.replace("+psycopg2", ""))) as opened:
            opened.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            yield opened

    def rows(self, statement: str, values: Any = None) -> list[tuple[Any, ...]]:
        """What a statement gives."""
        with self.connect() as opened, opened.cursor() as statements:
            statements.execute(statement, values)
            return statements.fetchall() if statements.description else []

    def wipe(self) -> None:
        """Empty the tables; the owner alone can, by taking the protections away."""
        with self.connect() as opened, opened.cursor() as statements:
            statements.execute(_WIPE)


_WIPE = """
    DO $$
    DECLARE
        guarded text[] := ARRAY['calls', 'suspense'];
        guard record;
    BEGIN
        IF EXISTS (SELECT FROM audit_log) THEN
            guarded := guarded || ARRAY['subscribers', 'tariffs', 'time_bands', 'audit_log'];
        END IF;
        CREATE TEMP TABLE guards ON COMMIT DROP AS
            SELECT tgname, tgrelid::regclass::text AS on_table,
                   CASE tgenabled WHEN 'A' THEN 'ALWAYS' ELSE '' END AS when_enabled
            FROM pg_trigger
            WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY (guarded);
        FOR guard IN SELECT * FROM guards LOOP
            EXECUTE format('ALTER TABLE %I DISABLE TRIGGER %I', guard.on_table, guard.tgname);
        END LOOP;
        DELETE FROM calls;
        DELETE FROM suspense;
        IF 'audit_log' = ANY (guarded) THEN
            DELETE FROM subscribers;
            DELETE FROM time_bands WHERE tariff_id > 1;
            DELETE FROM tariffs WHERE id > 1;
            DELETE FROM audit_log;
        END IF;
        FOR guard IN SELECT * FROM guards LOOP
            EXECUTE format('ALTER TABLE %I ENABLE %s TRIGGER %I',
                           guard.on_table, guard.when_enabled, guard.tgname);
        END LOOP;
    END $$
"""


@pytest.fixture(scope="session")
def new_database(server_url: str) -> Iterator[Callable[..., Database]]:
    """Makes databases, each for the zone that bills in it; they go when the tests are over."""
    with ExitStack() as leftovers:

        def make(zone: str = "UTC", *, revision: str = "head") -> Database:
            name = f"pulso_test_{uuid.uuid4().hex[:12]}"
            server = Database(server_url)
            server.rows(f'CREATE DATABASE "{name}"')
            leftovers.callback(server.rows, f'DROP DATABASE "{name}" WITH (FORCE)')
            url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
            if revision != "base":
                migrate(settings_for(url, zone), url, revision)
            return Database(url)

        yield make


def settings_for(url: str, zone: str = "UTC") -> Settings:
    """Settings of a service that bills in `zone`."""
    return Settings(
        database_url=url,
        data_dir=Path("var"),
        port=8000,
        web_concurrency=1,
        web_threads=THREADS,
        billing_zone=ZoneInfo(zone),
        clock_skew_max=timedelta(hours=1),
        is_auth_required=False,
        bill_reads_a_minute=1_000_000,
        rate_limit_storage="memory://",
    )


class Service:
    """An application and its database."""

    def __init__(self, database: Database, zone: str) -> None:
        self.database = database
        self.app = create_app(settings_for(database.url, zone))
        self._auditor = create_engine(database.url, poolclass=NullPool)

    @contextmanager
    def clean(self) -> Iterator["Service"]:
        """Use it for one test: what the test leaves is audited, then wiped."""
        try:
            yield self
            with self._auditor.connect() as connection:
                audit(connection, self.app.extensions["pulso_pricing"].billing_zone)
        finally:
            self.database.wipe()
            self.app.extensions["pulso_pricing"]._book = None

    def close(self) -> None:
        with self.app.app_context():
            db.engine.dispose()


@pytest.fixture(scope="session")
def _service(new_database: Callable[..., Database]) -> Iterator[Service]:
    with closing(Service(new_database(), "UTC")) as made:
        yield made


@pytest.fixture(scope="session")
def _sao_paulo_service(new_database: Callable[..., Database]) -> Iterator[Service]:
    with closing(Service(new_database("America/Sao_Paulo"), "America/Sao_Paulo")) as made:
        yield made


@pytest.fixture
def service(_service: Service) -> Iterator[Service]:
    """A service that bills in UTC, with nothing in it."""
    with _service.clean():
        yield _service


@pytest.fixture
def sao_paulo_service(_sao_paulo_service: Service) -> Iterator[Service]:
    """A service that bills in America/Sao_Paulo, with nothing in it."""
    with _sao_paulo_service.clean():
        yield _sao_paulo_service


@pytest.fixture
def database(service: Service) -> Database:
    return service.database


@pytest.fixture
def app(service: Service) -> Flask:
    return service.app


@pytest.fixture
def guarded_app(database: Database) -> Iterator[Flask]:
    """A service that requires keys, and forgets them after the test."""
    made = create_app(replace(settings_for(database.url), is_auth_required=True))
    with made.app_context():
        yield made
    database.rows("ALTER TABLE api_keys DISABLE TRIGGER USER")
    database.rows("DELETE FROM api_keys")
    for guard in ("audited_insert", "audited_update", "not_truncated"):
        database.rows(f"ALTER TABLE api_keys ENABLE ALWAYS TRIGGER api_keys_{guard}")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


class RecordingCursor(TimedCursor):
    """A cursor that remembers what it sent."""

    sent: list[str]

    def execute(self, *arguments: Any) -> None:
        try:
            super().execute(*arguments)
        finally:
            assert self.query is not None
            self.sent.append(self.query.decode())

    def copy_expert(self, statement: Any, *arguments: Any) -> None:
        self.sent.append(statement)
        super().copy_expert(statement, *arguments)


@pytest.fixture
def record_statements() -> Iterator[Callable[[Database], tuple[FlaskClient, list[str]]]]:
    """Makes a service on a database, and the list of the statements it sends."""
    with ExitStack() as services:

        def make(database: Database) -> tuple[FlaskClient, list[str]]:
            made = services.enter_context(closing(Service(database, "UTC")))
            sent: list[str] = []
            recording = type("Recording", (RecordingCursor,), {"sent": sent})
            with made.app.app_context():
                db.engine.dispose()  # The start has used a connection, which would not record.
                event.listen(
                    db.engine,
                    "connect",
                    lambda opened, _: setattr(opened, "cursor_factory", recording),
                )
            return made.app.test_client(), sent

        yield make
