"""`POST /v1/suspense/{suspense_id}/write-off`, and the counts of what is open."""

import pytest

from tests.factories import a_start, bytes_of
from tests.suspending import audit_lines_of, state_of, suspend

NOTE = "A test call of ours.\nSeen by Ana."


def write_off(client, suspense_id, **body):
    return client.post(f"/v1/suspense/{suspense_id}/write-off", **body)


def test_what_is_written_off_is_resolved_and_keeps_the_note(client, database):
    suspense_id = suspend(database, b"{", "unreadable-body")

    answer = write_off(client, suspense_id, json={"note": f"  {NOTE} "})

    assert answer.status_code == 200
    assert answer.json["resolved_at"].endswith("Z")
    assert (
        answer.json.items()
        >= {
            "suspense_id": suspense_id,
            "state": "resolved",
            "resolution": "written-off",
            "note": NOTE,
        }.items()
    )
    [listed] = client.get("/v1/suspense?state=resolved").json["suspended_records"]
    assert listed == answer.json
    kept = {"state": "open", "reason": "unreadable-body", "resolution": None}
    assert audit_lines_of(database, suspense_id) == [
        (
            "unauthenticated",
            "suspense-written-off",
            kept,
            kept | {"state": "resolved", "resolution": "written-off", "note": NOTE},
        )
    ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"null", 400),
        (b'["note"]', 400),
        (b'"note"', 400),
        (b'{"note": NaN}', 400),
        (b'{"note": "\xff"}', 400),
        (b'{"note": "a"} x', 400),
        (b"[" * 10_000, 400),
        (b"\x1f\x8b", 400),
        (b"{}", 422),
        (b'{"note": null}', 422),
        (b'{"note": 7}', 422),
        (b'{"note": {"note": "a"}}', 422),
        (b'{"note": " "}', 422),
        (b'{"note": "a", "note": "b"}', 422),
        (b'{"note": "a\\u0000b"}', 422),
        (b'{"note": "\\ud800"}', 422),
        (b'{"note": "' + b"x" * 501 + b'"}', 422),
        (b'{"note": 1' + b"0" * 2_000 + b"}", 422),
        (b'{"note": "' + b"x" * 70_000 + b'"}', 413),
        (b" " * (2**24 + 1), 413),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_without_a_note_nothing_is_written_off(client, database, body, status):
    suspense_id = suspend(database, b"{", "unreadable-body")

    assert write_off(client, suspense_id, data=body).status_code == status
    assert state_of(database, suspense_id) == ("unreadable-body", None, None)


def test_what_is_resolved_cannot_be_written_off(client, database):
    stored_id = suspend(database, bytes_of(a_start()), "in-the-future")
    client.post(f"/v1/suspense/{stored_id}/retry")
    written_off_id = suspend(database, b"{", "unreadable-body")
    write_off(client, written_off_id, json={"note": NOTE})

    for suspense_id, resolution in ((stored_id, "stored"), (written_off_id, "written-off")):
        answer = write_off(client, suspense_id, json={"note": "another"})

        assert (answer.status_code, answer.json["code"]) == (409, "already-resolved")
        assert answer.json["resolution"] == resolution
    assert state_of(database, written_off_id)[2] == NOTE
    assert client.post(f"/v1/suspense/{written_off_id}/retry").status_code == 409


def test_the_open_ones_are_counted_by_reason(client, database):
    assert client.get("/v1/suspense/counts").json == {"open": {}}
    for received in (b"{", b"[", b"x"):
        suspend(database, received, "unreadable-body")
    written_off_id = suspend(database, b"", "invalid-record")
    suspend(database, b"{}", "invalid-record")
    write_off(client, written_off_id, json={"note": NOTE})

    assert client.get("/v1/suspense/counts").json == {
        "open": {"unreadable-body": 3, "invalid-record": 1}
    }
