"""`./pulso-server subscribers`: the names of subscribers, which bills show."""

from pathlib import Path

import click

from app.cli.context import actor
from app.cli.standard_error import progress_options, service_command
from app.cli.subscriber_file import read_subscribers
from app.limits.deadline import Deadline
from app.services.subscribers import load_subscribers


@click.group()
def subscribers() -> None:
    """Load the names of subscribers."""


@subscribers.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@service_command
def load(file: Path) -> None:
    """Load the names in FILE, CSV with the columns number and name: all of them, or none."""
    named, bad_lines = read_subscribers(file)
    for number, reason in bad_lines:
        click.echo(f"line {number}: {reason}", err=True)
    if bad_lines:
        raise click.ClickException(f"Nothing was loaded; bad lines: {len(bad_lines)}.")
    with click.progressbar(length=len(named), label="Loading", **progress_options()) as bar:
        loaded = load_subscribers(
            named,
            actor=actor(),
            report=lambda done: bar.update(done - bar.pos),
            deadline=Deadline.start(),
        )
    unchanged = len(named) - loaded.new - loaded.renamed
    click.echo(
        f"{len(named)} subscribers: {loaded.new} new, {loaded.renamed} renamed,"
        f" {unchanged} as they were."
    )
