"""The documents, alarms and panels know the metrics that there are, and no others."""

import json
import re
from datetime import UTC, datetime

import pytest

from app.api.metrics import backlog_metrics, build_info
from app.domain.backlog import Backlog
from app.telemetry.metrics import Metrics
from tests.house.tree import HOME, text

_SUFFIXES = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"], "gauge": [""]}
_NAME = re.compile(r"\bpulso_[a-z_]+")


def metrics():
    return [
        *Metrics().registry.collect(),
        build_info("0"),
        *backlog_metrics(Backlog({}, 0, None, {}), datetime.now(UTC)),
    ]


def series_of(metric):
    return {metric.name + suffix for suffix in _SUFFIXES[metric.type]}


SERIES = set().union(*map(series_of, metrics()))
ALERTS = text("docs/monitoring/alerts.yml")
DASHBOARD = json.loads(text("docs/monitoring/grafana-dashboard.json"))
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


@pytest.mark.parametrize("metric", metrics(), ids=lambda metric: metric.name)
def test_a_metric_is_documented_and_shown(metric):
    documented = {"counter": "_total"}.get(metric.type, "")

    assert f"`{metric.name}{documented}`" in text("docs/operations/monitor.md")
    assert series_of(metric) & set(_NAME.findall(" ".join(QUERIES)))


def test_panels_and_alarms_ask_for_metrics_that_there_are():
    asked = re.findall(r"expr: (.+)", ALERTS) + QUERIES

    assert len(asked) > 20
    for each in asked:
        assert set(_NAME.findall(each)) <= SERIES, each


@pytest.mark.parametrize("alert", re.findall(r"- alert: (\w+)", ALERTS))
def test_an_alarm_is_documented(alert):
    assert f"`{alert}`" in text("docs/operations/monitor.md")


def test_the_dashboard_can_be_imported():
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert DASHBOARD["title"] and DASHBOARD["schemaVersion"]
    assert (HOME / "docs/monitoring/alerts.yml").read_text().startswith("#")
