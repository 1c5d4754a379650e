"""`./pulso-server what-if`: what a closed month would have cost under another tariff."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import click

from app.cli.context import pricing
from app.cli.standard_error import progress_options, service_command
from app.domain.money import Cents, decimal_text
from app.domain.period import BillingPeriod
from app.domain.tariff import Tariff
from app.domain.what_if import ComparedCall, WhatIf
from app.limits.deadline import Deadline
from app.services.what_if import what_if as compare

_ROWS_A_STEP = 1_000


@click.command("what-if")
@click.option("--period", required=True, metavar="YYYY-MM", help="A month that has closed.")
@click.option("--tariff", "tariff_id", required=True, type=int, help="The id of a tariff.")
@service_command
def what_if(period: str, tariff_id: int) -> None:
    """Compare the frozen prices of a month with those under a tariff; change nothing."""
    month = BillingPeriod.read(period)
    tariff, found = compare(
        month,
        tariff_id,
        pricing=pricing(),
        now=datetime.now(UTC),
        progress=_progress,
        deadline=Deadline.start(),
    )
    for line in _report(month, tariff, found):
        click.echo(line)


def _progress(
    calls: Iterator[ComparedCall], count: int
) -> AbstractContextManager[Iterable[ComparedCall]]:
    return click.progressbar(
        calls, count, label="Comparing", update_min_steps=_ROWS_A_STEP, **progress_options()
    )


def _report(month: BillingPeriod, tariff: Tariff, found: WhatIf) -> Iterator[str]:
    under = f"under tariff {tariff.tariff_id}"
    yield f"The calls of {month} {under} ({tariff.name}), in {tariff.currency}:"
    yield ""
    for name, value in (
        ("calls", str(found.count)),
        ("frozen", decimal_text(found.frozen)),
        (under, decimal_text(found.under_tariff)),
        ("difference", _signed(found.difference)),
        ("dearer calls", str(found.dearer)),
        ("cheaper calls", str(found.cheaper)),
        ("calls that cost the same", str(found.same)),
    ):
        yield f"{name:26}{value:>16}"
    if not found.largest:
        return
    yield ""
    yield "The largest differences:"
    yield ""
    yield f"{'difference':>16}{'frozen':>16}{under:>24}  {'source':11}  call_id"
    for call in found.largest:
        yield (
            f"{_signed(call.difference):>16}{decimal_text(call.frozen):>16}"
            f"{decimal_text(call.under_tariff):>24}  {call.source:11}  {call.call_id}"
        )


def _signed(difference: Cents) -> str:
    sign = "-" if difference < 0 else "+" if difference else ""
    return sign + decimal_text(Cents(abs(difference)))
