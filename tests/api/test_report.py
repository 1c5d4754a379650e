"""What a sender of many records is told: where in its file each failure stands, and no more."""

import pytest

from tests.factories import a_start, an_end, bytes_of

HEADER = b"id,type,timestamp,call_id,source,destination\n"


def row(number, source="11987654321"):
    return f"{number},start,2018-01-03T14:18:05Z,{number},{source},1133334444\n".encode()


def results(client, body, query=""):
    return client.post(f"/v1/call-records{query}", data=body).json["results"]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        pytest.param(HEADER + row(1) + row(2, "190") + row(3, "190"), [3, 4], id="csv"),
        pytest.param(HEADER + b"\n\n" + row(1, "190") + b"\n" + row(2, "190"), [4, 6], id="blank"),
        pytest.param(b"sep=,\n# ours\n" + HEADER + row(1, "190"), [4], id="preamble"),
        pytest.param(b"\n\n" + HEADER + row(1, "190"), [4], id="blank-lines-before"),
        pytest.param(
            HEADER + b'1,start,x,1,"a\nb\nc",1133334444\n' + row(2, "190"), [2, 5], id="quoted"
        ),
        pytest.param((HEADER + row(1, "190")).replace(b"\n", b"\r"), [2], id="returns"),
        pytest.param(
            b"\n".join([bytes_of(a_start("1")), b"", b"{}", bytes_of(an_end("2")), b"{}"]),
            [3, 5],
            id="ndjson",
        ),
    ],
)
def test_each_failure_names_its_line_of_the_file(client, body, lines):
    assert [each["line"] for each in results(client, body)] == lines


def test_an_array_has_no_lines(client):
    [failure] = results(client, b"[\n{}]")

    assert failure["index"] == 0
    assert "line" not in failure


def test_a_report_of_failures_leaves_duplicates_out_and_counts_them(client):
    rows = [row(number) for number in range(20)]
    client.post("/v1/call-records", data=HEADER + b"".join(rows))

    report = client.post(
        "/v1/call-records?report=failures", data=HEADER + b"".join(rows) + row(99, "190")
    ).json

    assert (report["duplicate"], report["suspended"]) == (20, 1)
    assert [(each["index"], each["line"]) for each in report["results"]] == [(20, 22)]


@pytest.mark.parametrize("query", ["?report=", "?report=all", "?report=failures&report=x"])
def test_no_value_of_it_loses_a_record(client, query):
    assert client.post(f"/v1/call-records{query}", json=[a_start("70")]).json["stored"] == 1
