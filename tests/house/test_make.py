"""Targets of the Makefile that change files."""

import shutil
import subprocess

import pytest

from tests.house.tree import HOME


def run_make(place, *arguments):
    return subprocess.run(
        ["make", "--no-print-directory", "-o", ".venv/dev", *arguments],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path):
    """The files that writing a migration needs, in a place of their own."""
    for name in ("Makefile", "requirements-dev.txt", "requirements.txt"):
        shutil.copy(HOME / name, tmp_path)
    for name in ("migrations", "app"):
        shutil.copytree(HOME / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(HOME / ".venv")
    return tmp_path


def test_a_migration_gets_the_next_number_and_follows_the_last_one(copy):
    numbers = sorted(path.name[:4] for path in (copy / "migrations/versions").glob("[0-9]*.py"))
    following = f"{int(numbers[-1]) + 1:04}"

    done = run_make(copy, "migration", "NAME=add_a_column")

    assert done.returncode == 0, done.stderr
    written = (copy / f"migrations/versions/{following}_add_a_column.py").read_text()
    assert f'revision = "{following}"' in written.replace("'", '"')
    assert f'down_revision = "{numbers[-1]}"' in written.replace("'", '"')


@pytest.mark.parametrize("name", ["", "Add a column", "x", "9th"])
def test_a_migration_of_a_bad_name_is_refused_with_a_sentence(copy, name):
    before = set((copy / "migrations/versions").iterdir())

    done = run_make(copy, "migration", f"NAME={name}")

    assert done.returncode != 0
    assert "NAME must be 3 to 40 small letters" in done.stdout
    assert set((copy / "migrations/versions").iterdir()) == before
