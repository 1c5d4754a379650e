"""Which cores the workers run on, under gunicorn itself."""

import os
import signal

import psutil
import pytest

from tests.concurrency.single_records import wait_until
from tests.e2e.procfile import NOWHERE, ask, web


@pytest.fixture
def cores():
    """The cores that a service started now may use, two at the most."""
    before = os.sched_getaffinity(0)
    few = set(sorted(before)[:2])
    os.sched_setaffinity(0, few)
    yield few
    os.sched_setaffinity(0, before)


def settled(server, workers, without=()):
    """Wait for so many `workers` of which none is one of `without`; give them."""
    found = []

    def is_settled():
        found[:] = psutil.Process(server.pid).children()
        return len(found) == workers and not set(found) & set(without)

    wait_until(is_settled)
    return found


def cores_of(workers):
    """The cores of each worker; wait for each to have threads, which have the same."""
    found = []
    for worker in workers:
        wait_until(lambda worker=worker: len(worker.threads()) > 1)
        [of_all_threads] = {frozenset(os.sched_getaffinity(each.id)) for each in worker.threads()}
        found.append(set(of_all_threads))
    return sorted(found, key=min)


def test_with_a_core_for_each_worker_each_keeps_to_its_own_and_so_do_those_that_follow(cores):
    with web(NOWHERE, WEB_CONCURRENCY=str(len(cores))) as (server, port):
        ask(port, "/health/live")
        each_its_own = [{core} for core in sorted(cores)]
        first = settled(server, len(cores))
        assert cores_of(first) == each_its_own

        first[0].kill()
        second = settled(server, len(cores), without=first[:1])
        assert cores_of(second) == each_its_own

        server.send_signal(signal.SIGHUP)
        assert cores_of(settled(server, len(cores), without=second)) == each_its_own
        assert os.sched_getaffinity(server.pid) == cores


def test_with_more_workers_than_cores_all_of_them_run_anywhere(cores):
    workers = len(cores) + 1
    with web(NOWHERE, WEB_CONCURRENCY=str(workers)) as (server, port):
        ask(port, "/health/live")
        assert cores_of(settled(server, workers)) == [cores] * workers
