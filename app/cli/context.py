"""What a command takes from its surroundings: the user, and the service's pricing."""

import getpass
import os

from flask import current_app

from app.services.pricing import Pricing


def actor() -> str:
    """Return the user of this process as the audit log names it, `cli:NAME`.

    A container may run under a user id without a name. Bytes of a name that are not UTF-8 are
    escaped, because the database refuses them.
    """
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # Python 3.13 raises OSError, older versions KeyError.
        name = f"uid-{os.getuid()}"
    return f"cli:{name.encode(errors='backslashreplace').decode()}"


def pricing() -> Pricing:
    """Return the pricing of the application."""
    found: Pricing = current_app.extensions["pulso_pricing"]
    return found
