"""Contested calls: a half that may belong to either of two calls is not paired (rule 3)."""

import pytest

from tests.api.contesting import (
    JANUARY,
    JANUARY_END,
    MARCH,
    MARCH_END,
    contested,
    post,
    state_of,
)
from tests.api.retrying import retry
from tests.factories import a_start, an_end, bytes_of
from tests.suspending import suspend


def test_the_end_of_one_call_is_not_paired_with_the_start_of_another(client):
    _, march, end = post(client, JANUARY, MARCH, MARCH_END)

    assert (march.status_code, march.json["code"]) == (409, "conflicting-record")
    assert (end.status_code, end.json["code"], end.json["kept"]) == (409, "contested-call", True)
    call = client.get("/v1/calls/70").json
    assert (call["state"], call["contested"]) == ("awaiting-end", True)
    assert call["suspended_records"] == [
        {"suspense_id": march.json["suspense_id"], "reason": "conflicting-record"},
        {"suspense_id": end.json["suspense_id"], "reason": "contested-call"},
    ]


@pytest.mark.parametrize("filling", [0, 20], ids=["few", "many"])
@pytest.mark.parametrize(
    "batches",
    [
        pytest.param([[JANUARY, MARCH, MARCH_END]], id="together"),
        pytest.param([[MARCH_END, JANUARY, MARCH]], id="together-the-end-first"),
        pytest.param([[JANUARY], [MARCH_END, MARCH]], id="the-end-before-the-conflict"),
        pytest.param([[JANUARY], [MARCH], [MARCH_END]], id="one-by-one"),
        pytest.param([[JANUARY], [MARCH], [MARCH, MARCH_END]], id="the-conflict-again"),
    ],
)
def test_in_batches_too(client, database, batches, filling):
    for number, batch in enumerate(batches):
        others = [a_start(f"filling {number} {each}") for each in range(filling)]
        client.post("/v1/call-records", json=[*batch, *others])

    assert state_of(client, "70")[:2] == ("awaiting-end", True)
    assert database.rows("SELECT reason FROM suspense ORDER BY 1") == [
        ("conflicting-record",),
        ("contested-call",),
    ]


def test_a_lost_start_is_the_same_the_other_way_round(client):
    _, _, start = post(client, JANUARY_END, MARCH_END, JANUARY)

    assert start.json["code"] == "contested-call"
    assert state_of(client, "70")[:2] == ("awaiting-start", True)


def test_two_switches_that_share_an_id_are_not_mixed(client):
    other = a_start("70", "2018-01-03T14:18:05Z", source="11912345678")

    _, _, end = post(client, JANUARY, other, JANUARY_END)

    assert end.json["code"] == "contested-call"


def test_a_repeat_with_jitter_keeps_nobody_from_pairing(client):
    jitter = a_start("70", "2018-01-03T14:18:06Z")

    _, conflict, end = post(client, JANUARY, jitter, JANUARY_END)

    assert conflict.json["code"] == "conflicting-record"
    assert (end.status_code, end.json["call"]["price"]) == (201, "R$ 3,96")


def test_a_conflict_with_a_priced_call_contests_nothing(client):
    *_, march = post(client, JANUARY, JANUARY_END, MARCH)

    assert march.json["code"] == "conflicting-record"
    assert state_of(client, "70") == ("priced", False, "3.96")


def test_until_it_is_settled_a_retry_changes_nothing(client):
    _, end = contested(client)

    answer = retry(client, end)

    assert (answer.status_code, answer.json["code"]) == (409, "contested-call")


def test_writing_the_conflict_off_ends_the_contest(client):
    _, march, end = post(client, JANUARY, MARCH, JANUARY_END)

    client.post(f"/v1/suspense/{march.json['suspense_id']}/write-off", json={"note": "a test call"})

    assert state_of(client, "70")[:2] == ("awaiting-end", False)
    assert retry(client, end.json["suspense_id"]).json["call"]["state"] == "priced"


