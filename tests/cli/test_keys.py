"""`./pulso-server keys`: what it takes for a name and an id, and what it refuses."""

import pytest

BROKEN = "\udcff"  # What Python makes of a byte on the command line that is no UTF-8.


@pytest.fixture
def run(guarded_app):
    def run(*arguments):
        result = guarded_app.test_cli_runner().invoke(args=["keys", *arguments])
        return result.exit_code, result.output

    return run


@pytest.mark.parametrize(
    "name", ["", " ", f"b{BROKEN}", "pbx\n0  admin  never used  fake", "a\tb", "x" * 101]
)
def test_a_key_has_a_name_that_stands_in_one_line(run, database, name):
    status, output = run("create", "--scope", "ingest", "--name", name)

    assert status == 2
    assert "must be 1 to 100 printable characters" in output
    assert database.rows("SELECT FROM api_keys") == []


def test_a_name_loses_its_outer_spaces(run, database):
    status, _ = run("create", "--scope", "ingest", "--name", " São João ")

    assert status == 0
    assert database.rows("SELECT name FROM api_keys") == [("São João",)]


@pytest.mark.parametrize("key_id", [BROKEN, "nope", "ID", ""])
def test_what_is_no_id_is_no_live_key(run, key_id):
    status, output = run("revoke", key_id)

    assert status == 1
    assert output.startswith("Error: There is no live key")
