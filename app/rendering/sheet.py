"""A bill as it is printed: its texts in HTML and PDF, in Portuguese as the prices (rule 17)."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from app.domain.bill import Bill, duration_text
from app.domain.letterhead import Letterhead
from app.domain.money import reais
from app.domain.period import BillingPeriod
from app.domain.subscriber import is_telephone_number

LANGUAGE = "pt-BR"
COLUMNS = ("Data", "Hora", "Número chamado", "Duração", "Valor")
_MONTHS = (
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
)
_LATE = "* Chamada tardia: ficou completa depois que o mês fechou."
_NOT_FISCAL = "Este documento não é um documento fiscal."


class Fact(NamedTuple):
    """A figure of the bill with its label."""

    label: str
    value: str


class Sheet(NamedTuple):
    """The texts of a bill; a row of `rows` has a cell for each of `COLUMNS`."""

    letterhead: Letterhead
    title: str
    subscriber: str
    subscriber_name: str | None
    month: str
    facts: tuple[Fact, ...]
    rows: list[tuple[str, ...]]
    total: Fact
    notes: tuple[str, ...]


def sheet_of(bill: Bill, letterhead: Letterhead) -> Sheet:
    """Return the texts of `bill` under `letterhead`."""
    month = _month_text(bill.period)
    return Sheet(
        letterhead=letterhead,
        title=f"Conta telefônica de {month}",
        subscriber=number_text(bill.subscriber),
        subscriber_name=bill.subscriber_name,
        month=month,
        facts=(
            Fact("Chamadas", str(bill.call_count)),
            Fact("Duração total", duration_text(bill.total_duration_seconds)),
        ),
        rows=[
            (
                _date_text(call.started_at) + ("*" if call.is_late else ""),
                call.started_at.time().isoformat("seconds"),
                number_text(call.line.destination),
                duration_text(call.duration_seconds),
                reais(call.line.price),
            )
            for call in bill.calls
        ],
        total=Fact("Total", reais(bill.total)),
        notes=tuple(_notes(bill)),
    )


def number_text(number: str) -> str:
    """Return a telephone number as `(99) 98852-6423`; a pseudonym stays as it is."""
    if not is_telephone_number(number):
        return number
    return f"({number[:2]}) {number[2:-4]}-{number[-4:]}"


def _notes(bill: Bill) -> Iterator[str]:
    if any(line.priced_at >= bill.closed_at for line in bill.lines):
        yield _LATE
    if bill.unpriced_calls == 1:
        yield "Falta nesta conta 1 chamada que começou no mês, cujo fim ainda não chegou."
    elif bill.unpriced_calls:
        yield (
            f"Faltam nesta conta {bill.unpriced_calls} chamadas que começaram no mês, cujo fim"
            " ainda não chegou."
        )
    if bill.lines:
        yield f"Datas e horas no fuso {bill.zone.key}."
        yield f"Tarifa: {', '.join(tariff.name for tariff in bill.tariffs)}."
    yield _NOT_FISCAL


def _month_text(period: BillingPeriod) -> str:
    return f"{_MONTHS[period.month - 1]} de {period.year}"


def _date_text(local: datetime) -> str:
    return f"{local.day:02d}/{local.month:02d}/{local.year}"