def test_what_was_written_off_contests_nothing_when_it_comes_again(client):
    march, _ = contested(client)
    client.post(f"/v1/suspense/{march}/write-off", json={"note": "a test call"})

    post(client, MARCH)

    assert state_of(client, "70")[:2] == ("awaiting-end", False)


def test_a_correction_under_another_id_ends_the_contest(client):
    march, _ = contested(client)

    retry(client, march, MARCH | {"call_id": "71"})

    assert state_of(client, "70")[:2] == ("awaiting-end", False)
    assert state_of(client, "71")[:2] == ("awaiting-end", False)


def test_a_call_stays_contested_while_one_of_two_conflicts_is_open(client):
    march, _ = contested(client)
    [april] = post(client, a_start("70", "2018-04-01T10:00:00Z"))

    client.post(f"/v1/suspense/{march}/write-off", json={"note": "a test call"})
    assert state_of(client, "70")[1] is True

    client.post(f"/v1/suspense/{april.json['suspense_id']}/write-off", json={"note": "another"})
    assert state_of(client, "70")[1] is False


def test_a_correction_that_is_refused_contests_nothing(client, database):
    post(client, JANUARY)
    suspense_id = suspend(database, b"{", "unreadable-body")

    assert retry(client, suspense_id, MARCH).json["code"] == "conflicting-record"

    assert state_of(client, "70")[:2] == ("awaiting-end", False)


def test_a_conflict_that_an_older_release_kept_contests_its_call_once_it_is_retried(
    client, database
):
    post(client, JANUARY)
    suspense_id = suspend(database, bytes_of(MARCH), "conflicting-record")

    retry(client, suspense_id)

    assert state_of(client, "70")[:2] == ("awaiting-end", True)


def test_contested_calls_are_listed_and_counted(client):
    contested(client)
    post(client, a_start("71"), an_end("72"))

    def listed(state):
        return [call["call_id"] for call in client.get(f"/v1/calls?state={state}").json["calls"]]

    assert listed("contested") == ["70"]
    assert listed("awaiting-end") == ["70", "71"]
    assert listed("awaiting-start") == ["72"]
    assert listed("open") == ["70", "71", "72"]
    metrics = client.get("/metrics").text
    assert "pulso_contested_calls 1.0" in metrics
    assert 'pulso_suspense_open{reason="contested-call"} 1.0' in metrics


def test_an_open_call_names_the_suspended_record_that_would_complete_it(client):
    wrong = JANUARY | {"source": "190"}
    refused, _ = post(client, wrong, JANUARY_END)

    [listed] = client.get("/v1/calls?state=open").json["calls"]

    assert listed["suspended_records"] == [
        {"suspense_id": refused.json["suspense_id"], "reason": "invalid-record"}
    ]


def test_a_call_of_which_nothing_is_stored_names_its_suspended_records(client):
    [refused] = post(client, JANUARY | {"source": "190"})

    answer = client.get("/v1/calls/70")

    assert answer.status_code == 404
    assert refused.json["suspense_id"] in answer.json["detail"]


@pytest.mark.parametrize(
    ("first", "second", "errors"),
    [
        (JANUARY, MARCH, {"/timestamp": "2018-01-03T14:18:05Z", "/source": "another number"}),
        (JANUARY_END, MARCH_END, {"/timestamp": "the stored end has 2018-01-03T14:58:05Z"}),
        (
            JANUARY_END,
            a_start("70", "2018-01-04T00:00:00Z"),
            {"/timestamp": "the stored end has 2018-01-03T14:58:05Z"},
        ),
    ],
    ids=["start", "end", "ends-before-start"],
)
def test_a_contradiction_says_what_is_stored_but_no_number(client, first, second, errors):
    _, refused = post(client, first, second)

    found = {each["pointer"]: each["detail"] for each in refused.json["errors"][1:]}
    assert found.keys() == errors.keys()
    assert all(part in found[pointer] for pointer, part in errors.items())
    assert "99988526423" not in refused.text
