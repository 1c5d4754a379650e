"""The files that platforms read: they name what is there, and run it as it should be run."""

import json
import re

from tests.house.tree import text

SETTINGS = set(re.findall(r'environ(?:\.get\(|\[|, )"([A-Z_]+)"', text("app/settings.py")))
PROCFILE = dict(re.findall(r"^(\w+): (.*)$", text("Procfile"), re.MULTILINE))


def test_the_button_sets_nothing_but_settings():
    button = json.loads(text("app.json"))

    assert button["env"].keys() <= SETTINGS
    assert button["addons"] == ["heroku-postgresql:essential-0"]


def test_the_release_migrates_before_it_reconciles():
    assert [each.split()[-1] for each in PROCFILE["release"].split(" && ")] == [
        "migrate",
        "reconcile",
    ]


def test_containers_run_the_commands_of_the_procfile():
    [command] = re.findall(r"^CMD (.*)$", text("Dockerfile"), re.MULTILINE)

    assert " ".join(json.loads(command)) == PROCFILE["web"]
    assert f'"{PROCFILE["release"]}"' in text("compose.yaml")


def test_the_image_has_a_fixed_python_and_runs_without_rights():
    dockerfile = text("Dockerfile")
    version = text(".python-version").strip()

    assert f"FROM python:{version}-slim\n" in dockerfile
    user, command = dockerfile.index("\nUSER pulso\n"), dockerfile.index("\nCMD ")
    assert dockerfile.index("RUN pip") < user < command
    assert "--require-hashes" in dockerfile


def test_the_image_holds_nothing_but_what_runs():
    ignored, *kept = re.findall(r"^[*!].*$", text(".dockerignore"), re.MULTILINE)

    assert ignored == "*"
    copied = re.findall(r"^COPY (\S+) ", text("Dockerfile"), re.MULTILINE)
    assert kept == [*(f"!{each}" for each in copied), "**/__pycache__"]


def test_the_password_of_the_database_is_given_by_whoever_starts_it():
    compose = text("compose.yaml")

    assert re.findall(r"PASSWORD: (.*)", compose) == ["${POSTGRES_PASSWORD:?letters and digits}"]
    assert re.findall(r"//pulso:(.*)@", compose) == ["${POSTGRES_PASSWORD:?letters and digits}"]
