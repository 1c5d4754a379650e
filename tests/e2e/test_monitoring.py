"""Log and metrics of a service of several workers: told as one."""

import json
import os
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.running import kill_all, running
from tests.factories import DESTINATION, SUBSCRIBER, a_start

# Whoever writes that call waits for what becomes of this.
THE_SAME_CALL = """
    INSERT INTO calls (call_id, end_record_id, ended_at, end_received_at)
    VALUES ('70', '1', '2018-01-03T15:00:00Z', now())
"""


def scrape(service):
    request = urllib.request.Request(
        service.address + "/metrics", headers={"X-API-Key": service.key}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(answer.read().decode())
            for sample in family.samples
        }


def workers_of(service, number):
    """The processes of the workers, once there are so many."""
    [server] = psutil.Process(service.process.pid).children()
    wait_until(lambda: len(server.children()) == number, "not so many workers")
    return server.children()


def wait_until(is_so, what):
    for _ in range(150):
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError(what)


def test_workers_count_together_and_what_the_dead_have_counted_stays(tmp_path, new_database):
    url = new_database().url.replace("+psycopg2", "")
    with running(tmp_path, DATABASE_URL=url, WEB_CONCURRENCY="2") as service:
        service.make_key(url)
        sent = 0
        for _ in range(2):
            workers = workers_of(service, 2)
            for _ in range(20):
                sent += 1
                service.ask("/v1/call-records", a_start(f"{sent}"))
            assert {stored(service) for _ in range(10)} == {sent}
            for each in workers:
                each.kill()
            psutil.wait_procs(workers)
        directory = directory_of(service)
        assert stored(service) == sent
        service.stop()
    assert not directory.exists()


def test_a_file_that_a_worker_died_making_hides_no_metrics(tmp_path, new_database):
    url = new_database().url.replace("+psycopg2", "")
    with running(tmp_path, DATABASE_URL=url, WEB_CONCURRENCY="2") as service:
        service.make_key(url)
        service.ask("/v1/call-records", a_start())
        [died, _] = workers_of(service, 2)
        (directory_of(service) / f"summary_{died.pid}.db").touch()
        died.kill()
        psutil.wait_procs([died])
        workers_of(service, 2)

        assert stored(service) == 1


def test_what_a_killed_service_has_left_goes_with_the_next_start(tmp_path, new_database):
    url = new_database().url.replace("+psycopg2", "")
    with running(tmp_path, DATABASE_URL=url) as service:
        left = directory_of(service)
        kill_all(service)

    with running(tmp_path, DATABASE_URL=url) as service, running(tmp_path, DATABASE_URL=url):
        assert not left.exists()
        assert directory_of(service).exists()


def directory_of(service):
    """Where the workers of a service count."""
    [found] = {
        Path(file.path).parent
        for worker in workers_of(service, 2)
        for file in worker.memory_maps()
        if "pulso-metrics-" in file.path
    }
    return found


def stored(service):
    return scrape(service)["pulso_records_total", "", "stored"]


def test_connections_in_use_are_those_of_all_workers_that_live(tmp_path, new_database):
    database = new_database()
    url = database.url.replace("+psycopg2", "")
    with (
        running(tmp_path, DATABASE_URL=url, WEB_CONCURRENCY="2", WEB_THREADS="6") as service,
        ThreadPoolExecutor(8) as senders,
        database.connect() as other,
        other.cursor() as statements,
    ):
        service.make_key(url)
        for end in ("given back", "killed"):
            statements.execute("BEGIN")
            statements.execute(THE_SAME_CALL)
            waiting = [senders.submit(service.ask, "/v1/call-records", a_start()) for _ in range(4)]
            wait_until(lambda: (in_use(service) or 0) >= 3, "never seen in use")
            if end == "killed":
                for each in workers_of(service, 2):
                    each.kill()
            else:
                statements.execute("ROLLBACK")
                assert {each.result()["call"]["call_id"] for each in waiting} == {"70"}
                database.wipe()
            wait_until(lambda: in_use(service) == 0, end)
        statements.execute("ROLLBACK")


def in_use(service):
    try:
        return scrape(service)["pulso_database_connections_in_use",]
    except OSError:  # Of a worker that was killed.
        return None


def test_all_that_is_printed_is_lines_of_json_without_numbers(tmp_path):
    with running(tmp_path) as service:
        greeting = service.printed
        for body in (a_start(), [a_start("71"), {"source": SUBSCRIBER}]):
            service.ask("/v1/call-records", body)
        service.ask(f"/v1/bills/{SUBSCRIBER}?period=2018-01")
        with os.fdopen(os.open(tmp_path / "printed", os.O_RDONLY)) as printed:
            printed.seek(len(greeting))
            service.stop()
            lines = [json.loads(line) for line in printed]

    routes = [line["route"] for line in lines if line["message"] == "request"]
    assert routes[-3:] == ["/v1/call-records", "/v1/call-records", "/v1/bills/<subscriber>"]
    assert "gunicorn.error" in {line["logger"] for line in lines}
    for number in (SUBSCRIBER, DESTINATION):
        assert number not in json.dumps(lines)
