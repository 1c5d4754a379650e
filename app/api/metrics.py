"""`/metrics`: the counters of the workers and the backlog in the database, for Prometheus."""

from collections.abc import Iterable
from datetime import UTC, datetime

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.core import GaugeMetricFamily, Metric

from app.api.observability import metrics
from app.api.operation import Answer, Operation
from app.api.requests import deadline
from app.domain.backlog import Backlog
from app.domain.errors import Unavailable
from app.domain.key import Scope
from app.services.backlog import read_backlog

blueprint = Blueprint("metrics", __name__, url_prefix="/metrics")


@blueprint.get("")
@Operation(
    scope=Scope.READ_METRICS,
    answers={200: Answer("The metrics.", {"text/plain": {"type": "string"}})},
)
def show_metrics() -> Response:
    """Get all metrics; without a database, those that do not need it."""
    try:
        waiting = backlog_metrics(read_backlog(deadline=deadline()), datetime.now(UTC))
    except Unavailable:
        waiting = []
    others = [build_info(current_app.extensions["pulso_version"]), *waiting]
    return Response(metrics().exposition(others), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def build_info(version: str) -> Metric:
    """Return the version of this release as a label of a gauge that is always 1."""
    info = GaugeMetricFamily("pulso_build_info", "Always 1: the release.", labels=["version"])
    info.add_metric([version], 1)
    return info


def backlog_metrics(backlog: Backlog, now: datetime) -> Iterable[Metric]:
    """Return the backlog as gauges."""
    calls = GaugeMetricFamily(
        "pulso_open_calls",
        "Calls without a price by state, of the oldest 100,000; awaiting-price should be none.",
        labels=["state"],
    )
    for state, count in backlog.open_calls.items():
        calls.add_metric([state], count)
    contested = GaugeMetricFamily(
        "pulso_contested_calls",
        "Open calls whose missing half waits until a person settles them, of the oldest 100,000.",
        value=backlog.contested_calls,
    )
    age = GaugeMetricFamily(
        "pulso_oldest_open_call_age_seconds",
        "Seconds since the half of the oldest open call happened; 0 without open calls.",
        value=_age_seconds(backlog.oldest_open_at, now),
    )
    suspense = GaugeMetricFamily(
        "pulso_suspense_open",
        "Records that wait in suspense by reason, counted up to 100,000 each.",
        labels=["reason"],
    )
    for reason, count in backlog.suspense.items():
        suspense.add_metric([reason], count)
    return [calls, contested, age, suspense]


def _age_seconds(instant: datetime | None, now: datetime) -> float:
    # The timestamp of a half may be ahead of the server's clock.
    return max((now - instant).total_seconds(), 0) if instant else 0
