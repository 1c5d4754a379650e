"""The files of the project."""

from pathlib import Path

HOME = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = sorted(
    [
        *HOME.glob("*.md"),
        *(path for room in ("app", "docs", "migrations") for path in (HOME / room).rglob("*.md")),
    ]
)


def text(name: str) -> str:
    return (HOME / name).read_text()
