"""The version of the service is that of the newest release in the changelog."""

import re

import app
from tests.house.tree import text


def test_the_version_is_the_newest_release_of_the_changelog():
    releases = re.findall(r"^## (\d+\.\d+\.\d+) ", text("CHANGELOG.md"), re.MULTILINE)

    assert releases[0] == app.__version__
