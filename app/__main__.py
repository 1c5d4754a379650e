"""`./pulso-server`: migrate and serve; `./pulso-server COMMAND`: run a command on its database.

Without DATABASE_URL, both use the embedded PostgreSQL.
"""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from app import create_app
from app.cli.context import pricing
from app.cli.standard_error import report_failures
from app.database.connections import db
from app.database.embedded import embedded_database
from app.database.migration import migrate
from app.domain.key import Credential, Scope
from app.limits.deadline import Deadline
from app.server.local import LocalServer, check_port, greeting
from app.services import keys
from app.settings import Settings, exit_on_wrong_setting
from app.telemetry.log import configure_logging


def main(arguments: Sequence[str]) -> None:
    """Run the command in `arguments`; without arguments, migrate and serve until a signal.

    Exits with status 1 and one line for a wrong setting and a failure of the database.
    """
    configure_logging()  # Setting up the embedded PostgreSQL logs why it fails.
    # Until gunicorn installs its own handler, SIGTERM unwinds the stack, which stops PostgreSQL.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with exit_on_wrong_setting(), report_failures():
        settings = Settings.from_environ(os.environ)
        if not arguments:
            check_port(settings.port)  # Before the database is started, which takes seconds.
        with _database(settings) as database_url:
            connected = replace(settings, database_url=database_url)
            if arguments:
                app = create_app(connected)
                with app.app_context():
                    app.cli.main(arguments, prog_name="./pulso-server")
            else:
                migrate(connected, database_url)
                _serve(settings, connected)


@contextmanager
def _database(settings: Settings) -> Iterator[str]:
    if settings.database_url is not None:
        yield settings.database_url
        return
    with embedded_database(settings.data_dir) as database_url:
        yield database_url


def _serve(settings: Settings, connected: Settings) -> None:
    def greet() -> str:
        # The first key is made once the service listens: it is shown only here.
        needs_key = settings.database_url is None and settings.is_auth_required
        with create_app(connected).app_context():
            try:
                key = _first_key() if needs_key else None
                return greeting(settings, pricing().billing_zone, key)
            finally:
                db.engine.dispose()  # Processes must not share a connection.

    LocalServer(settings.port, partial(create_app, connected), greet).run()


def _first_key() -> Credential | None:
    """Create the first key of a new embedded database, whose user has no other access."""
    if keys.all_keys(deadline=Deadline.start()):
        return None
    return keys.create(
        "first", [Scope.ADMIN], actor="make run", now=datetime.now(UTC), deadline=Deadline.start()
    )


if __name__ == "__main__":
    main(sys.argv[1:])
