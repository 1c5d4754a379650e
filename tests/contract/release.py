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
    return json.loads(json.dumps(openapi_document(the_app())))


def release() -> None:
    document = current()
    changes = breaking_changes(json.loads(RELEASED.read_text()), document)
    if changes:
        sys.exit("\n".join(["Not written: this would break clients.", *changes]))
    RELEASED.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    release()
