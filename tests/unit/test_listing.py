"""Lists are columns for people and JSON lines for programs."""

import json

import pytest

from app.cli.listing import print_rows

ROWS = [
    {"id": 7, "last_used": None, "name": "a long name"},
    {"id": 12, "last_used": "2018-01-03", "name": "b"},
]


def test_columns_are_aligned_under_their_header(capsys):
    print_rows(ROWS, as_json=False)

    assert capsys.readouterr().out.splitlines() == [
        "id  last used   name",
        " 7  -           a long name",
        "12  2018-01-03  b",
    ]


def test_a_program_reads_an_object_from_each_line(capsys):
    print_rows(ROWS, as_json=True)

    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == ROWS


@pytest.mark.parametrize("as_json", [True, False])
def test_without_rows_nothing_is_printed(capsys, as_json):
    print_rows([], as_json=as_json)

    assert capsys.readouterr().out == ""


def test_a_long_list_has_one_header_and_every_row(capsys):
    print_rows(({"id": number} for number in range(2_500)), as_json=False)

    header, *rows = capsys.readouterr().out.splitlines()
    assert (header.strip(), [int(row) for row in rows]) == ("id", list(range(2_500)))
