"""How records, calls and suspended records are written in answers: plain values for JSON."""

import base64
from datetime import timedelta
from typing import Any

from app.domain.audit import AuditLine
from app.domain.bill import duration_text
from app.domain.call import Call
from app.domain.call_record import CallRecord, StartRecord, instant_text
from app.domain.money import decimal_text, exact_text, reais
from app.domain.rating import RatedCall
from app.domain.subscriber import Subscriber
from app.domain.suspense import SuspendedRecord
from app.services.calls import CallDetails

Json = dict[str, Any]


def record_json(record: CallRecord) -> Json:
    """Give a record as it was read."""
    said: Json = {
        "id": record.record_id,
        "type": "start" if isinstance(record, StartRecord) else "end",
        "timestamp": instant_text(record.timestamp),
        "call_id": record.call_id,
    }
    if isinstance(record, StartRecord):
        said |= {"source": record.source, "destination": record.destination}
    return said | {"received_at": instant_text(record.received_at)}


def call_summary_json(call: Call) -> Json:
    """Give a call's state, and its price if it has one."""
    said: Json = {"call_id": call.call_id, "state": call.state}
    if call.price is not None:
        said |= {"price": reais(call.price.cents), "amount": decimal_text(call.price.cents)}
    return said


def call_json(call: Call) -> Json:
    """Give a call with both halves, as far as they are there."""
    return call_summary_json(call) | {
        "start": call.start and record_json(call.start),
        "end": call.end and record_json(call.end),
    }


def call_details_json(details: CallDetails) -> Json:
    """Give a call, and for a priced one what its price is made of."""
    call, tariff, breakdown = details
    said = call_json(call)
    if call.price is None or call.duration is None or tariff is None or breakdown is None:
        return said
    seconds = call.duration.days * 86_400 + call.duration.seconds
    return said | {
        "currency": tariff.currency,
        "duration": duration_text(seconds),
        "duration_seconds": seconds,
        "period": str(call.price.period),
        "priced_at": instant_text(call.price.priced_at),
        "tariff": {"id": tariff.tariff_id, "name": tariff.name},
        "breakdown": breakdown_json(breakdown),
    }


def price_preview_json(rated: RatedCall) -> Json:
    """Give what a call would cost, and what that is made of."""
    seconds = (rated.ended_at - rated.started_at) // timedelta(seconds=1)
    return {
        "started_at": instant_text(rated.started_at),
        "ended_at": instant_text(rated.ended_at),
        "price": reais(rated.price),
        "amount": decimal_text(rated.price),
        "currency": rated.tariff.currency,
        "duration": duration_text(seconds),
        "duration_seconds": seconds,
        "tariff": {"id": rated.tariff.tariff_id, "name": rated.tariff.name},
        "breakdown": breakdown_json(rated),
    }


def breakdown_json(rated: RatedCall) -> Json:
    """Give the parts of a price: standing charge and stretches; `amount` is their exact sum."""
    zone = rated.tariff.zone
    return {
        "standing_charge": exact_text(rated.standing_band.standing_charge),
        "segments": [
            {
                "band": segment.band.name,
                "from": segment.started_at.astimezone(zone).isoformat(),
                "to": segment.ended_at.astimezone(zone).isoformat(),
                "seconds": segment.seconds,
                "charged_minutes": segment.charged_minutes,
                "minute_rate": exact_text(segment.band.minute_rate),
                "amount": exact_text(segment.amount),
            }
            for segment in rated.segments
        ],
        "amount": exact_text(rated.amount),
    }


def suspended_json(record: SuspendedRecord) -> Json:
    """Give what is known of a suspended record, without its bytes."""
    return {
        "suspense_id": record.content_hash.hex(),
        "state": record.state,
        "reason": record.reason,
        "errors": record.errors,
        "times_seen": record.times_seen,
        "received_at": instant_text(record.received_at),
        "last_received_at": instant_text(record.last_received_at),
        "resolved_at": record.resolved_at and instant_text(record.resolved_at),
        "resolution": record.resolution,
        "note": record.note,
    }


def received_json(received: bytes) -> Json:
    """Give the bytes that were received: exactly, and as text where they are UTF-8."""
    try:
        text = received.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    return {"received_text": text, "received_base64": base64.b64encode(received).decode()}


def audit_line_json(line: AuditLine) -> Json:
    """Give one line of the audit log."""
    return {
        "id": line.line_id,
        "happened_at": instant_text(line.happened_at),
        **line.deed._asdict(),
    }


def subscriber_json(subscriber: Subscriber) -> Json:
    """Give a number and its name."""
    return subscriber._asdict()
