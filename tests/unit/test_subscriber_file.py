"""A file of subscribers: what is read in it, and which lines are told to be bad."""

import pytest

from app.cli.subscriber_file import read_subscribers

ANA, BIA = ("11987654321", "Ana"), ("1133334444", "Bia")


@pytest.fixture
def read(tmp_path):
    """Reads a file of these bytes: the subscribers, and the bad lines."""

    def read_bytes(content):
        path = tmp_path / "subscribers.csv"
        path.write_bytes(content)
        return read_subscribers(path)

    return read_bytes


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"number,name\n11987654321,Ana\n1133334444,Bia\n", id="plain"),
        pytest.param(b"number,name\r\n11987654321,Ana\r\n1133334444,Bia", id="cr-lf-and-no-end"),
        pytest.param(b"number,name\r11987654321,Ana\r1133334444,Bia\r", id="cr"),
        pytest.param(b"number;name\n11987654321;Ana\n1133334444;Bia\n", id="semicolons"),
        pytest.param(b"\xef\xbb\xbfnumber,name\n11987654321,Ana\n1133334444,Bia\n", id="bom"),
        pytest.param(b'"number","name"\n"11987654321","Ana"\n1133334444,"Bia"\n', id="quoted"),
        pytest.param(
            b" Name ,x,NUMBER\nAna,1,11987654321\n\n Bia ,,1133334444\n\n", id="any-order"
        ),
        pytest.param(
            b"number,name\n11987654321,Ana\n1133334444,Bia\n11987654321,Ana \n", id="said-again"
        ),
    ],
)
def test_these_say_the_same(read, content):
    assert read(content) == ([ANA, BIA], [])


def test_a_field_in_quotes_holds_delimiters_and_quotes(read):
    [subscriber], bad_lines = read(b'number,name\n11987654321,"Souza, Ana ""Nina"""\n')

    assert (subscriber.name, bad_lines) == ('Souza, Ana "Nina"', [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"11987654321", "has 1 fields"),
        (b"11987654321,Ana,x", "has 3 fields"),
        (b" ", "has 1 fields"),
        (b"01987654321,Ana", "number: must be 10 or 11 digits"),
        (b" 1133334444,Ana", "number: must be 10 or 11 digits"),
        (b"1.1E+10,Ana", "number: must be 10 or 11 digits"),
        (b"\xef\xbc\x91133334444,Ana", "number: must be 10 or 11 digits"),
        (b"1133334444,", "name: must have 1 to 200 characters"),
        (b"1133334444," + b"x" * 201, "name: must have 1 to 200 characters"),
        (b"1133334444,Jos\xe9", "name: must be text without"),
        (b"1133334444,A\x00na", "name: must be text without"),
        (b'1133334444,"A\nna"', "name: must be text without"),
        (b'1133334444,"Ana"x', "is not valid CSV"),
        (b"1133334444," + b"x" * 200_000, "is not valid CSV"),
        (b"11987654320,Bia", "number: has another name in line 2"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_bad_line_is_told_with_its_number_and_reason(read, line, reason):
    content = b"number,name\n11987654320,Ana\n" + line + b"\n\n11987654322,Bia\n1,Ana\n"

    _, [bad, last] = read(content)

    assert bad.number == 3
    assert bad.reason.startswith(reason)
    assert last.number == 6 + line.count(b"\n")


def test_a_quote_that_stays_open_is_told_where_it_opens(read):
    _, bad_lines = read(b'number,name\n11987654320,Ana\n11987654321,"Bia\n11987654322,Eva\n')

    assert [line for line, _ in bad_lines] == [3]


@pytest.mark.parametrize(
    "header",
    [
        *(b"", b"\n", b"11987654321,Ana", b"number", b"name;numbers", b"number,name,name"),
        *(b"number\tname", b'"number,name', "number,name".encode("utf-16")),
    ],
)
def test_a_file_without_its_header_is_no_file_of_subscribers(read, header):
    named, [bad] = read(header + b"\n11987654321,Ana\n")

    assert (named, bad.number) == ([], 1)
    assert "header" in bad.reason
