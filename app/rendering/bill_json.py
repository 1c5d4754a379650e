"""A bill as JSON: what staff read, and beside it what a machine reads."""

from typing import Any

from app.domain.bill import Bill, duration_text
from app.domain.money import decimal_text, reais


def bill_json(bill: Bill) -> dict[str, Any]:
    """Give the bill as plain values; dates and times are wall clock of the billing zone."""
    closed_at = bill.closed_at
    calls = []
    for line in bill.lines:
        started = line.started_at.astimezone(bill.zone)
        seconds = line.duration_seconds
        calls.append(
            {
                "call_id": line.call_id,
                "destination": line.destination,
                "start_date": started.date().isoformat(),
                "start_time": started.time().isoformat("seconds"),
                "duration": duration_text(seconds),
                "duration_seconds": seconds,
                "price": reais(line.price),
                "amount": decimal_text(line.price),
                "late": line.priced_at >= closed_at,
            }
        )
    return _head(bill) | {"calls": calls} | _totals(bill)


def bill_totals_json(bill: Bill) -> dict[str, Any]:
    """Give the bill without its calls."""
    return _head(bill) | _totals(bill)


def _head(bill: Bill) -> dict[str, Any]:
    return {
        "subscriber": bill.subscriber,
        "subscriber_name": bill.subscriber_name,
        "period": str(bill.period),
    }


def _totals(bill: Bill) -> dict[str, Any]:
    total, seconds = bill.total, bill.total_duration_seconds
    return {
        "call_count": len(bill.lines),
        "total_duration": duration_text(seconds),
        "total_duration_seconds": seconds,
        "total": reais(total),
        "total_amount": decimal_text(total),
        "currency": bill.currency,
        "tariffs": [{"id": each.tariff_id, "name": each.name} for each in bill.tariffs],
        "unpriced_calls": bill.unpriced_calls,
    }
