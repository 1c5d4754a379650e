"""Writes the released OpenAPI document, `docs/openapi.json`, unless that would break clients."""

import json
import sys
from pathlib import Path
from typing import Any

from app.api.openapi.document import openapi_document
from tests.contract.compatibility import breaking_changes
from tests.routes import the_app

RELEASED = Path(__file__).resolve().parent.parent.parent / "docs" / "openapi.json"


def current() -> dict[str, Any]:
    """The document of the code as it is, as a client gets it."""
    document: dict[str, Any] = json.loads(json.dumps(openapi_document(the_app())))
    return document


def release() -> None:
    document = current()
    changes = breaking_changes(json.loads(RELEASED.read_text()), document)
    if changes:
        sys.exit("\n".join(["Not written: this would break clients.", *changes]))
    document = in_order_of(json.loads(RELEASED.read_text()), document)
    RELEASED.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def in_order_of(old: Any, new: Any) -> Any:
    """Return `new` with the members of objects in the order of `old`: a diff shows changes only."""
    if isinstance(new, list):
        place_of = dict(enumerate(old if isinstance(old, list) else ()))
        return [in_order_of(place_of.get(place), each) for place, each in enumerate(new)]
    if not isinstance(new, dict):
        return new
    before = old if isinstance(old, dict) else {}
    names = [
        *(name for name in before if name in new),
        *(name for name in new if name not in before),
    ]
    return {name: in_order_of(before.get(name), new[name]) for name in names}


if __name__ == "__main__":
    release()
