"""The README shows what really happens."""

import json
import re
import subprocess
from pathlib import Path

from tests.e2e.running import running

README = Path(__file__).resolve().parent.parent.parent / "README.md"


def test_each_curl_of_the_readme_gets_the_answer_shown(tmp_path):
    shown = re.findall(r"^\$ (curl .*)\n(.*)$", README.read_text(), re.MULTILINE)
    assert len(shown) == 3

    with running(tmp_path) as service:
        for command, answer in shown:
            here = command.replace("http://127.0.0.1:8000", service.address)
            printed = subprocess.check_output(here.replace("curl", "curl -s", 1), shell=True)
            assert json.loads(printed) == json.loads(answer)
