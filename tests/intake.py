"""The intake, called as the API calls it."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from flask import Flask

from app.api.readers import read_body
from app.domain.delivery import Outcome
from app.limits.deadline import Deadline
from app.schemas.call_records import CallRecordReader
from app.services import ingestion
from app.services.pricing import Pricing
from tests.factories import Json

NOW = datetime(2018, 2, 3, tzinfo=UTC)


def accept(app: Flask, *records: Json, now: datetime = NOW) -> list[Outcome]:
    """Take the records as the API would, and give the outcomes."""
    pricing: Pricing = app.extensions["pulso_pricing"]
    body = read_body(json.dumps(records).encode(), CallRecordReader(pricing.billing_zone), now)
    with app.app_context():
        return ingestion.accept(
            body.deliveries, pricing=pricing, received_at=now, deadline=Deadline.start()
        )


def verdicts(outcomes: Iterable[Outcome]) -> list[str]:
    return [outcome.reason or outcome.verdict for outcome in outcomes]
