"""The files of the project."""

from pathlib import Path

HOME = Path(__file__).resolve().parent.parent.parent


def text(name):
    return (HOME / name).read_text()
