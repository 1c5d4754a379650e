"""`python -m app`: the whole service by one command, by default on the embedded PostgreSQL."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from flask import Flask
from gunicorn.app.base import BaseApplication

from app import create_app
from app.cli.standard_error import failures_told
from app.database.embedded import embedded_database
from app.database.migration import migrate
from app.domain.key import Credential, Scope
from app.limits.deadline import Deadline
from app.server import gunicorn_config
from app.services import keys
from app.settings import Settings
from app.telemetry.log import configure_logging

_START = (
    '{"id": "1", "type": "start", "timestamp": "2017-12-11T15:07:13Z", "call_id": "71",'
    ' "source": "99988526423", "destination": "9933468278"}'
)
_END = '{"id": "2", "type": "end", "timestamp": "2017-12-11T15:14:56Z", "call_id": "71"}'


class Server(BaseApplication):
    """gunicorn in this process, on loopback alone, so that one signal stops all."""

    def __init__(self, settings: Settings, greeting: str) -> None:
        self._settings = settings
        self._greeting = greeting
        super().__init__()

    def load_config(self) -> None:
        """Take the settings of `app.server.gunicorn_config`, but listen on loopback."""
        for name in vars(gunicorn_config).keys() & self.cfg.settings.keys():
            self.cfg.set(name, getattr(gunicorn_config, name))
        self.cfg.set("bind", f"127.0.0.1:{self._settings.port}")
        self.cfg.set("when_ready", lambda _: print(self._greeting, file=sys.stderr))

    def load(self) -> Flask:
        """Make the application, in each worker."""
        return create_app(self._settings)


def main(arguments: Sequence[str]) -> None:
    """Start the database if there is none, migrate, and serve until a signal comes.

    With `arguments`, run that command of the command line on the same database instead.
    """
    configure_logging()  # Setting up a PostgreSQL tells why it fails.
    # Until gunicorn has its own way to stop, stopping means leaving what was begun in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    settings = Settings.from_environ(os.environ)
    with failures_told(), _database(settings) as database_url:
        migrate(settings, database_url)
        connected = replace(settings, database_url=database_url)
        if arguments:
            app = create_app(connected)
            with app.app_context():
                app.cli.main(arguments, prog_name="python -m app")
        else:
            Server(connected, _greeting(settings, _first_key(settings, connected))).run()


@contextmanager
def _database(settings: Settings) -> Iterator[str]:
    if settings.database_url is not None:
        yield settings.database_url
        return
    with embedded_database(settings.data_dir) as database_url:
        yield database_url


def _first_key(settings: Settings, connected: Settings) -> Credential | None:
    """Make the first key of a new embedded database: who runs it has no other way in."""
    if settings.database_url is not None or not settings.is_auth_required:
        return None
    with create_app(connected).app_context():
        if keys.all_keys(deadline=Deadline.start()):
            return None
        return keys.create(
            "first",
            [Scope.ADMIN],
            actor="make run",
            now=datetime.now(UTC),
            deadline=Deadline.start(),
        )


def _greeting(settings: Settings, first_key: Credential | None) -> str:
    address = f"http://127.0.0.1:{settings.port}"
    key, said = "", ""
    if settings.is_auth_required:
        key = ' -H "X-API-Key: $PULSO_KEY"'
        said = "  export PULSO_KEY=THE_KEY  # `python -m app keys create` makes one\n\n"
    if first_key is not None:
        said = f"  export PULSO_KEY={first_key}  # the first key, shown this once\n\n"
    data = settings.data_dir.resolve() if settings.database_url is None else "DATABASE_URL"
    return (
        f"\nPulso listens on {address}; its data is in {data}. Ctrl-C stops it. Try:\n\n"
        f"{said}"
        f"  curl {address}/v1/call-records{key} -d '[{_START}, {_END}]'\n\n"
        f"  curl '{address}/v1/bills/99988526423?period=2017-12'{key}\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
