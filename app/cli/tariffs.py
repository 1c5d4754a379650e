"""`./pulso-server tariffs`: list, show, publish and withdraw tariffs."""

import json
from datetime import UTC, datetime
from typing import IO

import click

from app.cli.context import actor, pricing
from app.cli.listing import json_option, print_rows
from app.cli.standard_error import service_command
from app.domain.call_record import instant_text
from app.limits.deadline import Deadline
from app.limits.sizes import RECORD_BYTES_MAX
from app.schemas.tariffs import TariffSchema, read_tariff
from app.services import tariffs


@click.group("tariffs")
def tariff_commands() -> None:
    """List, show, publish and withdraw tariffs."""


@tariff_commands.command("list")
@json_option
@service_command
def list_tariffs(as_json: bool) -> None:  # noqa: FBT001, click's signature
    """List all tariffs, ordered by when they begin."""
    rows = (
        {
            "id": tariff.tariff_id,
            "state": state,
            "effective_from": instant_text(tariff.effective_from),
            "name": tariff.name,
        }
        for tariff, state in tariffs.all_tariffs(datetime.now(UTC), deadline=Deadline.start())
    )
    print_rows(rows, as_json=as_json)


@tariff_commands.command("show")
@click.argument("tariff_id", type=int, metavar="ID")
@service_command
def show_tariff(tariff_id: int) -> None:
    """Show one tariff as JSON."""
    tariff, state = tariffs.one_tariff(tariff_id, datetime.now(UTC), deadline=Deadline.start())
    members = TariffSchema().dump((tariff, state))
    click.echo(json.dumps(members, indent=2, ensure_ascii=False))


@tariff_commands.command("publish")
@click.argument("file", type=click.File("rb"))
@click.option("--confirm", type=click.Choice(["unusual-rate"]), help="Publish an unusual rate.")
@service_command
def publish_tariff(file: IO[bytes], confirm: str | None) -> None:
    """Publish the tariff in FILE, in JSON; - reads standard input."""
    draft = read_tariff(file.read(RECORD_BYTES_MAX + 1))
    tariff = tariffs.publish(
        draft,
        actor=actor(),
        clock_skew_max=pricing().clock_skew_max,
        is_confirmed=confirm is not None,
        deadline=Deadline.start(),
    )
    begins = instant_text(tariff.effective_from)
    click.echo(f"Tariff {tariff.tariff_id} is published and begins at {begins}.")


@tariff_commands.command("withdraw")
@click.argument("tariff_id", type=int, metavar="ID")
@service_command
def withdraw_tariff(tariff_id: int) -> None:
    """Withdraw a tariff before it begins."""
    tariffs.withdraw(
        tariff_id,
        actor=actor(),
        clock_skew_max=pricing().clock_skew_max,
        deadline=Deadline.start(),
    )
    click.echo(f"Tariff {tariff_id} is withdrawn.")
