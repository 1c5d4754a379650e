"""`./pulso-server fingerprint`: lines to compare before a backup and after a restore."""

import click

from app.cli.listing import json_option, print_rows
from app.cli.standard_error import service_command
from app.limits.deadline import Deadline
from app.services.fingerprint import take_fingerprint


@click.command()
@json_option
@service_command
def fingerprint(as_json: bool) -> None:  # noqa: FBT001, click's signature
    """Print a summary of what is stored: equal contents print equal lines."""
    lines = take_fingerprint(deadline=Deadline.start())
    print_rows((line._asdict() for line in lines), as_json=as_json)
