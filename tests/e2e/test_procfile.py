"""The two commands of the Procfile, as a platform runs them."""

import json
import re
import signal
import socket
import time
import urllib.request
from contextlib import closing

import pytest

from tests.e2e.procfile import NOWHERE, ask, new_key, release, web
from tests.factories import a_pair, a_start, bytes_of

STOP_SECONDS_MAX = 25


@pytest.fixture
def limited(new_database):
    """A database whose owner may have few connections; gives its URL, and sets the limit."""
    database = new_database(revision="base")
    name = database.url.rpartition("/")[2].partition("?")[0]
    role = f"role_of_{name}"
    database.rows(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    database.rows(f'ALTER DATABASE "{name}" OWNER TO {role}')
    url = re.sub(r"//[^@/]*@", f"//{role}:secret@", database.url)
    yield url, lambda limit: database.rows(f"ALTER ROLE {role} CONNECTION LIMIT {limit}")
    database.rows(f'ALTER DATABASE "{name}" OWNER TO CURRENT_USER')
    database.rows(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_release_migrates_and_reconciles_and_then_the_service_serves(new_database):
    url = new_database(revision="base").url

    released = release(url)

    assert released.returncode == 0, released.stderr
    [*migrations, ran, reconciled] = released.stdout.splitlines()
    assert migrations[0].startswith("0001  ")
    assert ran.startswith(f"{len(migrations)} migrations were run; the schema is at revision ")
    assert reconciled == "Every complete call has its price."
    assert release(url).stdout.startswith("There was nothing to migrate; ")
    with web(url) as (_, port):
        assert ask(port, "/health/ready") == (200, {"status": "ready"})
        pair = json.dumps(a_pair("70", *["2018-01-03T14:18:05Z"] * 2)).encode()
        assert ask(port, "/v1/call-records", pair, new_key(url))[1]["calls_priced"] == 1


def test_a_release_without_its_database_fails():
    assert release(NOWHERE).returncode != 0


@pytest.mark.parametrize("workers_and_threads", [(1, 2), (2, 1), (5, 5)])
def test_more_connections_than_the_role_may_have_stop_the_start(limited, workers_and_threads):
    url, limit_to = limited
    limit_to(4)
    workers, threads = workers_and_threads
    needed = workers * (threads + 1) + 2
    sizes = {"WEB_CONCURRENCY": str(workers), "WEB_THREADS": str(threads)}

    with web(url, **sizes) as (process, _):
        _, told = process.communicate(timeout=30)

    assert process.returncode not in (0, None)
    assert (
        f"Pulso does not start: WEB_CONCURRENCY x (WEB_THREADS + 1) + 2 is {needed}, and"
        " the database allows 4 connections\n"
    ) in told
    assert "Traceback" not in told


def test_exactly_as_many_as_it_may_have_are_enough(limited):
    url, limit_to = limited
    assert release(url).returncode == 0
    limit_to(4)

    with web(url, WEB_CONCURRENCY="1", WEB_THREADS="1") as (_, port):
        assert ask(port, "/health/ready") == (200, {"status": "ready"})


def test_without_its_database_it_comes_up_and_says_that_it_is_not_ready():
    with web(NOWHERE) as (process, port):
        assert ask(port, "/health/live") == (200, {"status": "live"})
        assert ask(port, "/health/ready")[0] == 503
        assert process.poll() is None


def test_debugging_stops_the_start():
    with web(NOWHERE, FLASK_DEBUG="1") as (process, _):
        _, told = process.communicate(timeout=30)

    assert "Pulso does not start: FLASK_DEBUG is set" in told


def test_a_wrong_setting_ends_the_start_with_the_name_of_its_variable():
    with web(NOWHERE, CLOCK_SKEW_MAX="soon") as (process, _):
        _, printed = process.communicate(timeout=30)

    assert process.returncode == 1
    [line] = printed.strip().splitlines()
    assert "Pulso does not start: CLOCK_SKEW_MAX must be a whole number" in line


def test_contradicting_headers_of_proxies_are_no_matter_to_the_server():
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "off"}
    with web(NOWHERE) as (_, port):
        ask(port, "/health/live")
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/health/live", headers=headers)
        assert urllib.request.urlopen(asked, timeout=10).status == 200


def test_sigterm_ends_it_in_time_with_what_was_under_way_answered(new_database):
    """One client is silent, one drips, and one waits for a row that somebody else holds."""
    database = new_database()
    body = bytes_of(a_start("held"))
    head = (
        f"POST /v1/call-records HTTP/1.1\r\nHost: x\r\nX-API-Key: {new_key(database.url)}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    with web(database.url) as (process, port), database.connect() as holder:
        ask(port, "/health/ready")
        holder.set_session(autocommit=False)
        with holder.cursor() as statements:
            statements.execute(
                "INSERT INTO calls (call_id, end_record_id, ended_at, end_received_at)"
                " VALUES ('held', '1', '2018-01-03 15:00Z', now())"
            )
        with (
            closing(socket.create_connection(("127.0.0.1", port))),
            closing(socket.create_connection(("127.0.0.1", port))) as dripping,
            closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as waiting,
        ):
            dripping.sendall(head)
            waiting.sendall(head + body)
            time.sleep(1)

            process.send_signal(signal.SIGTERM)
            begin = time.monotonic()
            for byte in body[:4]:
                dripping.sendall(bytes([byte]))
                time.sleep(1)
            holder.commit()

            answer = waiting.recv(10_000)
            process.wait(STOP_SECONDS_MAX + 5)
            seconds = time.monotonic() - begin

    assert answer.startswith(b"HTTP/1.1 201")
    assert process.returncode == 0
    assert seconds < STOP_SECONDS_MAX
    assert database.rows("SELECT price_cents IS NOT NULL FROM calls") == [(True,)]


def test_a_service_that_stops_refuses_new_connections_and_finishes_what_has_begun(new_database):
    url = new_database().url
    key, record = new_key(url), bytes_of(a_start("70"))
    head = f"POST /v1/call-records HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\n"
    with web(url) as (process, port):
        assert ask(port, "/health/ready")[0] == 200
        with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as begun:
            begun.sendall(f"{head}Content-Length: {len(record)}\r\n\r\n".encode())
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            time.sleep(1)

            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=5)

            begun.sendall(record)
            assert begun.recv(65_536).startswith(b"HTTP/1.1 201")
        assert process.wait(STOP_SECONDS_MAX) == 0


@pytest.mark.parametrize("stops", [False, True], ids=["within-5-seconds", "at-the-stop"])
def test_the_first_use_of_a_key_is_noted(new_database, stops):
    database = new_database()
    key = new_key(database.url)
    with web(database.url) as (process, port):
        assert ask(port, "/v1/call-records", bytes_of(a_start("70")), key)[0] == 201
        if stops:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS_MAX)
        else:
            time.sleep(5)

        assert database.rows("SELECT last_used_at IS NOT NULL FROM api_keys") == [(True,)]
