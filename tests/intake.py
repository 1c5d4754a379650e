"""The intake, called as the API calls it."""

import json
from datetime import UTC, datetime

from app.api.readers import read_body
from app.limits.deadline import Deadline
from app.schemas.call_records import CallRecordReader
from app.services import ingestion

NOW = datetime(2018, 2, 3, tzinfo=UTC)


def accept(app, *records, now=NOW):
    """Take the records as the API would, and give the outcomes."""
    pricing = app.extensions["pulso_pricing"]
    body = read_body(json.dumps(records).encode(), CallRecordReader(pricing.billing_zone), now)
    with app.app_context():
        return ingestion.accept(
            body.deliveries, pricing=pricing, received_at=now, deadline=Deadline.start()
        )


def verdicts(outcomes):
    return [outcome.reason or outcome.verdict for outcome in outcomes]
