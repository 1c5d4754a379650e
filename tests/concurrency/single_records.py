"""Records taken as the API takes those that are posted singly."""

import time
from contextlib import contextmanager
from datetime import UTC, datetime

from app.api.readers import read_body
from app.limits.deadline import Deadline
from app.schemas.call_records import CallRecordReader
from tests.factories import bytes_of

NOW = datetime(2018, 2, 3, tzinfo=UTC)


def accept(app, intake, record, now=NOW, deadline=None):
    """Have the intake of a worker take a record; give what became of it."""
    reader = CallRecordReader(app.extensions["pulso_pricing"].billing_zone)
    [delivery] = read_body(bytes_of(record), reader, now).deliveries
    with app.app_context():
        return intake.accept(delivery, now, deadline=deadline or Deadline.start())


@contextmanager
def led_by_another(intake):
    """Have single records wait, as if one were at the database; then the first of them leads."""
    intake.is_led = True
    try:
        yield
    finally:
        with intake._lock:
            intake._pass_lead()


def wait_until(is_so):
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def verdicts(outcomes):
    return [outcome.reason or outcome.verdict for outcome in outcomes]
