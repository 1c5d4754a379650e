"""A worker whose single records wait for each other."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.services import single_intake
from app.services.judgement import Judgement
from tests.concurrency.single_records import NOW, accept, led_by_another, wait_until


@pytest.fixture
def intake(app, monkeypatch):
    """The intake of a worker that has just begun; nobody gives up waiting for who leads."""
    monkeypatch.setattr("app.limits.times.LEAD_SECONDS_MAX", 60)
    intake = single_intake.SingleIntake(app.extensions["pulso_pricing"])
    monkeypatch.setitem(app.extensions, "pulso_single_intake", intake)
    return intake


@pytest.fixture
def accept_together(app, intake):
    """Have each of some records wait on a thread, in their order; give what became of them."""

    def accept_together(*records, instants=None):
        instants = instants or [NOW] * len(records)
        with ThreadPoolExecutor(len(records)) as threads:
            with led_by_another(intake):
                posted = []
                for record, now in zip(records, instants, strict=True):
                    posted.append(threads.submit(accept, app, intake, record, now))
                    wait_until(lambda: len(intake._waiting) == len(posted))
            return [each.result(timeout=20) for each in posted]

    return accept_together


def nothing():
    pass


class Attempts(list):
    """The ids of the records in each attempt, and what happens once before and after one."""

    before = after = staticmethod(nothing)

    def happens(self, name):
        action = getattr(self, name)
        setattr(self, name, nothing)
        action()


@pytest.fixture
def attempts(monkeypatch):
    """All attempts to store some records."""
    store, judged = Judgement.store, Attempts()

    def storing(judgement):
        judged.append([delivery.record.record_id for delivery in judgement._deliveries])
        judged.happens("before")
        outcomes = store(judgement)
        judged.happens("after")
        return outcomes

    monkeypatch.setattr(Judgement, "store", storing)
    return judged
