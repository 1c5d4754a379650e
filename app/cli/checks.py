"""`./pulso-server checks`: what may be wrong with a month, to look at before its bill run."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import click

from app.cli.context import pricing
from app.cli.listing import json_option, print_rows
from app.cli.standard_error import service_command
from app.domain.bill import duration_text
from app.domain.call_record import instant_text
from app.domain.checks import LONG_CALL
from app.domain.money import decimal_text
from app.domain.period import BillingPeriod
from app.limits.deadline import Deadline
from app.services import checks
from app.services.calls import CallDetails
from app.services.checks import BEGINNING

T = TypeVar("T")

_PAGE = 1_000
_HOUR = timedelta(hours=1)

_of_month = click.option(
    "--period", metavar="YYYY-MM", help="A month, closed or not; by default the last closed one."
)


@click.group("checks")
def check_commands() -> None:
    """Count and list what may be wrong with a month before its bill run; change nothing."""


@check_commands.command("count")
@_of_month
@json_option
@service_command
def count_checks(period: str | None, as_json: bool) -> None:  # noqa: FBT001, click's
    """Count twins, payers without a name, long calls and old calls."""
    month = _month(period)
    found = checks.month_checks(month, pricing=pricing(), deadline=Deadline.start())
    rows = ({"check": name, "number": number} for name, number in found._asdict().items())
    print_rows(rows, as_json=as_json)


@check_commands.command("twins")
@_of_month
@json_option
@service_command
def list_twins(period: str | None, as_json: bool) -> None:  # noqa: FBT001, click's
    """List calls that may be one conversation under several ids."""
    read = partial(checks.twins, _month(period))
    rows = (
        {
            "source": each.source,
            "destination": each.destination,
            "started_at": instant_text(each.started_at),
            "ended_at": instant_text(each.ended_at),
            "calls": each.calls,
            "first_call_ids": " ".join(each.call_ids),
        }
        for each in _all(read, ("", BEGINNING, BEGINNING, ""), lambda last: last.place)
    )
    print_rows(rows, as_json=as_json)


@check_commands.command("unnamed-payers")
@_of_month
@json_option
@service_command
def list_unnamed_payers(period: str | None, as_json: bool) -> None:  # noqa: FBT001, click's
    """List the payers that have no name, with their calls and what they pay."""
    read = partial(checks.unnamed_payers, _month(period))
    rows = (
        {"number": each.number, "calls": each.calls, "total_amount": decimal_text(each.total)}
        for each in _all(read, "", lambda last: last.number)
    )
    print_rows(rows, as_json=as_json)


@check_commands.command("long-calls")
@_of_month
@click.option(
    "--longer-than-hours",
    type=click.FloatRange(0, 24 * 365),
    default=LONG_CALL / _HOUR,
    show_default=True,
    help="Only calls that lasted longer.",
)
@json_option
@service_command
def list_long_calls(
    period: str | None,
    longer_than_hours: float,
    as_json: bool,  # noqa: FBT001, click's
) -> None:
    """List the calls that lasted long."""
    read = partial(checks.long_calls, _month(period), longer_than_hours * _HOUR)
    print_rows(map(_row, _all(read, ("", BEGINNING, ""), _bill_place)), as_json=as_json)


@check_commands.command("old-calls")
@_of_month
@json_option
@service_command
def list_old_calls(period: str | None, as_json: bool) -> None:  # noqa: FBT001, click's
    """List the calls that came in the month more than 90 days after they began."""
    read = partial(checks.old_calls, _month(period), pricing=pricing())
    print_rows(map(_row, _all(read, (BEGINNING, ""), _priced_place)), as_json=as_json)


def _month(period: str | None) -> BillingPeriod:
    if period is not None:
        return BillingPeriod.read(period)
    return BillingPeriod.last_closed(datetime.now(UTC), pricing().billing_zone)


def _all(
    read: Callable[..., Sequence[T]], first: object, place_of: Callable[[T], object]
) -> Iterator[T]:
    """Yield what `read` finds, page after page, each in a transaction of its own."""
    after = first
    while found := read(after=after, limit=_PAGE, deadline=Deadline.start()):
        yield from found
        after = place_of(found[-1])


def _bill_place(found: CallDetails) -> tuple[str, datetime, str]:
    start = found.call.start
    assert start is not None
    return start.source, start.started_at, found.call.call_id


def _priced_place(found: CallDetails) -> tuple[datetime, str]:
    assert found.call.price is not None
    return found.call.price.priced_at, found.call.call_id


def _row(found: CallDetails) -> dict[str, str | None]:
    call = found.call
    assert call.start and call.price and call.duration is not None
    return {
        "source": call.start.source,
        "destination": call.start.destination,
        "started_at": instant_text(call.start.started_at),
        "duration": duration_text(int(call.duration.total_seconds())),
        "amount": decimal_text(call.price.cents),
        "period": str(call.price.period),
        "call_id": call.call_id,
    }
