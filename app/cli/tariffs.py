"""`python -m app tariffs`: the prices that were, are and will be in force."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.user import actor
from app.domain.call_record import instant_text
from app.domain.errors import BillingError
from app.domain.tariff_json import TEXT_BYTES_MAX, read_tariff, tariff_json
from app.services import tariffs
from app.services.pricing import Pricing


@click.group("tariffs")
def tariff_commands() -> None:
    """List, show, publish and withdraw tariffs."""


@tariff_commands.command("list")
@with_appcontext
def list_tariffs() -> None:
    """List all tariffs, in the order in which they begin."""
    with _refusals_told():
        for tariff, state in tariffs.all_tariffs(datetime.now(UTC)):
            begins = instant_text(tariff.effective_from)
            click.echo(f"{tariff.tariff_id}  {state:8}  {begins}  {tariff.name}")


@tariff_commands.command("show")
@click.argument("tariff_id", type=int, metavar="ID")
@with_appcontext
def show_tariff(tariff_id: int) -> None:
    """Show one tariff as JSON."""
    with _refusals_told():
        tariff, state = tariffs.one_tariff(tariff_id, datetime.now(UTC))
    said = tariff_json(tariff) | {"state": state}
    click.echo(json.dumps(said, indent=2, ensure_ascii=False))


@tariff_commands.command("publish")
@click.argument("file", type=click.File("rb"))
@with_appcontext
def publish_tariff(file: IO[bytes]) -> None:
    """Publish the tariff in FILE, which is JSON; - is standard input."""
    with _refusals_told():
        draft = read_tariff(file.read(TEXT_BYTES_MAX + 1))
        tariff = tariffs.publish(draft, actor=actor(), clock_skew_max=_pricing().clock_skew_max)
    begins = instant_text(tariff.effective_from)
    click.echo(f"Tariff {tariff.tariff_id} is published and begins at {begins}.")


@tariff_commands.command("withdraw")
@click.argument("tariff_id", type=int, metavar="ID")
@with_appcontext
def withdraw_tariff(tariff_id: int) -> None:
    """Withdraw a tariff before it begins."""
    with _refusals_told():
        tariffs.withdraw(tariff_id, actor=actor(), clock_skew_max=_pricing().clock_skew_max)
    click.echo(f"Tariff {tariff_id} is withdrawn.")


def _pricing() -> Pricing:
    pricing: Pricing = current_app.extensions["pulso"]
    return pricing


@contextmanager
def _refusals_told() -> Iterator[None]:
    """End the command with status 1 and say why, a line for each thing that is wrong."""
    try:
        yield
    except BillingError as refusal:
        errors = [
            f"{each['pointer']} {each['detail']}" for each in refusal.members.get("errors", ())
        ]
        raise click.ClickException("\n".join([refusal.detail, *errors])) from None
