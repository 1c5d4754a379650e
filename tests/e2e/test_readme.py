"""The README shows what really happens."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.e2e.running import running

README = Path(__file__).resolve().parent.parent.parent / "README.md"


def test_each_curl_of_the_readme_gets_the_answer_shown(tmp_path):
    shown = re.findall(r"^\$ (curl .*)\n(.*)$", README.read_text(), re.MULTILINE)
    assert len(shown) == 3

    with running(tmp_path, API_AUTH="required") as service:
        [key] = re.findall(r"export (PULSO_KEY)=(\S+)", service.printed)
        for command, answer in shown:
            here = command.replace("http://127.0.0.1:8000", service.address)
            printed = subprocess.check_output(
                here.replace("curl", "curl -s", 1), shell=True, env=os.environ | dict([key])
            )
            assert json.loads(printed) == json.loads(answer)


def test_the_first_key_is_shown_once_and_is_the_way_in(tmp_path):
    with running(tmp_path, API_AUTH="required") as service:
        [key] = re.findall(r"PULSO_KEY=(\S+)", service.printed)
        with pytest.raises(OSError, match="401"):
            service.ask("/v1/audit")
        service.stop()
    with running(tmp_path, API_AUTH="required") as again:
        assert key not in again.printed
        with pytest.raises(OSError, match="401"):
            again.ask("/v1/audit")
