"""`./pulso-server psql`: the prompt, on the database of the service."""

import subprocess
import sys

from tests.e2e.procfile import platform
from tests.e2e.running import HOME


def test_psql_runs_on_the_services_database(database):
    done = subprocess.run(
        [sys.executable, "-m", "app", "psql"],
        cwd=HOME,
        env=platform(database.url) | {"PSQLRC": "/dev/null"},
        input="SELECT current_database();\n",
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert database.url.rpartition("/")[2].partition("?")[0] in done.stdout
