"""What commands say on standard error, so that standard output holds results alone."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

import click
from flask.cli import with_appcontext

from app.database.retry import FAILURES, reason_of
from app.domain.errors import BillingError

P = ParamSpec("P")
T = TypeVar("T")


def service_command(run: Callable[P, T]) -> Callable[P, T]:
    """Make `run` a command that has the application, and tells why it cannot be done."""

    @wraps(run)
    def told(*arguments: P.args, **options: P.kwargs) -> T:
        with failures_told(), _tries_untold():
            return run(*arguments, **options)

    return with_appcontext(told)


@contextmanager
def failures_told() -> Iterator[None]:
    """End the process with status 1, saying why, for a refusal and for a database that failed.

    What else is raised is a mistake of Pulso's own, and keeps its stack trace.
    """
    try:
        yield
    except FAILURES as failure:
        _end(f"The database failed: {reason_of(failure)}")
    except BillingError as refusal:
        errors = refusal.members.get("errors", ())
        _end(refusal.detail, *(f"{each['pointer']} {each['detail']}" for each in errors))


def on_a_terminal() -> dict[str, Any]:
    """Give the options of `click.progressbar` for a bar that is seen on a terminal alone."""
    return {"file": sys.stderr, "hidden": not sys.stderr.isatty()}


def _end(*lines: str) -> NoReturn:
    click.echo("Error: " + "\n".join(lines), err=True)
    raise SystemExit(1)


@contextmanager
def _tries_untold() -> Iterator[None]:
    # The log of a server has each try that failed; who waits for a command is told the last one.
    logger = logging.getLogger("app.database.retry")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
