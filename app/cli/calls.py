"""`./pulso-server calls`: settle contested calls."""

from datetime import UTC, datetime

import click
from flask import current_app

from app.cli.context import actor, pricing
from app.cli.standard_error import service_command
from app.cli.suspense import outcome_text
from app.domain.call_record import read_identifier
from app.domain.suspense import read_suspense_id
from app.limits.deadline import Deadline
from app.services.contested_calls import settle_call
from app.services.suspense import content_hashes_of
from app.services.trials import RetryContext


@click.group("calls")
def call_commands() -> None:
    """Settle contested calls."""


@call_commands.command("settle")
@click.argument("call_id")
@click.option("--other-call-id", required=True, help="The call_id that the other call gets.")
@click.option(
    "--record",
    "records",
    required=True,
    multiple=True,
    metavar="SUSPENSE_ID",
    help="A suspended record that belongs to the other call; may be given several times.",
)
@service_command
def settle(call_id: str, other_call_id: str, records: tuple[str, ...]) -> None:
    """Say which suspended records of CALL_ID belong to another call, and retry its others."""
    try:
        suspense_ids = [read_suspense_id(each) for each in records]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--record") from None
    try:
        other = read_identifier(other_call_id)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--other-call-id") from None
    read_received = current_app.extensions["pulso_read_kept"]
    settled = settle_call(
        call_id,
        other_call_id=other,
        content_hashes=content_hashes_of(suspense_ids, deadline=Deadline.start()),
        context=RetryContext(actor(), datetime.now(UTC), pricing(), read_received),
        deadline=Deadline.start(),
    )
    for each in settled:
        call = each.outcome.call
        to = f" in call {call.call_id}, {call.state}" if call else ""
        click.echo(f"{each.suspended.content_hash.hex()}  {outcome_text(each)}{to}")
