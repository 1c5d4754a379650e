"""Who is at the command line."""

import getpass
import os


def actor() -> str:
    """Give the user of this process, as the audit log writes it.

    A container may run under a number that no name goes with; and a name that is no text is
    written so that the database takes it.
    """
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # Which of them, depends on the version of Python.
        name = f"uid-{os.getuid()}"
    return f"cli:{name.encode(errors='backslashreplace').decode()}"
