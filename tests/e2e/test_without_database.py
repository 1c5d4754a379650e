"""A service whose threads all wait for a database that is away, with more requests behind them."""

import time
from concurrent.futures import ThreadPoolExecutor

from tests.e2e.procfile import NOWHERE, ask, web
from tests.factories import a_start, bytes_of

ANSWER_SECONDS_MAX = 25


def timed(*asked):
    begin = time.monotonic()
    status, answer = ask(*asked)
    return status, time.monotonic() - begin, answer


def test_all_are_told_in_time_and_health_at_once():
    with (
        web(NOWHERE, WEB_CONCURRENCY="1", WEB_THREADS="1") as (_, port),
        ThreadPoolExecutor() as clients,
    ):
        assert ask(port, "/health/live")[0] == 200
        posts = [
            clients.submit(timed, port, "/v1/call-records", bytes_of(a_start(each)), "key.secret")
            for each in ("70", "71", "72")
        ]
        time.sleep(1)
        live = [timed(port, "/health/live") for _ in range(5)]
        unready = timed(port, "/health/ready")
        told = [each.result() for each in posts]

    assert [status for status, *_ in live] == [200] * 5
    assert max(seconds for _, seconds, _ in live) < 1
    assert unready[0] == 503
    assert unready[1] < 5
    assert [status for status, *_ in told] == [503] * 3
    assert max(seconds for _, seconds, _ in told) < ANSWER_SECONDS_MAX
