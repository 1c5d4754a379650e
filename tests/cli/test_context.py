"""Who is at the command line, as the audit log writes it."""

import getpass
import os

import pytest

from app.cli.context import actor


@pytest.mark.parametrize("failure", [KeyError("no uid"), OSError("no username")])
def test_a_user_without_a_name_is_told_by_number(monkeypatch, failure):
    def getuser():
        raise failure

    monkeypatch.setattr(getpass, "getuser", getuser)

    assert actor() == f"cli:uid-{os.getuid()}"


def test_a_name_that_is_no_text_can_be_written(monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "b\udcff")

    assert actor() == "cli:b\\udcff"
