"""`./pulso-server suspense`: list suspended records, and resolve many at a time."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from flask import current_app

from app.cli.context import actor, pricing
from app.cli.listing import json_option, print_rows
from app.cli.standard_error import progress_options, service_command
from app.domain.call import Reason
from app.domain.suspense import SuspendedRecord, SuspensePage, read_note, read_suspense_id
from app.limits.deadline import Deadline
from app.services import suspense, suspense_retry
from app.services.suspense import BEGINNING, Note, page_after
from app.services.suspense_retry import RetriedPage, retry_page
from app.services.trials import Retried, RetryContext

_LIST_PAGE = 1_000
_REASON = click.Choice([reason.value for reason in Reason])


def retried_pages(reason: str, who: str) -> Iterator[RetriedPage]:
    """Retry the open records of one `reason`, and yield the result of each page of them."""
    read = current_app.extensions["pulso_read_kept"]
    page: SuspensePage | None = BEGINNING
    while page is not None:
        tried = retry_page(reason, page, RetryContext(who, datetime.now(UTC), pricing(), read))
        yield tried
        page = tried.next_page


@click.group("suspense")
def suspense_commands() -> None:
    """List suspended records, retry or write them off, delete resolved ones."""


@suspense_commands.command("list")
@click.option("--reason", type=_REASON, help="Only records with this reason.")
@click.option(
    "--state",
    type=click.Choice(["open", "resolved"]),
    default="open",
    help="Open records (by default), or resolved ones.",
)
@json_option
@service_command
def list_suspense(reason: str | None, state: str, as_json: bool) -> None:  # noqa: FBT001, click's
    """List suspended records, ordered by when they were received, and how each was resolved."""
    rows = map(_row, _listed(reason, is_open=state == "open"))
    print_rows(rows, as_json=as_json)


def _row(record: SuspendedRecord) -> dict[str, str | int | None]:
    return {
        "suspense_id": record.short_id,
        "received_at": f"{record.received_at:%Y-%m-%dT%H:%M:%SZ}",
        "reason": record.reason,
        "resolution": record.resolution,
        "call_id": record.call_id,
        "beginning": record.beginning,
    }


def _listed(reason: str | None, *, is_open: bool) -> Iterator[SuspendedRecord]:
    page = BEGINNING
    while found := suspense.suspended_records(
        is_open=is_open,
        reason=reason,
        page=page,
        limit=_LIST_PAGE,
        deadline=Deadline.start(),
    ):
        yield from found
        page = page_after(found[-1])


@suspense_commands.command("retry")
@click.option("--reason", type=_REASON, required=True, help="The reason of the records.")
@service_command
def retry_suspense(reason: str) -> None:
    """Retry all open records with a reason, as they are."""
    counts: Counter[str] = Counter()
    with (
        _summary_at_end(lambda: f"{counts.total()} retried: {counts_text(counts)}."),
        _progress("Retrying", reason) as step,
    ):
        for tried in retried_pages(reason, actor()):
            counts.update(outcome_text(each) for each in tried.retried)
            for content_hash in tried.failed:
                click.echo(f"{content_hash.hex()} failed; the log says why.", err=True)
            counts["failed"] += len(tried.failed)
            step(len(tried.retried) + len(tried.failed))
    if counts["failed"]:
        raise SystemExit(1)


@suspense_commands.command("write-off")
@click.option("--reason", type=_REASON, required=True, help="The reason of the records.")
@click.option("--note", required=True, help="Why they will not be billed: 1 to 500 characters.")
@service_command
def write_off_suspense(reason: str, note: str) -> None:
    """Write off all open records with a reason that have been received until now."""
    try:
        text = read_note(note)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--note") from None
    total = 0
    with (
        _summary_at_end(lambda: f"{total} written off."),
        _progress("Writing off", reason) as step,
    ):
        for closed in suspense.write_off_all(reason, Note(text, actor(), datetime.now(UTC))):
            total += closed
            step(closed)


@suspense_commands.command("accept")
@click.argument("suspense_id")
@click.option("--note", required=True, help="Why the call is right: 1 to 500 characters.")
@service_command
def accept_suspended_record(suspense_id: str, note: str) -> None:
    """Store one record although its call is longer, or costs more, than the limits."""
    try:
        given, text = read_suspense_id(suspense_id), read_note(note)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    [content_hash] = suspense.content_hashes_of([given], deadline=Deadline.start())
    read_received = current_app.extensions["pulso_read_kept"]
    context = RetryContext(actor(), datetime.now(UTC), pricing(), read_received)
    tried = suspense_retry.accept(content_hash, text, context, deadline=Deadline.start())
    click.echo(f"The record is {outcome_text(tried)}.")
    if tried.outcome.reason is not None:
        raise SystemExit(1)


@suspense_commands.command("purge")
@click.option(
    "--resolved-before",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="A day, such as 2018-01-01.",
)
@service_command
def purge_suspense(resolved_before: datetime) -> None:
    """Delete records that were resolved, and last received, before a day began."""
    begun = resolved_before.replace(tzinfo=pricing().billing_zone)
    if begun > datetime.now(UTC):
        # A mistyped year must not delete what was resolved a moment ago.
        raise click.BadParameter("this day has not begun yet", param_hint="--resolved-before")
    total = 0
    with _summary_at_end(lambda: f"{total} resolved records deleted."):
        for deleted in suspense.purge(begun, actor=actor()):
            total += deleted


def outcome_text(tried: Retried) -> str:
    """Return the verdict on a retried record, with the reason if it stays suspended."""
    verdict, reason = tried.outcome[:2]
    return verdict.value if reason is None else f"{verdict} as {reason}"


def counts_text(counts: Counter[str]) -> str:
    """Return `counts` as part of a sentence, such as `3 stored, 1 duplicate`."""
    return ", ".join(f"{count} {name}" for name, count in counts.most_common() if count) or "none"


@contextmanager
def _progress(label: str, reason: str) -> Iterator[Callable[[int], None]]:
    """Show progress over the open records of `reason`; yield a function to call with each step."""
    waiting = suspense.open_counts(deadline=Deadline.start()).get(reason, 0)
    with click.progressbar(length=waiting, label=label, **progress_options()) as bar:
        yield bar.update


@contextmanager
def _summary_at_end(summary: Callable[[], str]) -> Iterator[None]:
    """Print what was done at the end, also if a failure ends the command."""
    try:
        yield
    finally:
        click.echo(summary())
