"""What commands write to standard error: failures and progress. Standard output holds results."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

import click
from flask import current_app
from flask.cli import with_appcontext

from app.database.retry import FAILURES, reason_of
from app.domain.errors import BillingError
from app.limits.deadline import Deadline
from app.services.readiness import has_old_schema

P = ParamSpec("P")
T = TypeVar("T")


def service_command(run: Callable[P, T]) -> Callable[P, T]:
    """Make `run` a command that runs in the application, on the schema of this release.

    It ends with status 1 and the reason on an older schema and where `report_failures` does.
    """

    @wraps(run)
    def command(*arguments: P.args, **options: P.kwargs) -> T:
        with report_failures(), _quiet_retries():
            if has_old_schema(current_app.extensions["pulso_schema_head"], Deadline.start()):
                _fail("The database has an older schema; run `./pulso-server migrate` first.")
            return run(*arguments, **options)

    return with_appcontext(command)


@contextmanager
def report_failures() -> Iterator[None]:
    """On a refusal or a failure of the database, print the reason and exit with status 1.

    Any other exception is a bug of Pulso and keeps its stack trace.
    """
    try:
        yield
    except FAILURES as failure:
        _fail(f"The database failed: {reason_of(failure)}")
    except BillingError as refusal:
        errors = refusal.members.get("errors", ())
        _fail(refusal.detail, *(f"{each['pointer']} {each['detail']}" for each in errors))


def progress_options() -> dict[str, Any]:
    """Return options for `click.progressbar`: on standard error, and only on a terminal."""
    return {"file": sys.stderr, "hidden": not sys.stderr.isatty()}


def _fail(*lines: str) -> NoReturn:
    click.echo("Error: " + "\n".join(lines), err=True)
    raise SystemExit(1)


@contextmanager
def _quiet_retries() -> Iterator[None]:
    """Log no retries: the user of a command is shown only the last failure."""
    logger = logging.getLogger("app.database")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
