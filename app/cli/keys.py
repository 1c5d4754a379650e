"""`./pulso-server keys`: create, list and revoke API keys."""

from datetime import UTC, datetime

import click

from app.cli.context import actor
from app.cli.listing import json_option, print_rows
from app.cli.standard_error import service_command
from app.domain.key import Scope, read_key_name
from app.limits.deadline import Deadline
from app.services import keys


@click.group("keys")
def group() -> None:
    """Create, list and revoke API keys."""


@group.command()
@click.option(
    "--name", required=True, help="Who uses the key, such as switch-01: 1 to 100 characters."
)
@click.option(
    "--scope",
    "scopes",
    required=True,
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What the key allows; repeat the option for several scopes.",
)
@service_command
def create(name: str, scopes: tuple[str, ...]) -> None:
    """Create a key and print it. It is shown only once: only its hash is stored."""
    try:
        key_name = read_key_name(name)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--name") from None
    credential = keys.create(
        key_name,
        [Scope(scope) for scope in scopes],
        actor=actor(),
        now=datetime.now(UTC),
        deadline=Deadline.start(),
    )
    click.echo(credential)


@group.command("list")
@json_option
@service_command
def list_keys(as_json: bool) -> None:  # noqa: FBT001, click's signature
    """List all keys, without their secrets."""
    rows = (
        {
            "id": key.key_id,
            "scopes": ",".join(sorted(key.scopes)),
            "created": _minute(key.created_at),
            "last_used": _minute(key.last_used_at),
            "revoked": _minute(key.revoked_at),
            "name": key.name,
        }
        for key in keys.all_keys(deadline=Deadline.start())
    )
    print_rows(rows, as_json=as_json)


def _minute(instant: datetime | None) -> str | None:
    return None if instant is None else f"{instant:%Y-%m-%dT%H:%MZ}"


@group.command()
@click.argument("key_id")
@service_command
def revoke(key_id: str) -> None:
    """Revoke the key KEY_ID for good; within seconds it is refused everywhere."""
    keys.revoke(key_id, actor=actor(), now=datetime.now(UTC), deadline=Deadline.start())
    click.echo(f"{key_id} is revoked.")
